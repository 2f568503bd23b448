//! `-f`: manifests of the session, read as kubectl reads them.

use crate::api::{Kind, Object};
use crate::apiserver::{Status, admission};
use crate::kubectl::cx::Cx;
use crate::kubectl::failure::Failure;
use crate::kubectl::flags::Parsed;
use crate::kubectl::resources::Named;
use crate::manifest;
use serde_json::Value;

/// The flag that names files.
pub const FILE_FLAGS: &str = "filename";

/// One object of a file.
#[derive(Clone, Debug)]
pub struct Item {
    /// The file's name as typed.
    pub file: String,
    /// The object as written.
    pub value: Value,
    /// Its kind.
    pub kind: Kind,
    /// Its name.
    pub name: String,
    /// Its namespace ("" for cluster-scoped kinds).
    pub namespace: String,
}

/// All objects of all files that `-f` names, in order, and what is wrong with the others.
pub fn read(cx: &Cx, flags: &Parsed) -> Result<(Vec<Item>, Vec<Failure>), Failure> {
    let (mut items, mut failures) = (vec![], vec![]);
    for file in flags.all(FILE_FLAGS) {
        let text = match file.as_str() {
            "-" => cx.stdin.to_string(),
            name => match cx.files.get(name) {
                Some(text) => text.clone(),
                None => return Err(Failure::error(format!("the path {name:?} does not exist"))),
            },
        };
        let shown = if file == "-" { "STDIN" } else { &file };
        let read = manifest::read(&text);
        let error = read.error(shown);
        for document in read.documents {
            match item(shown, document.value, flags) {
                Ok(found) => items.extend(found),
                Err(failure) => failures.push(failure),
            }
        }
        if let Some(text) = error {
            failures.push(Failure::error(text));
        }
    }
    Ok((items, failures))
}

/// One document: an object, or a `List` of objects.
fn item(file: &str, value: Value, flags: &Parsed) -> Result<Vec<Item>, Failure> {
    if value.is_null() || value.as_object().is_some_and(serde_json::Map::is_empty) {
        return Ok(vec![]);
    }
    let text = |field: &str| value.get(field).and_then(Value::as_str).unwrap_or_default().to_string();
    let (version, kind_name) = (text("apiVersion"), text("kind"));
    if kind_name == "List"
        && let Some(list) = value.get("items").and_then(Value::as_array)
    {
        let mut items = vec![];
        for each in list {
            items.extend(item(file, each.clone(), flags)?);
        }
        return Ok(items);
    }
    for (field, found) in [("apiVersion", &version), ("kind", &kind_name)] {
        if found.is_empty() {
            let hint = "if you choose to ignore these errors, turn validation off with --validate=false";
            return Err(Failure::error(format!("error validating {file:?}: error validating data: {field} not set; {hint}")));
        }
    }
    let name = value["metadata"]["name"].as_str().unwrap_or_default().to_string();
    let own = value["metadata"]["namespace"].as_str().unwrap_or_default().to_string();
    let Some(kind) = Kind::from_manifest(&version, &kind_name) else {
        return Err(Failure::error(format!(
            "resource mapping not found for name: {name:?} namespace: {own:?} from {file:?}: no matches for kind {kind_name:?} in version {version:?}\nensure CRDs are installed first"
        )));
    };
    let wanted = flags.get("namespace");
    if let Some(wanted) = wanted.filter(|w| kind.info().namespaced && !own.is_empty() && own != *w) {
        return Err(Failure::error(format!(
            "the namespace from the provided object {own:?} does not match the namespace {wanted:?}. You must pass '--namespace={own}' to perform this operation."
        )));
    }
    let namespace = match (kind.info().namespaced, own.is_empty()) {
        (false, _) => String::new(),
        (true, true) => wanted.unwrap_or("default").to_string(),
        (true, false) => own,
    };
    Ok(vec![Item { file: file.to_string(), value, kind, name, namespace }])
}

/// The objects that files name, for commands that only look them up.
pub fn named(cx: &Cx, flags: &Parsed) -> Result<Named, Failure> {
    let (items, failures) = read(cx, flags)?;
    if !failures.is_empty() {
        return Err(Failure::join(failures));
    }
    let kinds: Vec<Kind> = items.iter().map(|i| i.kind).collect();
    let with_kind = kinds.iter().any(|k| Some(k) != kinds.first());
    let single = items.len() == 1;
    Ok(Named { items: items.into_iter().map(|i| (i.kind, Some(i.name))).collect(), with_kind, single })
}

/// Decodes a tree as the API server does; an object that names no namespace gets the command's.
pub fn decode(kind: Kind, value: &Value, namespace: &str) -> Result<Object, Status> {
    let mut object = admission::decode(kind, value, &[])?;
    if kind.info().namespaced && object.meta().namespace.is_empty() {
        object.meta_mut().namespace = namespace.to_string();
    }
    Ok(object)
}
