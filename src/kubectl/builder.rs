//! Which objects a command line means: words, files and selectors become objects, with kubectl's own refusals.
//!
//! Source: `staging/src/k8s.io/cli-runtime/pkg/resource/builder.go`. Promises: what is wrong with the words themselves comes back as
//! `Err` before anything was asked of the server; what the server refuses comes back beside what was found.

use super::cx::{Cx, Pick, key};
use super::failure::Failure;
use super::flags::Parsed;
use super::resources::{self, Mapping};
use super::verbs::files::{self, FILE_FLAGS};
use crate::api::{Key, Kind, Object};
use serde_json::Value;

/// What a command asks for.
#[derive(Clone, Debug, Default)]
pub struct Ask<'a> {
    words: &'a [String],
    kind_alone: bool,
    all: bool,
    names_only: bool,
    as_filed: bool,
    local: bool,
    single_type: bool,
}

impl<'a> Ask<'a> {
    /// The objects that these words (and `-f`, `-l`, `--field-selector`, `-A`) mean, as the server has them.
    pub fn of(words: &'a [String]) -> Ask<'a> {
        Ask { words, ..Ask::default() }
    }

    /// A kind without names means all its objects.
    pub fn kind_alone(self, yes: bool) -> Ask<'a> {
        Ask { kind_alone: yes, ..self }
    }

    /// `--all` stands beside the selectors and must not be given with one.
    pub fn all(self, yes: bool) -> Ask<'a> {
        Ask { all: yes, ..self }
    }

    /// Named objects are not fetched: the command finds out whether they are there.
    pub fn names_only(self) -> Ask<'a> {
        Ask { names_only: true, ..self }
    }

    /// Objects from files are taken as they were written.
    pub fn as_filed(self) -> Ask<'a> {
        Ask { as_filed: true, ..self }
    }

    /// The same, and no server is asked (`--local`): nobody knows then which kinds have a namespace, and none is filled in.
    pub fn local(self, yes: bool) -> Ask<'a> {
        Ask { local: yes, as_filed: self.as_filed || yes, ..self }
    }

    /// Only one kind may be named.
    pub fn single_type(self) -> Ask<'a> {
        Ask { single_type: true, ..self }
    }
}

/// An object that was meant.
#[derive(Clone, Debug)]
pub struct Info {
    /// Its kind.
    pub kind: Kind,
    /// Where it is.
    pub key: Key,
    /// The object; `None` when it was not asked for.
    pub object: Option<Object>,
    /// The file that named it.
    pub source: Option<String>,
    /// What the file says.
    pub value: Option<Value>,
}

/// What was found.
#[derive(Debug, Default)]
pub struct Found {
    /// The objects, in order.
    pub infos: Vec<Info>,
    /// What failed on the way.
    pub failures: Vec<Failure>,
    /// After how many objects each failure of a file stands.
    pub after: Vec<usize>,
    /// Whether exactly one object was asked for by its name.
    pub single: bool,
    /// The resources that were asked for.
    pub mappings: Vec<Mapping>,
    /// Whether objects were asked for by name.
    pub by_name: bool,
}

impl Found {
    /// The objects.
    pub fn objects(&self) -> Vec<Object> {
        self.infos.iter().filter_map(|i| i.object.clone()).collect()
    }

    /// Forgets that something was not there (`--ignore-not-found`).
    pub fn ignore_not_found(&mut self) {
        self.failures.retain(|f| !f.not_found);
    }
}

/// What a command says that was told of no object.
pub const NOTHING: &str = "You must provide one or more resources by argument or filename.\nExample resource specifications include:\n   '-f rsrc.yaml'\n   '--filename=rsrc.json'\n   '<resource> <name>'\n   '<resource>'";

/// Words taken apart.
#[derive(Default)]
struct Words {
    /// Kinds, and the names that are asked for of them.
    resources: Vec<String>,
    names: Vec<String>,
    /// `kind/name` words.
    tuples: Vec<(String, String)>,
}

/// Finds the objects that a command line means.
pub fn find(cx: &mut Cx, flags: &Parsed, ask: &Ask) -> Result<Found, Failure> {
    let mut problems = missing_files(cx, flags);
    let selected = selected(flags);
    if ask.all && selected {
        problems.push(Failure::error("setting 'all' parameter but found a non empty selector. "));
    }
    let words = match take_apart(ask.words) {
        Ok(words) => words,
        Err(failure) => {
            problems.push(failure);
            Words::default()
        }
    };
    if !problems.is_empty() {
        return Err(Failure::join(problems));
    }
    if flags.has(FILE_FLAGS) || flags.has("kustomize") {
        return by_files(cx, flags, ask, &words);
    }
    let kind_alone = ask.kind_alone && !words.resources.is_empty() && words.names.is_empty();
    if selected || ask.all || kind_alone {
        return by_selector(cx, flags, ask, &words);
    }
    by_name(cx, flags, ask, words)
}

