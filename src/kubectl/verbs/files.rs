//! `-f`: manifests of the session, read as kubectl reads them.

use crate::api::codec::{Decoder, Json};
use crate::api::meta::{ObjectMeta, StringMap};
use crate::api::object::KINDS;
use crate::api::{Kind, Object};
use crate::apiserver::Status;
use crate::apiserver::admission::{self, FieldValidation};
use crate::kubectl::cx::{Cx, Pick};
use crate::kubectl::failure::Failure;
use crate::kubectl::flags::Parsed;
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

/// The extensions of files that a folder is searched for.
const EXTENSIONS: [&str; 3] = [".json", ".yaml", ".yml"];

/// The files that `-f` names: each by its name, those of a folder, or those that fit a pattern.
pub fn expand(cx: &Cx, flags: &Parsed) -> Result<Vec<String>, Vec<Failure>> {
    let (mut found, mut failures) = (vec![], vec![]);
    for name in flags.all(FILE_FLAGS) {
        let folder = match name.trim_end_matches('/') {
            "." => String::new(),
            path => format!("{}/", path.trim_start_matches("./")),
        };
        let plain = name.trim_start_matches("./");
        let inside = |file: &&String| {
            let rest = file.strip_prefix(&folder).filter(|r| flags.on("recursive") || !r.contains('/'));
            rest.is_some_and(|r| EXTENSIONS.iter().any(|e| r.ends_with(e)))
        };
        let before = found.len();
        if name == "-" || cx.session.files.contains_key(plain) {
            found.push(plain.to_string());
        } else if plain.contains(['*', '?', '[']) {
            found.extend(cx.session.files.keys().filter(|f| fits(f.as_bytes(), plain.as_bytes())).cloned());
        } else {
            found.extend(cx.session.files.keys().filter(inside).cloned());
        }
        if found.len() == before {
            failures.push(no_such_file(&name));
        }
    }
    if failures.is_empty() { Ok(found) } else { Err(failures) }
}

/// Whether a name fits a pattern of `*` and `?`.
fn fits(name: &[u8], pattern: &[u8]) -> bool {
    match (name, pattern) {
        ([], []) => true,
        (_, [b'*', rest @ ..]) => (0..=name.len()).any(|i| fits(&name[i..], rest)),
        ([_, name @ ..], [b'?', rest @ ..]) => fits(name, rest),
        ([a, name @ ..], [b, rest @ ..]) => a == b && fits(name, rest),
        _ => false,
    }
}

/// What kubectl says of a file that is not there.
pub fn no_such_file(name: &str) -> Failure {
    Failure::error(format!("the path {name:?} does not exist"))
}

/// All objects of all files that `-f` names and `-l` picks, in order, and what is wrong with the others.
pub fn read(cx: &Cx, flags: &Parsed) -> Result<(Vec<Item>, Vec<Failure>), Failure> {
    let (mut items, mut failures) = (vec![], vec![]);
    for each in read_picked(cx, flags)? {
        match each {
            Ok(item) => items.push(item),
            Err(failure) => failures.push(failure),
        }
    }
    Ok((items, failures))
}

/// The same, each where it stands.
pub fn read_picked(cx: &Cx, flags: &Parsed) -> Result<Vec<Result<Item, Failure>>, Failure> {
    let mut items = read_each(cx, flags)?;
    if let Some(selector) = Pick::of(flags, None)?.labels {
        items.retain(|item| item.as_ref().map_or(true, |item| selector.matches(&labels(&item.value))));
    }
    Ok(items)
}

/// The labels that a tree is written with.
fn labels(value: &Value) -> StringMap {
    let map = value["metadata"]["labels"].as_object();
    map.into_iter().flatten().map(|(k, v)| (k.clone(), v.as_str().unwrap_or_default().to_string())).collect()
}

/// The same, whatever their labels.
pub fn read_each(cx: &Cx, flags: &Parsed) -> Result<Vec<Result<Item, Failure>>, Failure> {
    if flags.has("kustomize") {
        return Err(Failure::error(match flags.has(FILE_FLAGS) {
            true => "only one of -f or -k can be specified",
            false => "the lab does not build kustomizations; name the files with -f",
        }));
    }
    let mut found = vec![];
    for file in expand(cx, flags).map_err(Failure::join)? {
        let text = match file.as_str() {
            "-" => cx.stdin.to_string(),
            name => cx.session.files.get(name).cloned().unwrap_or_default(),
        };
        let shown = if file == "-" { "STDIN" } else { &file };
        let read = manifest::read(&text);
        let error = read.error(shown);
        for document in read.documents {
            items(cx, shown, document.value, flags, &mut found);
        }
        found.extend(error.map(|text| Err(Failure::error(text))));
    }
    Ok(found)
}

/// One document: an object, or a `List` of objects, each of which may be wrong by itself.
fn items(cx: &Cx, file: &str, value: Value, flags: &Parsed, found: &mut Vec<Result<Item, Failure>>) {
    if value.is_null() || value.as_object().is_some_and(serde_json::Map::is_empty) {
        return;
    }
    if value["kind"] == "List"
        && let Some(list) = value.get("items").and_then(Value::as_array)
    {
        list.iter().for_each(|each| items(cx, file, each.clone(), flags, found));
        return;
    }
    found.push(item(cx, file, value, flags));
}

