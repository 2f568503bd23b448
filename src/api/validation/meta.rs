//! Metadata of every object (`staging/apimachinery/pkg/api/validation/objectmeta.go`).

use super::field::{AsJson, FieldError, push_invalid};
use super::names;
use crate::api::meta::{ObjectMeta, OwnerReference, StringMap};

/// All annotations of an object together, in bytes.
const ANNOTATIONS_LIMIT: usize = 256 * 1024;
const STANDARD_FINALIZERS: [&str; 3] = ["kubernetes", "orphan", "foregroundDeletion"];

/// A rule for names.
pub type NameRule = fn(&str) -> Vec<String>;

/// Metadata of a new object.
pub fn create(meta: &ObjectMeta, namespaced: bool, rule: NameRule, errors: &mut Vec<FieldError>) {
    if !meta.generate_name.is_empty() {
        push_invalid(errors, "metadata.generateName", &meta.generate_name, names::as_prefix(&meta.generate_name, rule));
    }
    if meta.name.is_empty() {
        errors.push(FieldError::required("metadata.name", "name or generateName is required"));
    } else {
        push_invalid(errors, "metadata.name", &meta.name, rule(&meta.name));
    }
    match (namespaced, meta.namespace.as_str()) {
        (true, "") => errors.push(FieldError::required("metadata.namespace", "")),
        (true, namespace) => push_invalid(errors, "metadata.namespace", namespace, names::dns1123_label(namespace)),
        (false, "") => {}
        (false, _) => errors.push(FieldError::forbidden("metadata.namespace", "not allowed on this type")),
    }
    if meta.generation < 0 {
        let detail = "must be greater than or equal to 0";
        errors.push(FieldError::invalid("metadata.generation", &meta.generation, detail));
    }
    labels("metadata.labels", &meta.labels, errors);
    annotations("metadata.annotations", &meta.annotations, errors);
    owner_references(&meta.owner_references, errors);
    finalizers(&meta.finalizers, errors);
}

/// Metadata of a changed object.
pub fn update(new: &ObjectMeta, old: &ObjectMeta, errors: &mut Vec<FieldError>) {
    if old.is_deleting() {
        let extra: Vec<String> =
            new.finalizers.iter().filter(|f| !old.finalizers.contains(f)).map(|f| format!("{f:?}")).collect();
        if !extra.is_empty() {
            let detail = format!(
                "no new finalizers can be added if the object is being deleted, found new finalizers []string{{{}}}",
                extra.join(", ")
            );
            errors.push(FieldError::forbidden("metadata.finalizers", detail));
        }
    }
    if new.generation < old.generation {
        errors.push(FieldError::invalid("metadata.generation", &new.generation, "must not be decremented"));
    }
    let mut same = |field: &str, new: &str, old: &str| {
        if new != old {
            errors.push(FieldError::invalid(format!("metadata.{field}"), new, "field is immutable"));
        }
    };
    same("name", &new.name, &old.name);
    same("namespace", &new.namespace, &old.namespace);
    same("uid", &new.uid, &old.uid);
    labels("metadata.labels", &new.labels, errors);
    annotations("metadata.annotations", &new.annotations, errors);
    owner_references(&new.owner_references, errors);
    finalizers(&new.finalizers, errors);
}

/// Keys and values of a label map; all errors stand at the map's path.
pub fn labels(path: &str, labels: &StringMap, errors: &mut Vec<FieldError>) {
    for (key, value) in labels {
        push_invalid(errors, path, key, names::qualified_name(key));
        push_invalid(errors, path, value, names::label_value(value));
    }
}

/// Keys and total size of annotations.
pub fn annotations(path: &str, annotations: &StringMap, errors: &mut Vec<FieldError>) {
    for key in annotations.keys() {
        push_invalid(errors, path, key, names::qualified_name(&key.to_lowercase()));
    }
    let size: usize = annotations.iter().map(|(k, v)| k.len() + v.len()).sum();
    if size > ANNOTATIONS_LIMIT {
        errors.push(FieldError::too_long(path, ANNOTATIONS_LIMIT));
    }
}

fn owner_references(references: &[OwnerReference], errors: &mut Vec<FieldError>) {
    let mut controller: Option<&OwnerReference> = None;
    for (i, reference) in references.iter().enumerate() {
        let path = |field: &str| format!("metadata.ownerReferences[{i}].{field}");
        if reference.api_version.matches('/').count() > 1 {
            let detail = "must be <group>/<version> or <version>";
            errors.push(FieldError::invalid(path("apiVersion"), &reference.api_version, detail));
        }
        for (field, value) in [
            ("apiVersion", &reference.api_version),
            ("kind", &reference.kind),
            ("name", &reference.name),
            ("uid", &reference.uid),
        ] {
            if value.is_empty() {
                errors.push(FieldError::required(path(field), "must not be empty"));
            }
        }
        if reference.controller != Some(true) {
            continue;
        }
        if let Some(first) = controller {
            let detail = format!(
                "Only one reference can have Controller set to true. Found \"true\" in references for {}/{} and {}/{}",
                first.kind, first.name, reference.kind, reference.name
            );
            errors.push(FieldError::invalid("metadata.ownerReferences", &AsJson(&references.to_vec()), detail));
        }
        controller = Some(reference);
    }
}

fn finalizers(finalizers: &[String], errors: &mut Vec<FieldError>) {
    let both = ["orphan", "foregroundDeletion"].iter().all(|name| finalizers.iter().any(|f| f == name));
    for name in finalizers {
        push_invalid(errors, "metadata.finalizers", name, names::qualified_name(name));
    }
    if both {
        let detail = "finalizer orphan and foregroundDeletion cannot be both set";
        errors.push(FieldError::invalid("metadata.finalizers", &AsJson(&finalizers.to_vec()), detail));
    }
    for (i, name) in finalizers.iter().enumerate() {
        if !name.contains('/') && !STANDARD_FINALIZERS.contains(&name.as_str()) {
            let detail = "name is neither a standard finalizer name nor is it fully qualified";
            errors.push(FieldError::invalid(format!("metadata.finalizers[{i}]"), name, detail));
        }
    }
}
