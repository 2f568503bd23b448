//! What a command has at hand while it runs: the API server, the files of the session, and the terminal it prints to.

use super::config::Config;
use super::exec::Executing;
use super::failure::Failure;
use super::flags::Parsed;
use super::wait::Wait;
use crate::api::field_selector::FieldSelector;
use crate::api::selector::Selector;
use crate::api::validation::ENDPOINTS_DEPRECATED;
use crate::api::{Key, Kind, Object, Pod, Time};
use crate::apiserver::ApiServer;
use crate::apiserver::admission::FieldValidation;
use crate::time::Nanos;
use std::collections::BTreeMap;

/// The files of a session by name.
pub type Files = BTreeMap<String, String>;

/// What one command line leaves to the next.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Session {
    /// Files that command lines can name.
    pub files: Files,
    /// kubectl's own settings.
    pub config: Config,
}

/// What kubectl needs of the cluster.
pub trait Backend {
    /// The API server, to read.
    fn read(&self) -> &ApiServer;
    /// The API server, to write.
    fn api(&mut self) -> &mut ApiServer;
    /// The lines that a container printed (in its life before, if `previous`), and when; the error is the kubelet's.
    fn logs(&self, pod: &Pod, container: &str, previous: bool) -> Result<Vec<(Nanos, String)>, String>;
    /// The wall-clock second at which virtual time is 0.
    fn epoch(&self) -> i64;
    /// Lets a process in a container go on as far as it comes at this moment; what it prints is added to its own text. Its
    /// exit code, once it has ended; the error is the kubelet's.
    fn exec(&mut self, process: &mut Executing) -> Result<Option<i32>, String>;
}

/// A running command's surroundings.
pub struct Cx<'a> {
    /// The cluster.
    pub backend: &'a mut dyn Backend,
    /// Files, and kubectl's settings.
    pub session: &'a mut Session,
    /// What `-f -` reads.
    pub stdin: &'a str,
    /// Variables that were set in front of the command line.
    pub environment: BTreeMap<String, String>,
    /// What the server is to do with fields that it does not know.
    pub field_validation: FieldValidation,
    /// The command line, if it asks to be recorded as the cause of the change.
    pub record: Option<String>,
    /// What was printed.
    pub out: String,
    /// How many warnings of the server were printed.
    pub warned: usize,
    /// What the command waits for before it ends.
    pub wait: Option<Wait>,
}

impl Cx<'_> {
    /// Prints a line.
    pub fn line(&mut self, text: impl AsRef<str>) {
        self.out.push_str(text.as_ref());
        self.out.push('\n');
    }

    /// The cluster's clock.
    pub fn now(&self) -> Time {
        self.backend.read().clock()
    }

    /// The namespace of a command line.
    pub fn namespace(&self, flags: &Parsed) -> String {
        match flags.get("namespace") {
            Some(named) if !named.is_empty() => named.to_string(),
            _ => self.session.config.namespace().to_string(),
        }
    }

    /// The warning that every request about Endpoints earns.
    pub fn warn_endpoints(&mut self, kinds: impl IntoIterator<Item = Kind>) {
        if kinds.into_iter().any(|k| k == Kind::Endpoints) {
            self.warning(ENDPOINTS_DEPRECATED);
        }
    }

    /// Prints what the API server said beside accepting the last request.
    pub fn warn(&mut self) {
        for text in self.backend.api().take_warnings() {
            self.warning(&text);
        }
    }

    /// Prints a warning of the server, each but once a command.
    pub fn warning(&mut self, text: &str) {
        let line = format!("Warning: {text}");
        if !self.out.lines().any(|l| l == line) {
            self.line(line);
            self.warned += 1;
        }
    }

    /// The object of a kind and name.
    pub fn get(&self, kind: Kind, namespace: &str, name: &str) -> Result<Object, Failure> {
        let key = key(kind, namespace, name);
        self.backend.read().read(kind, &key).cloned().map_err(|s| Failure::status(&s))
    }

    /// The objects of a kind that selectors let through (`None`: all namespaces), by namespace and name.
    pub fn list(&self, kind: Kind, namespace: Option<&str>, pick: &Pick) -> Result<Vec<Object>, Failure> {
        let place = if kind.info().namespaced { namespace } else { Some("") };
        let store = self.backend.read().store();
        let all = store.list(kind, place).filter(|o| pick.labels.as_ref().is_none_or(|s| s.matches(&o.meta().labels)));
        let Some(fields) = &pick.fields else { return Ok(all.cloned().collect()) };
        let mut found = vec![];
        for object in all {
            if fields.matches(&object.to_value()) {
                found.push(object.clone());
            }
        }
        Ok(found)
    }
}

/// The key of an object: cluster-scoped kinds have no namespace.
pub fn key(kind: Kind, namespace: &str, name: &str) -> Key {
    Key::new(if kind.info().namespaced { namespace } else { "" }, name)
}

/// Label and field selectors of a command line.
#[derive(Clone, Debug, Default)]
pub struct Pick {
    /// `-l`
    pub labels: Option<Selector>,
    /// `--field-selector`
    pub fields: Option<FieldSelector>,
}

impl Pick {
    /// Reads `-l` and `--field-selector`, in the server's words when they make no sense.
    pub fn of(flags: &Parsed, kind: Option<Kind>) -> Result<Pick, Failure> {
        let text = flags.text("selector");
        let resource = kind.map(|k| {
            let info = k.info();
            let group = if info.group.is_empty() { String::new() } else { info.group.to_string() };
            format!("{group}/{}, Resource={}", info.version, info.plural)
        });
        let labels = match text.as_str() {
            "" => None,
            text => Some(Selector::parse(text).map_err(|why| match &resource {
                Some(resource) => {
                    let fields = flags.text("field-selector");
                    Failure::plain(format!(
                        "Error from server (BadRequest): Unable to find {resource:?} that match label selector {text:?}, field selector {fields:?}: {why}"
                    ))
                }
                None => Failure::error(why),
            })?),
        };
        let fields = match flags.text("field-selector").as_str() {
            "" => None,
            fields => Some(FieldSelector::parse(fields).map_err(|why| match &resource {
                Some(resource) => Failure::plain(format!(
                    "Error from server (BadRequest): Unable to find {resource:?} that match label selector {text:?}, field selector {fields:?}: {why}"
                )),
                None => Failure::error(why),
            })?),
        };
        if let (Some(fields), Some(kind)) = (&fields, kind) {
            fields.check(kind).map_err(|why| {
                let info = kind.info();
                let resource = format!("{}/{}, Resource={}", info.group, info.version, info.plural);
                Failure::plain(format!(
                    "Error from server (BadRequest): Unable to find {resource:?} that match label selector {text:?}, field selector {:?}: {why}",
                    flags.text("field-selector")
                ))
            })?;
        }
        Ok(Pick { labels, fields })
    }
}
