//! Server-side apply: the configuration of one manager is merged into the object; what it does not name any more goes.

use super::set::{Element, shown};
use super::{Client, Entry, LAST_APPLIED, Managers, Set, own, walk};
use crate::api::codec::Decoder;
use crate::api::{Kind, Object, Time};
use crate::apiserver::Status;
use crate::apiserver::patch::schema::Shape;
use crate::sorting::Arrange;
use serde_json::{Value, json};

/// The manager whose applied configuration `kubectl apply` without the server keeps in an annotation.
const KUBECTL: &str = "kubectl";
/// Who owns that annotation from then on.
const KEEPER: &str = "kubectl-last-applied";

impl Managers {
    /// The object that an applied configuration makes of another (`null`: there is none), and who owns what from then on.
    pub fn apply(
        &self,
        kind: Kind,
        live: &Value,
        config: &Value,
        manager: &str,
        force: bool,
        time: Time,
    ) -> Result<(Value, Vec<Entry>), Status> {
        let shape = Shape::Root(kind);
        let uid = live["metadata"]["uid"].as_str().unwrap_or_default();
        let set = own(typed(kind, config)?, "");
        let mut entries = self.of(uid).to_vec();
        let client = Client { manager: manager.into(), subresource: "" };
        let mine = entries.iter().position(|e| e.applied && e.client == client);
        let last = mine.map(|i| entries.remove(i).fields).unwrap_or_default();
        let nothing = json!({});
        let live_tree = if live.is_null() { &nothing } else { live };
        let mut object = walk::merge(live_tree, config, shape);
        prune(&mut object, &last, &set, &entries, shape);
        let found = walk::compare(live_tree, &object, shape);
        let changed = own(found.changed(), "");
        let conflicts: Vec<Set> = entries.iter().map(|e| e.fields.intersection(&changed)).collect();
        if !force && conflicts.iter().any(|c| !c.is_empty()) {
            let allowed = if manager == KUBECTL { from_last_applied(live, shape) } else { Set::default() };
            refuse(&entries, conflicts.iter().map(|c| c.difference(&allowed)).collect())?;
        }
        for (entry, conflict) in entries.iter_mut().zip(&conflicts) {
            entry.fields = entry.fields.difference(conflict).difference(&found.removed);
        }
        entries.push(Entry { client, applied: true, api_version: kind.api_version(), time, fields: set });
        if manager == KUBECTL
            && let Some(annotations) = object.pointer_mut("/metadata/annotations")
            && let Some(annotation) = annotations.get_mut(&LAST_APPLIED[2..])
        {
            let mut plain = config.clone();
            if let Some(annotations) = plain.pointer_mut("/metadata/annotations").and_then(Value::as_object_mut) {
                annotations.remove(&LAST_APPLIED[2..]);
            }
            *annotation = Value::String(format!("{plain}\n"));
        }
        Ok((object, entries))
    }

    /// Remembers who owns what after an apply.
    pub fn applied(&mut self, uid: &str, entries: Vec<Entry>) {
        self.put(uid, entries);
    }

    /// Whether an object was made by `kubectl apply` without the server: then its fields go over to the manager (`csaupgrade`).
    pub fn upgrade(&mut self, uid: &str, manager: &str) -> bool {
        let annotation: [Element; 3] = ["f:metadata".into(), "f:annotations".into(), LAST_APPLIED.into()];
        let mut entries = self.of(uid).to_vec();
        let old: Vec<Entry> = entries.iter().filter(|e| !e.applied && e.fields.has(&annotation)).cloned().collect();
        if old.is_empty() {
            return false;
        }
        let kept = old[0].clone();
        entries.retain(|e| e.applied || !e.fields.has(&annotation));
        if let Some(mine) = entries.iter_mut().find(|e| e.applied && e.client.manager == manager) {
            for entry in old {
                mine.fields = std::mem::take(&mut mine.fields).union(&entry.fields.without(&annotation));
            }
        }
        // The annotation stays, for whoever goes back.
        let client = Client { manager: KEEPER.into(), subresource: "" };
        let mut fields = Set::default();
        fields.insert(&annotation);
        entries.push(Entry { client, applied: true, fields, ..kept });
        self.put(uid, entries);
        true
    }
}

