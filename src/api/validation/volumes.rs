//! Volumes (`pkg/apis/core/validation/validation.go`, ValidateVolumes). Sources that the lab knows by name only are taken as they are.

use super::env::{IN_VOLUMES, field_ref, resource_ref};
use super::field::{FieldError, push_invalid};
use super::names;
use super::tree::{descending, given, items, mode, no_backsteps, not_reserved, required, text};
use crate::api::quantity::Amount;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Sources in the order in which the server looks for them, with the field that errors name when it differs.
const ORDER: [(&str, &str); 30] = [
    ("emptyDir", "emptyDir"),
    ("hostPath", "hostPath"),
    ("gitRepo", "gitRepo"),
    ("gcePersistentDisk", "gcePersistentDisk"),
    ("awsElasticBlockStore", "awsElasticBlockStore"),
    ("secret", "secret"),
    ("nfs", "nfs"),
    ("iscsi", "iscsi"),
    ("glusterfs", "glusterfs"),
    ("flocker", "flocker"),
    ("persistentVolumeClaim", "persistentVolumeClaim"),
    ("rbd", "rbd"),
    ("cinder", "cinder"),
    ("cephfs", "cephFS"),
    ("quobyte", "quobyte"),
    // The letter is missing in the server, too.
    ("downwardAPI", "downwarAPI"),
    ("fc", "fc"),
    ("flexVolume", "flexVolume"),
    ("configMap", "configMap"),
    ("azureFile", "azureFile"),
    ("vsphereVolume", "vsphereVolume"),
    ("photonPersistentDisk", "photonPersistentDisk"),
    ("portworxVolume", "portworxVolume"),
    ("azureDisk", "azureDisk"),
    ("storageos", "storageos"),
    ("projected", "projected"),
    ("scaleIO", "scaleIO"),
    ("csi", "csi"),
    ("ephemeral", "ephemeral"),
    ("image", "image"),
];
const HOST_PATH_TYPES: [&str; 8] =
    ["", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket"];

/// The good volumes by name: mounts may refer to them.
pub(super) type Volumes<'a> = BTreeMap<&'a str, &'a Value>;

/// Checks all volumes.
pub(super) fn volumes<'a>(path: &str, list: &'a [Value], errors: &mut Vec<FieldError>) -> Volumes<'a> {
    let mut good = Volumes::new();
    for (i, volume) in list.iter().enumerate() {
        let (at, name) = (format!("{path}[{i}]"), text(volume, "name"));
        let before = errors.len();
        source(&at, volume, errors);
        let at = format!("{at}.name");
        if name.is_empty() {
            errors.push(FieldError::required(at.clone(), ""));
        } else {
            push_invalid(errors, &at, name, names::dns1123_label(name));
        }
        if good.contains_key(name) {
            errors.push(FieldError::duplicate(at, name));
        }
        if errors.len() == before {
            good.insert(name, volume);
        }
    }
    good
}

fn source(path: &str, volume: &Value, errors: &mut Vec<FieldError>) {
    let mut count = 0;
    for (source, shown) in ORDER {
        let Some(held) = given(volume, source) else { continue };
        if count > 0 {
            errors.push(FieldError::forbidden(format!("{path}.{shown}"), "may not specify more than 1 volume type"));
            continue;
        }
        count += 1;
        one(&format!("{path}.{source}"), source, held, errors);
    }
    if count == 0 {
        errors.push(FieldError::required(path, "must specify a volume type"));
    }
}

fn one(path: &str, source: &str, held: &Value, errors: &mut Vec<FieldError>) {
    match source {
        "emptyDir" if Amount::parse(text(held, "sizeLimit")).is_ok_and(|a| a.sign() < 0) => {
            let detail = "SizeLimit field must be a valid resource quantity";
            errors.push(FieldError::forbidden(format!("{path}.sizeLimit"), detail));
        }
        "hostPath" => host_path(path, held, errors),
        "gitRepo" => {
            required(path, held, "repository", errors);
            descending(&format!("{path}.directory"), text(held, "directory"), errors);
        }
        "secret" => files(path, held, "secretName", errors),
        "configMap" => files(path, held, "name", errors),
        "nfs" => {
            required(path, held, "server", errors);
            let target = required(path, held, "path", errors);
            if !target.starts_with('/') {
                errors.push(FieldError::invalid(format!("{path}.path"), target, "must be an absolute path"));
            }
        }
        "persistentVolumeClaim" => drop(required(path, held, "claimName", errors)),
        "downwardAPI" => {
            mode(path, held, "defaultMode", errors);
            // The server names no index here.
            items(held, "items").iter().for_each(|file| downward_file(path, file, errors));
        }
        "projected" => {
            mode(path, held, "defaultMode", errors);
            projected(path, held, errors);
        }
        "csi" => drop(required(path, held, "driver", errors)),
        _ => {}
    }
}

