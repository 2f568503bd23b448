//! `kubectl get` and `kubectl events`.

use super::files::FILE_FLAGS;
use super::output::Output;
use crate::api::{Kind, Object};
use crate::kubectl::cx::{Cx, Pick};
use crate::kubectl::failure::Failure;
use crate::kubectl::flags::{self, Flag, Parsed, Takes};
use crate::kubectl::print::rows::{GetOptions, table};
use crate::kubectl::resources::{self, Named};
use crate::kubectl::wait::{Wait, Waited};
use crate::sorting::Arrange;
use std::collections::BTreeMap;

pub(super) const FLAGS: &[Flag] = &[
    Flag("output", Some('o'), Takes::Text),
    Flag("selector", Some('l'), Takes::Text),
    Flag("field-selector", None, Takes::Text),
    Flag("all-namespaces", Some('A'), Takes::Bool),
    Flag("label-columns", Some('L'), Takes::List),
    Flag("show-labels", None, Takes::Bool),
    Flag("no-headers", None, Takes::Bool),
    Flag("show-kind", None, Takes::Bool),
    Flag("sort-by", None, Takes::Text),
    Flag("watch", Some('w'), Takes::Bool),
    Flag("watch-only", None, Takes::Bool),
    Flag("ignore-not-found", None, Takes::Bool),
    Flag("filename", Some('f'), Takes::Many),
    Flag("recursive", Some('R'), Takes::Bool),
    Flag("chunk-size", None, Takes::Int),
    Flag("show-managed-fields", None, Takes::Bool),
    Flag("template", None, Takes::Text),
];

/// What `get` says when no resource is named.
const NO_RESOURCE: &str = "You must specify the type of resource to get. Use \"kubectl api-resources\" for a complete list of supported resources.\n\nerror: Required resource not specified.\nUse \"kubectl explain <resource>\" for a detailed description of that resource (e.g. kubectl explain pods).\nSee 'kubectl get -h' for help and examples";

/// `kubectl get`.
pub fn get(cx: &mut Cx, args: &[String]) -> Result<(), Failure> {
    let flags = flags::parse(args, FLAGS).map_err(|why| Failure::usage("get", &why))?;
    let output = Output::parse(flags.get("output"))?;
    if flags.words.is_empty() && !flags.has(FILE_FLAGS) {
        return Err(Failure::plain(NO_RESOURCE));
    }
    let named = if flags.has(FILE_FLAGS) { super::files::named(cx, &flags)? } else { resources::named(&flags.words)? };
    show(cx, &flags, &output, &named)
}

pub(super) const EVENTS: &[Flag] = &[
    Flag("output", Some('o'), Takes::Text),
    Flag("for", None, Takes::Text),
    Flag("types", None, Takes::List),
    Flag("all-namespaces", Some('A'), Takes::Bool),
    Flag("no-headers", None, Takes::Bool),
    Flag("watch", Some('w'), Takes::Bool),
];

/// `kubectl events`.
pub fn events(cx: &mut Cx, args: &[String]) -> Result<(), Failure> {
    let flags = flags::parse(args, EVENTS).map_err(|why| Failure::usage("events", &why))?;
    let namespace = cx.namespace(&flags);
    let mut events = cx.list(Kind::Event, (!flags.on("all-namespaces")).then_some(namespace.as_str()), &Pick::default())?;
    if let Some(about) = flags.get("for") {
        let (kind, name) = about.split_once('/').unwrap_or(("", about));
        let kind = resources::kind(kind)?;
        events.retain(
            |o| matches!(o, Object::Event(e) if e.involved_object.kind == kind.info().name && e.involved_object.name == name),
        );
    }
    let types = flags.all("types");
    events
        .retain(|o| types.is_empty() || matches!(o, Object::Event(e) if types.iter().any(|t| t.eq_ignore_ascii_case(&e.type_))));
    if events.is_empty() {
        let place = if flags.on("all-namespaces") {
            "No events found.".into()
        } else {
            format!("No events found in {namespace} namespace.")
        };
        cx.line(place);
        return Ok(());
    }
    let options =
        GetOptions { all_namespaces: flags.on("all-namespaces"), no_headers: flags.on("no-headers"), ..GetOptions::default() };
    let text = table(&events, &options, cx.now());
    cx.out.push_str(&text);
    Ok(())
}