/// The fields of a configuration, or why it is no object of its kind.
fn typed(kind: Kind, config: &Value) -> Result<Set, Status> {
    let mut decoder = Decoder::default();
    Object::decode(kind, config, &mut decoder);
    let undeclared = decoder.unknown.iter().filter_map(|text| text.split('"').nth(1));
    let mut errors: Vec<String> = undeclared.map(|path| format!(".{path}: field not declared in schema")).collect();
    let fields = walk::fields(config, Shape::Root(kind)).unwrap_or_else(|why| {
        errors.extend(why);
        Set::default()
    });
    if let Some((steps, why)) = decoder.typed_error {
        errors.push(format!("{}: {why}", walk::place(config, &steps, Shape::Root(kind))));
    } else if errors.is_empty() {
        errors.extend(decoder.convert_error);
    }
    let text = match errors.as_slice() {
        [] => return Ok(fields),
        [one] => one.clone(),
        many => format!("errors:\n  {}", many.join("\n  ")),
    };
    let (info, meta) = (kind.info(), &config["metadata"]);
    let of = |name: &str| meta[name].as_str().unwrap_or_default().to_string();
    Err(Status::new(
        500,
        "",
        format!(
            "failed to create typed patch object ({}/{}; {}, Kind={}): {text}",
            of("namespace"),
            of("name"),
            if info.group.is_empty() { format!("/{}", info.version) } else { kind.api_version() },
            info.name
        ),
    ))
}

/// Takes away what the manager had applied and names no more, unless somebody else owns it or something in it.
fn prune(object: &mut Value, last: &Set, now: &Set, others: &[Entry], shape: Shape) {
    let mut paths = last.difference(now).paths();
    paths.arrange_by_key(Vec::len);
    // An element of which others own a part keeps the fields by which it is known.
    let names_one = |path: &[Element]| match path {
        [.., of, last] => of.starts_with("k:") && of.contains(&format!("{:?}:", &last[2..])),
        _ => false,
    };
    let kept = |path: &[Element]| names_one(path) || now.touches(path) || others.iter().any(|e| e.fields.touches(path));
    for path in paths.iter().filter(|path| !kept(path)) {
        walk::remove(object, path, shape);
    }
}

/// What `kubectl apply` without the server has set and nobody has changed since: its server-side successor may take it over.
fn from_last_applied(live: &Value, shape: Shape) -> Set {
    let text = live["metadata"]["annotations"][&LAST_APPLIED[2..]].as_str().unwrap_or_default();
    let Ok(last) = serde_json::from_str::<Value>(text) else { return Set::default() };
    let other = walk::compare(&last, live, shape);
    let fields = walk::fields(&last, shape).unwrap_or_default();
    fields.difference(&other.modified).difference(&other.added).difference(&other.removed)
}

/// The conflict of an apply, if there is one: who else owns what it would change.
fn refuse(entries: &[Entry], conflicts: Vec<Set>) -> Result<(), Status> {
    let mut found: Vec<(&Entry, Vec<Vec<Element>>)> =
        entries.iter().zip(conflicts).map(|(e, c)| (e, c.paths())).filter(|(_, paths)| !paths.is_empty()).collect();
    found.arrange_by_key(|(entry, _)| entry.order());
    let count: usize = found.iter().map(|(_, paths)| paths.len()).sum();
    let text = match found.as_slice() {
        [] => return Ok(()),
        [(entry, paths)] if count == 1 => {
            format!("Apply failed with 1 conflict: conflict with {}: {}", entry.shown(), shown(&paths[0]))
        }
        many => {
            let mut lines = vec![];
            for (entry, paths) in many {
                lines.push(format!("conflicts with {}:", entry.shown()));
                lines.extend(paths.iter().map(|path| format!("- {}", shown(path))));
            }
            format!("Apply failed with {count} conflicts: {}", lines.join("\n"))
        }
    };
    Err(Status::new(409, "Conflict", text))
}
