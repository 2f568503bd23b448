//! Which objects a command line means: words, files and selectors become objects, with kubectl's own refusals.
//!
//! Source: `staging/src/k8s.io/cli-runtime/pkg/resource/builder.go`. Promises: what is wrong with the words themselves comes back as
//! `Err` before anything was asked of the server; what the server refuses comes back beside what was found.

mod by_files;
mod by_name;
mod by_selector;
mod words;

use super::cx::Cx;
use super::failure::Failure;
use super::flags::Parsed;
use super::resources::Mapping;
use super::verbs::files::FILE_FLAGS;
use crate::api::{Key, Kind, Object};
use by_files::{by_files, missing_files};
use by_name::by_name;
use by_selector::by_selector;
use serde_json::Value;
use words::{Words, take_apart};

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

impl Info {
    fn of(object: Object) -> Info {
        Info { kind: object.kind(), key: object.key(), object: Some(object), source: None, value: None }
    }
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

    /// Takes a resource up among those that were asked for, once.
    fn note(&mut self, mapping: Mapping) {
        if !self.mappings.contains(&mapping) {
            self.mappings.push(mapping);
        }
    }
}

/// What a command says that was told of no object.
pub const NOTHING: &str = "You must provide one or more resources by argument or filename.\nExample resource specifications include:\n   '-f rsrc.yaml'\n   '--filename=rsrc.json'\n   '<resource> <name>'\n   '<resource>'";

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

fn selected(flags: &Parsed) -> bool {
    !flags.text("selector").trim().is_empty() || !flags.text("field-selector").trim().is_empty()
}