fn missing_files(cx: &Cx, flags: &Parsed) -> Vec<Failure> {
    let mut problems = vec![];
    if flags.all(FILE_FLAGS).iter().filter(|f| *f == "-").count() > 1 {
        problems.push(Failure::error("standard input cannot be used for multiple arguments"));
    }
    problems.extend(files::expand(cx, flags).err().unwrap_or_default());
    problems
}

fn take_apart(words: &[String]) -> Result<Words, Failure> {
    let mut words = words.to_vec();
    if words.len() > 1 && words[0].contains(',') {
        let kinds = unique(&words[0]);
        if kinds.len() > 1 {
            words = kinds.iter().flat_map(|kind| words[1..].iter().map(move |name| format!("{kind}/{name}"))).collect();
        }
    }
    let slashes = words.iter().filter(|w| w.contains('/')).count();
    if slashes > 0 && slashes < words.len() {
        return Err(Failure::error(
            "there is no need to specify a resource type as a separate argument when passing arguments in resource/name form (e.g. 'kubectl get resource/<resource_name>' instead of 'kubectl get resource resource/<resource_name>'",
        ));
    }
    if slashes > 0 {
        let tuples = words.iter().map(|w| tuple(w)).collect::<Result<_, _>>()?;
        return Ok(Words { tuples, ..Words::default() });
    }
    let Some((first, names)) = words.split_first() else { return Ok(Words::default()) };
    let expanded: Vec<String> = first
        .split(',')
        .flat_map(|word| match resources::category(word) {
            [] => vec![word.to_string()],
            of => of.iter().map(|r| r.to_string()).collect(),
        })
        .collect();
    Ok(Words { resources: unique(&expanded.join(",")), names: names.to_vec(), tuples: vec![] })
}

/// The parts between commas, each once.
fn unique(text: &str) -> Vec<String> {
    let mut parts: Vec<String> = vec![];
    for part in text.split(',') {
        if !parts.iter().any(|p| p == part) {
            parts.push(part.to_string());
        }
    }
    parts
}

fn tuple(word: &str) -> Result<(String, String), Failure> {
    let parts: Vec<&str> = word.split('/').collect();
    match parts.as_slice() {
        [kind, name] if !kind.is_empty() && !name.is_empty() && unique(kind).len() == 1 => {
            Ok((kind.to_string(), name.to_string()))
        }
        [_, _] => Err(Failure::error("arguments in resource/name form must have a single resource and name")),
        _ => Err(Failure::error("arguments in resource/name form may not have more than one slash")),
    }
}

/// The resources that words name, each once.
fn mappings(words: &[String], single_type: bool) -> Result<Vec<Mapping>, Failure> {
    if words.len() > 1 && single_type {
        return Err(Failure::error("you may only specify a single resource type"));
    }
    let mut found = vec![];
    for word in words {
        let mapping = resources::mapping(word)?;
        if !found.contains(&mapping) {
            found.push(mapping);
        }
    }
    Ok(found)
}

fn by_selector(cx: &mut Cx, flags: &Parsed, ask: &Ask, words: &Words) -> Result<Found, Failure> {
    if !words.names.is_empty() {
        return Err(Failure::error("name cannot be provided when a selector is specified"));
    }
    if !words.tuples.is_empty() {
        return Err(Failure::error("selectors and the all flag cannot be used when passing resource/name arguments"));
    }
    if words.resources.is_empty() {
        return Err(Failure::error("at least one resource must be specified to use a selector"));
    }
    let mut found = Found { mappings: mappings(&words.resources, ask.single_type)?, ..Found::default() };
    let own = cx.namespace(flags);
    let namespace = (!flags.on("all-namespaces")).then_some(own.as_str());
    for mapping in found.mappings.clone() {
        let kind = match mapping {
            Mapping::Kind(kind) if built_in(kind, namespace.is_none()) && !selected(flags) => {
                return Err(Failure::error(format!("the lab does not model the {} that every cluster has", kind.info().plural)));
            }
            Mapping::Kind(kind) => kind,
            Mapping::Other(other) if other.filled => return Err(Mapping::unmodelled(other)),
            Mapping::Other(_) => continue,
        };
        cx.warn_endpoints([kind]);
        match Pick::of(flags, Some(kind)).and_then(|pick| cx.list(kind, namespace, &pick)) {
            Ok(objects) => found.infos.extend(objects.into_iter().map(info)),
            Err(failure) => found.failures.push(failure),
        }
    }
    Ok(found)
}

/// Whether a real cluster has objects of a kind from the beginning that the lab does not have.
fn built_in(kind: Kind, everywhere: bool) -> bool {
    match kind {
        Kind::ClusterRole | Kind::ClusterRoleBinding => true,
        Kind::Role | Kind::RoleBinding => everywhere,
        _ => false,
    }
}

