//! `kubectl get`.
//!
//! Source: `staging/src/k8s.io/kubectl/pkg/cmd/get/get.go`.

use super::output::Output;
use super::sort::{Unsorted, sort};
use super::subresource;
use super::watch::Watching;
use crate::api::Object;
use crate::kubectl::builder::{self, Ask, Found};
use crate::kubectl::cx::{Cx, Pick};
use crate::kubectl::failure::Failure;
use crate::kubectl::flags::{self, FILES, Flag, Flags, PRINT, Parsed, SELECT, Takes};
use crate::kubectl::print::rows::{GetOptions, table};
use crate::kubectl::resources::Mapping;
use crate::kubectl::wait::Wait;

pub(super) const FLAGS: Flags = &[
    PRINT,
    SELECT,
    FILES,
    &[
        Flag("label-columns", Some('L'), Takes::List),
        Flag("show-labels", None, Takes::Bool),
        Flag("no-headers", None, Takes::Bool),
        Flag("show-kind", None, Takes::Bool),
        Flag("sort-by", None, Takes::Text),
        Flag("watch", Some('w'), Takes::Bool),
        Flag("watch-only", None, Takes::Bool),
        Flag("output-watch-events", None, Takes::Bool),
        Flag("ignore-not-found", None, Takes::Bool),
        Flag("chunk-size", None, Takes::Int),
        Flag("server-print", None, Takes::Bool),
        Flag("raw", None, Takes::Text),
        Flag("subresource", None, Takes::Text),
    ],
];

/// What `get` says when no resource is named.
const NO_RESOURCE: &str = "You must specify the type of resource to get. Use \"kubectl api-resources\" for a complete list of supported resources.\n\nerror: Required resource not specified.\nUse \"kubectl explain <resource>\" for a detailed description of that resource (e.g. kubectl explain pods).\nSee 'kubectl get -h' for help and examples";

/// `kubectl get`.
pub fn get(cx: &mut Cx, args: &[String]) -> Result<(), Failure> {
    let flags = flags::parse(args, FLAGS).map_err(|why| Failure::usage("get", &why))?;
    if let Some(path) = flags.get("raw").filter(|path| !path.is_empty()) {
        return super::raw::get(cx, &flags, path);
    }
    let watch = flags.on("watch") || flags.on("watch-only");
    if flags.words.is_empty() && !flags.has("filename") && !watch {
        return Err(Failure::plain(NO_RESOURCE));
    }
    check(&flags)?;
    if watch {
        return start_watch(cx, &flags);
    }
    // kubectl makes its printer when it has something to print, but refuses a format that it does not know in any case.
    let output = Output::parse(cx, &flags)?;
    let ask = Ask::of(&flags.words).kind_alone(true);
    let mut found = builder::find(cx, &flags, &ask)?;
    if !flags.text("subresource").is_empty() {
        if !found.by_name {
            return Err(Failure::error("subresource cannot be used when bulk resources are specified"));
        }
        if let Some(first) = found.infos.first()
            && subresource::is_scale(&flags, first.kind)?
        {
            return subresource::scales(cx, &flags, &output, &options(&flags, &output, false));
        }
    }
    if flags.on("ignore-not-found") {
        found.ignore_not_found();
    }
    match output.is_table() {
        true => print_tables(cx, &flags, &output, found),
        false => print_values(cx, &flags, &output, found),
    }
}

/// Flags that do not go together.
fn check(flags: &Parsed) -> Result<(), Failure> {
    let output = flags.text("output");
    if flags.on("show-labels") && !matches!(output.as_str(), "" | "wide") {
        return Err(Failure::error(format!("--show-labels option cannot be used with {output} printer")));
    }
    if flags.has("label-columns") && output.starts_with("custom-columns") {
        return Err(Failure::error(format!("--label-columns option cannot be used with {output} printer")));
    }
    if flags.on("output-watch-events") && !flags.on("watch") && !flags.on("watch-only") {
        return Err(Failure::error("--output-watch-events option can only be used with --watch or --watch-only"));
    }
    Ok(())
}

/// How tables are to look.
fn options(flags: &Parsed, output: &Output, with_kind: bool) -> GetOptions {
    GetOptions {
        wide: matches!(output, Output::Table(true)),
        show_labels: flags.on("show-labels"),
        label_columns: flags.all("label-columns"),
        all_namespaces: flags.on("all-namespaces"),
        no_headers: flags.on("no-headers"),
        with_kind: with_kind || flags.on("show-kind"),
        by_client: !flags.on_or("server-print", true),
        ..GetOptions::default()
    }
}