/// Finds what was named and prints it.
fn show(cx: &mut Cx, flags: &Parsed, output: &Output, named: &Named) -> Result<(), Failure> {
    let own = cx.namespace(flags);
    let everywhere = flags.on("all-namespaces");
    let namespace = (!everywhere).then_some(own.as_str());
    let kinds = kinds(named);
    cx.warn_endpoints(kinds.iter().copied());
    if everywhere && named.by_name() {
        return Err(Failure::error("a resource cannot be retrieved by name across all namespaces"));
    }
    let pick = Pick::of(flags, kinds.first().copied())?;
    if named.by_name() && (pick.labels.is_some() || pick.fields.is_some()) {
        return Err(Failure::error("name cannot be provided when a selector is specified"));
    }
    let (mut found, mut failures) = cx.find(named, namespace, &pick);
    if flags.on("ignore-not-found") {
        failures.retain(|f| !f.text.starts_with("Error from server (NotFound)"));
    }
    if let Some(path) = flags.get("sort-by") {
        sort(&mut found, path)?;
    }
    if output.is_table() {
        let options = options(flags, output, named);
        if found.is_empty() && failures.is_empty() && !flags.on("ignore-not-found") && !flags.on("watch") {
            let namespaced = kinds.iter().any(|k| k.info().namespaced);
            let place = if everywhere || !namespaced { String::new() } else { format!(" in {own} namespace.") };
            cx.line(format!("No resources found{place}"));
        }
        print_tables(cx, &found, &options);
        if flags.on("watch") || flags.on("watch-only") {
            cx.wait = Some(Wait::Watch(Watching::new(cx, named.clone(), namespace.map(str::to_string), pick, options)));
        }
    } else if !found.is_empty() || failures.is_empty() {
        let single = named.single || (found.len() == 1 && named.by_name());
        output.print(cx, &found, single)?;
    }
    if failures.is_empty() { Ok(()) } else { Err(Failure::join(failures)) }
}

fn kinds(named: &Named) -> Vec<Kind> {
    let mut kinds = vec![];
    for (kind, _) in &named.items {
        if !kinds.contains(kind) {
            kinds.push(*kind);
        }
    }
    kinds
}

fn options(flags: &Parsed, output: &Output, named: &Named) -> GetOptions {
    GetOptions {
        wide: matches!(output, Output::Table(true)),
        show_labels: flags.on("show-labels"),
        label_columns: flags.all("label-columns"),
        all_namespaces: flags.on("all-namespaces"),
        no_headers: flags.on("no-headers"),
        with_kind: named.with_kind || flags.on("show-kind"),
        ..GetOptions::default()
    }
}

/// One table a kind, a blank line between them.
fn print_tables(cx: &mut Cx, objects: &[Object], options: &GetOptions) {
    let now = cx.now();
    let mut first = true;
    for group in objects.chunk_by(|a, b| a.kind() == b.kind()) {
        if !std::mem::take(&mut first) {
            cx.line("");
        }
        cx.out.push_str(&table(group, options, now));
    }
}

/// `--sort-by`: by the value that a JSONPath finds.
fn sort(objects: &mut [Object], path: &str) -> Result<(), Failure> {
    use crate::kubectl::print::jsonpath::{JsonPath, relaxed};
    let template = relaxed(path).map_err(Failure::error)?;
    let parsed = JsonPath::parse(&template).map_err(|why| Failure::error(format!("error parsing jsonpath {path}, {why}")))?;
    let mut keyed: Vec<(SortKey, Object)> = vec![];
    for object in objects.iter() {
        let text = parsed.print(&object.to_value()).map_err(Failure::error)?;
        keyed.push((SortKey::of(text), object.clone()));
    }
    keyed.arrange_by(|a, b| a.0.cmp(&b.0));
    for (place, (_, object)) in objects.iter_mut().zip(keyed) {
        *place = object;
    }
    Ok(())
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum SortKey {
    Number(i64),
    Text(String),
}

impl SortKey {
    fn of(text: String) -> SortKey {
        text.parse().map_or(SortKey::Text(text), SortKey::Number)
    }
}

/// `-w`: prints a row for each change until it is interrupted.
#[derive(Clone, Debug)]
pub struct Watching {
    named: Named,
    namespace: Option<String>,
    pick: Pick,
    options: GetOptions,
    seen: BTreeMap<(Kind, crate::api::Key), Object>,
}

impl PartialEq for Watching {
    fn eq(&self, other: &Self) -> bool {
        self.named == other.named && self.seen == other.seen
    }
}

impl Watching {
    fn new(cx: &Cx, named: Named, namespace: Option<String>, pick: Pick, options: GetOptions) -> Watching {
        let (found, _) = cx.find(&named, namespace.as_deref(), &pick);
        let seen = found.into_iter().map(|o| ((o.kind(), o.key()), o)).collect();
        Watching { named, namespace, pick, options: GetOptions { no_headers: true, ..options }, seen }
    }

    /// Prints what changed since the last look.
    pub fn poll(mut self, cx: &mut Cx) -> Waited {
        let (found, _) = cx.find(&self.named, self.namespace.as_deref(), &self.pick);
        let now: BTreeMap<_, Object> = found.into_iter().map(|o| ((o.kind(), o.key()), o)).collect();
        let mut changed: Vec<&Object> = now.iter().filter(|(k, o)| self.seen.get(*k) != Some(*o)).map(|(_, o)| o).collect();
        changed.extend(self.seen.iter().filter(|(k, _)| !now.contains_key(*k)).map(|(_, o)| o));
        changed.arrange_by_key(|o| o.meta().resource_version.parse::<u64>().unwrap_or(0));
        for object in changed {
            let row = table(std::slice::from_ref(object), &self.options, cx.now());
            cx.out.push_str(&row);
        }
        self.seen = now;
        Waited::Still(Wait::Watch(self))
    }
}