fn selected(flags: &Parsed) -> bool {
    !flags.text("selector").trim().is_empty() || !flags.text("field-selector").trim().is_empty()
}

fn info(object: Object) -> Info {
    Info { kind: object.kind(), key: object.key(), object: Some(object), source: None, value: None }
}

fn by_name(cx: &mut Cx, flags: &Parsed, ask: &Ask, words: Words) -> Result<Found, Failure> {
    let items: Vec<(Mapping, String)> = if !words.tuples.is_empty() {
        let kinds: Vec<String> = words.tuples.iter().map(|(kind, _)| kind.clone()).collect();
        let kinds = kinds.iter().map(|k| resources::mapping(k)).collect::<Result<Vec<_>, _>>()?;
        if ask.single_type && kinds.iter().any(|k| *k != kinds[0]) {
            return Err(Failure::error("you may only specify a single resource type"));
        }
        kinds.into_iter().zip(words.tuples.into_iter().map(|(_, name)| name)).collect()
    } else if !words.names.is_empty() {
        if words.resources.len() > 1 {
            return Err(Failure::error("you must specify only one resource"));
        }
        let mapping = mappings(&words.resources, ask.single_type)?[0];
        words.names.into_iter().map(|name| (mapping, name)).collect()
    } else {
        mappings(&words.resources, false)?;
        let nothing = if words.resources.is_empty() { NOTHING } else { "resource(s) were provided, but no name was specified" };
        return Err(Failure::error(nothing));
    };
    if flags.on("all-namespaces") && items.iter().any(|(m, _)| m.namespaced()) {
        return Err(Failure::error("a resource cannot be retrieved by name across all namespaces"));
    }
    let mut found = Found { single: items.len() == 1, by_name: true, ..Found::default() };
    let namespace = cx.namespace(flags);
    for (mapping, name) in items {
        if !found.mappings.contains(&mapping) {
            found.mappings.push(mapping);
        }
        let kind = match mapping {
            Mapping::Kind(kind) => kind,
            Mapping::Other(other) if other.filled => return Err(Mapping::unmodelled(other)),
            Mapping::Other(_) => {
                found.failures.push(Failure::not_there(&mapping.resource(), &name));
                continue;
            }
        };
        let key = key(kind, &namespace, &name);
        if ask.names_only {
            found.infos.push(Info { kind, key, object: None, source: None, value: None });
            continue;
        }
        cx.warn_endpoints([kind]);
        match cx.get(kind, &key.namespace, &name) {
            Ok(object) => found.infos.push(info(object)),
            Err(failure) => found.failures.push(failure),
        }
    }
    Ok(found)
}

fn by_files(cx: &mut Cx, flags: &Parsed, ask: &Ask, words: &Words) -> Result<Found, Failure> {
    if !words.names.is_empty() || !words.resources.is_empty() {
        let what = "when paths, URLs, or stdin is provided as input, you may not specify resource arguments as well";
        return Err(Failure::error(what));
    }
    if !words.tuples.is_empty() {
        return Err(Failure::error("resource/name arguments cannot be provided when a path is specified"));
    }
    let items = files::read_each(cx, flags)?;
    let files = files::expand(cx, flags).unwrap_or_default();
    let single = files.len() == 1 && files[0] != "-" && items.iter().filter(|i| i.is_ok()).count() == 1;
    let mut found = Found { single, by_name: true, ..Found::default() };
    let pick = Pick::of(flags, None)?;
    for item in items {
        let item = match item {
            Ok(item) => item,
            Err(failure) => {
                found.after.push(found.infos.len());
                found.failures.push(failure);
                continue;
            }
        };
        let mapping = Mapping::Kind(item.kind);
        if !found.mappings.contains(&mapping) {
            found.mappings.push(mapping);
        }
        let key = key(item.kind, &item.namespace, &item.name);
        let mut info = Info { kind: item.kind, key, object: None, source: Some(item.file), value: Some(item.value) };
        if ask.names_only {
            found.infos.push(info);
            continue;
        }
        let object = if ask.as_filed {
            let value = info.value.clone().unwrap_or_default();
            let namespace = if ask.local { "" } else { &item.namespace };
            files::decode(item.kind, &value, namespace).map_err(|s| Failure::status(&s))
        } else {
            cx.warn_endpoints([item.kind]);
            cx.get(item.kind, &info.key.namespace, &info.key.name)
        };
        match object {
            Ok(object) if pick.labels.as_ref().is_none_or(|s| s.matches(&object.meta().labels)) => {
                info.object = Some(object);
                found.infos.push(info);
            }
            Ok(_) => {}
            Err(failure) => found.failures.push(failure),
        }
    }
    Ok(found)
}