fn host_path(path: &str, held: &Value, errors: &mut Vec<FieldError>) {
    let target = required(path, held, "path", errors);
    if target.is_empty() {
        return;
    }
    no_backsteps(&format!("{path}.path"), target, errors);
    let type_ = text(held, "type");
    if !HOST_PATH_TYPES.contains(&type_) {
        errors.push(FieldError::not_supported(format!("{path}.type"), type_, &HOST_PATH_TYPES));
    }
}

/// What a ConfigMap or a Secret shows as files.
fn files(path: &str, held: &Value, name: &str, errors: &mut Vec<FieldError>) {
    required(path, held, name, errors);
    mode(path, held, "defaultMode", errors);
    for (i, item) in items(held, "items").iter().enumerate() {
        key_to_path(&format!("{path}.items[{i}]"), item, errors);
    }
}

fn key_to_path(path: &str, item: &Value, errors: &mut Vec<FieldError>) {
    required(path, item, "key", errors);
    let target = required(path, item, "path", errors);
    not_reserved(&format!("{path}.path"), target, errors);
    mode(path, item, "mode", errors);
}

fn downward_file(path: &str, file: &Value, errors: &mut Vec<FieldError>) {
    let target = required(path, file, "path", errors);
    not_reserved(&format!("{path}.path"), target, errors);
    match (given(file, "fieldRef"), given(file, "resourceFieldRef")) {
        (Some(field), resource) => {
            field_ref(&format!("{path}.fieldRef"), field, &IN_VOLUMES, errors);
            if resource.is_some() {
                let detail = "fieldRef and resourceFieldRef can not be specified simultaneously";
                errors.push(FieldError::invalid(path, "resource", detail));
            }
        }
        (None, Some(resource)) => resource_ref(&format!("{path}.resourceFieldRef"), resource, true, errors),
        (None, None) => errors.push(FieldError::required(path, "one of fieldRef and resourceFieldRef is required")),
    }
    mode(path, file, "mode", errors);
}

fn projected(path: &str, held: &Value, errors: &mut Vec<FieldError>) {
    let mut seen = BTreeSet::new();
    for (i, source) in items(held, "sources").iter().enumerate() {
        let at = format!("{path}.sources[{i}]");
        for kind in ["secret", "configMap"] {
            let Some(held) = given(source, kind) else { continue };
            let at = format!("{at}.{kind}");
            let name = required(&at, held, "name", errors);
            for (j, item) in items(held, "items").iter().enumerate() {
                key_to_path(&format!("{at}.items[{j}]"), item, errors);
                again(path, text(item, "path"), name, &mut seen, errors);
            }
        }
        if let Some(held) = given(source, "downwardAPI") {
            for file in items(held, "items") {
                downward_file(&format!("{at}.downwardAPI"), file, errors);
                let target = text(file, "path");
                again(path, target, target, &mut seen, errors);
            }
        }
        if let Some(token) = given(source, "serviceAccountToken") {
            self::token(path, &format!("{at}.serviceAccountToken"), token, errors);
        }
        if source.as_object().is_some_and(|map| map.len() > 1) {
            errors.push(FieldError::forbidden(at, "may not specify more than 1 volume type per source"));
        }
    }
}

/// No two sources may show a file at the same path.
fn again<'a>(path: &str, target: &'a str, shown: &str, seen: &mut BTreeSet<&'a str>, errors: &mut Vec<FieldError>) {
    if !target.is_empty() && !seen.insert(target) {
        errors.push(FieldError::invalid(path, shown, "conflicting duplicate paths"));
    }
}

fn token(volume: &str, path: &str, token: &Value, errors: &mut Vec<FieldError>) {
    let seconds = token["expirationSeconds"].as_i64().unwrap_or(0);
    let at = format!("{path}.expirationSeconds");
    if seconds < 600 {
        errors.push(FieldError::invalid(at, &seconds, "may not specify a duration less than 10 minutes"));
    } else if seconds > 1 << 32 {
        errors.push(FieldError::invalid(at, &seconds, "may not specify a duration larger than 2^32 seconds"));
    }
    let target = required(volume, token, "path", errors);
    if !target.is_empty() {
        not_reserved(&format!("{volume}.path"), target, errors);
    }
}