/// One object.
fn item(cx: &Cx, file: &str, value: Value, flags: &Parsed) -> Result<Item, Failure> {
    let text = |field: &str| value.get(field).and_then(Value::as_str).unwrap_or_default().to_string();
    let (version, kind_name) = (text("apiVersion"), text("kind"));
    if let Some(why) = not_an_object(&value) {
        let hint = "if you choose to ignore these errors, turn validation off with --validate=false";
        return Err(Failure::error(format!("error validating {file:?}: error validating data: {why}; {hint}")));
    }
    if let Some(why) = undecodable(&value) {
        return Err(Failure::error(format!("unable to decode {file:?}: {why}")));
    }
    let name = value["metadata"]["name"].as_str().unwrap_or_default().to_string();
    let own = value["metadata"]["namespace"].as_str().unwrap_or_default().to_string();
    let Some(kind) = Kind::from_manifest(&version, &kind_name) else {
        if let Some(kind) = KINDS.iter().find(|i| i.name.to_lowercase() == kind_name && i.kind.api_version() == version) {
            // kubectl finds the resource by the name in small letters too; the server does not know such a kind.
            let why =
                format!("no kind {kind_name:?} is registered for version {version:?} in scheme \"pkg/runtime/scheme.go:111\"");
            return Err(Failure::status(&Status::bad_request(format!(
                "error when creating {file:?}: {kind_name} in version {:?} cannot be handled as a {}: {why}",
                version.rsplit('/').next().unwrap_or_default(),
                kind.name
            ))));
        }
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
        (true, true) => cx.namespace(flags),
        (true, false) => own,
    };
    Ok(Item { file: file.to_string(), value, kind, name, namespace })
}

/// Why a tree cannot be an object at all (`kubectl/pkg/validation/schema.go`).
fn not_an_object(value: &Value) -> Option<String> {
    let Some(fields) = value.as_object() else { return Some("invalid object to validate".into()) };
    let wrong = |field: &str| match fields.get(field) {
        None | Some(Value::Null) => Some(format!("{field} not set")),
        Some(Value::String(_)) => None,
        Some(_) => Some(format!("{field} isn't string type")),
    };
    match (wrong("apiVersion"), wrong("kind")) {
        (Some(version), Some(kind)) => Some(format!("[{version}, {kind}]")),
        (version, kind) => version.or(kind),
    }
}

/// What is wrong with the types of an object's metadata, before anybody asks for its kind
/// (`cli-runtime/pkg/resource/metadata_decoder.go`).
fn undecodable(value: &Value) -> Option<String> {
    let mut decoder = Decoder::default();
    decoder.enter("metadataOnlyObject");
    let meta = value.get("metadata")?;
    decoder.in_field("metadata", |d| ObjectMeta::decode(meta, d));
    decoder.leave();
    decoder.type_error
}

/// Gives a tree the namespace that it is sent with ("": it has none).
pub fn set_namespace(value: &mut Value, namespace: &str) {
    if !namespace.is_empty()
        && let Some(meta) = value.get_mut("metadata").and_then(Value::as_object_mut)
    {
        meta.insert("namespace".into(), Value::String(namespace.into()));
    }
}

/// `--validate`: what the server is to do with fields that it does not know.
pub fn field_validation(flags: &Parsed) -> Result<FieldValidation, Failure> {
    match flags.get("validate") {
        None | Some("strict" | "1" | "t" | "T" | "TRUE" | "true" | "True") => Ok(FieldValidation::Strict),
        Some("warn") => Ok(FieldValidation::Warn),
        Some("ignore" | "0" | "f" | "F" | "FALSE" | "false" | "False") => Ok(FieldValidation::Ignore),
        Some(other) => Err(Failure::error(format!(
            "invalid - validate option {other:?}; must be one of: strict (or true), warn, ignore (or false)"
        ))),
    }
}

/// What the API server makes of a tree that it is sent; an object that names no namespace gets the command's.
pub fn receive(cx: &mut Cx, kind: Kind, value: &Value, namespace: &str) -> Result<Object, Status> {
    let (mut object, warnings) = admission::decode_as(kind, value, &[], cx.field_validation)?;
    warnings.iter().for_each(|text| cx.warning(text));
    if kind.info().namespaced && object.meta().namespace.is_empty() {
        object.meta_mut().namespace = namespace.to_string();
    }
    Ok(object)
}

/// Decodes a tree as the API server does; an object that names no namespace gets the command's.
pub fn decode(kind: Kind, value: &Value, namespace: &str) -> Result<Object, Status> {
    let mut object = admission::decode(kind, value, &[])?;
    if kind.info().namespaced && object.meta().namespace.is_empty() {
        object.meta_mut().namespace = namespace.to_string();
    }
    Ok(object)
}