/// One table a kind, a blank line between them; a line that says so when there is nothing.
fn print_tables(cx: &mut Cx, flags: &Parsed, output: &Output, found: Found) -> Result<(), Failure> {
    let with_kind = match found.by_name {
        true => found.infos.iter().any(|i| i.kind != found.infos[0].kind),
        false => found.mappings.len() > 1,
    };
    let options = options(flags, output, with_kind);
    let (now, objects) = (cx.now(), found.objects());
    let mut first = true;
    for group in objects.chunk_by(|a, b| a.kind() == b.kind()) {
        if !std::mem::take(&mut first) && !options.no_headers {
            cx.line("");
        }
        let mut group = group.to_vec();
        if let Some(path) = flags.get("sort-by").filter(|p| !p.is_empty() && !found.by_name) {
            match sort(&mut group, path) {
                // The rows of a single table are lost together with the field.
                Err(Unsorted::NoField(_)) if found.mappings.len() == 1 => {
                    let line = nothing(cx, flags, &found.mappings);
                    cx.line(line);
                    continue;
                }
                sorted => sorted?,
            }
        }
        cx.out.push_str(&table(&group, &options, now));
    }
    if objects.is_empty() && found.failures.is_empty() && !flags.on("ignore-not-found") {
        let line = nothing(cx, flags, &found.mappings);
        cx.line(line);
    }
    Failure::result(found.failures)
}

/// What is said when there is nothing to show.
pub(super) fn nothing(cx: &Cx, flags: &Parsed, mappings: &[Mapping]) -> String {
    if flags.on("all-namespaces") || mappings.iter().any(|m| !m.namespaced()) {
        return "No resources found".into();
    }
    format!("No resources found in {} namespace.", cx.namespace(flags))
}

fn print_values(cx: &mut Cx, flags: &Parsed, output: &Output, found: Found) -> Result<(), Failure> {
    let mut objects: Vec<Object> = found.objects();
    if !found.failures.is_empty() && found.single || objects.is_empty() && flags.on("ignore-not-found") {
        return Failure::result(found.failures);
    }
    if let Some(path) = flags.get("sort-by").filter(|p| !p.is_empty() && !found.single) {
        sort(&mut objects, path)?;
    }
    let mut failures = found.failures;
    if flags.on("show-managed-fields") || matches!(output, Output::JsonPath(..) | Output::Columns(_) | Output::Template(_)) {
        let server = cx.backend.read();
        objects.iter_mut().for_each(|o| o.meta_mut().managed_fields = server.managed_fields(o));
    }
    failures.extend(output.print(cx, &objects, found.single).err());
    Failure::result(failures)
}

/// `-w`: what there is, then a row for every change.
fn start_watch(cx: &mut Cx, flags: &Parsed) -> Result<(), Failure> {
    if flags.has("sort-by") {
        let which = if flags.on("watch") { "--watch" } else { "--watch-only" };
        let end = if flags.on("watch") { " for watch events received" } else { "" };
        cx.line(format!("warning: {which} requested, --sort-by will be ignored{end}"));
    }
    let ask = Ask::of(&flags.words).kind_alone(true).single_type();
    let mut found = builder::find(cx, flags, &ask)?;
    if flags.on("ignore-not-found") {
        found.ignore_not_found();
    }
    Failure::result(std::mem::take(&mut found.failures))?;
    let kind = match found.mappings.first() {
        Some(Mapping::Kind(kind)) => *kind,
        Some(Mapping::Other(other)) => return Err(Mapping::unmodelled(other)),
        None => return Ok(()),
    };
    if found.by_name && found.infos.len() != 1 {
        let why = "you may only watch a single resource or type of resource at a time";
        return Err(Failure::error(why));
    }
    let output = Output::parse(cx, flags)?;
    let own = cx.namespace(flags);
    let namespace = (!flags.on("all-namespaces")).then_some(own);
    let pick = Pick::of(flags, Some(kind))?;
    let name = found.infos.first().filter(|_| found.by_name).map(|i| i.key.name.to_string());
    let options = options(flags, &output, false);
    let watching = Watching::new(kind, (namespace, name), pick, (output, options), flags.on("output-watch-events"));
    cx.wait = Some(Wait::Watch(Box::new(watching.begin(cx, !flags.on("watch-only")))));
    Ok(())
}
