//! Metadata that every object carries (`metav1`).

use super::scalar::Time;
use super::shapes::text::{LABEL_OPERATOR, UID};
use crate::record;
use serde_json::Value;
use std::collections::BTreeMap;

/// Labels, annotations and plain selectors: always sorted by key.
pub type StringMap = BTreeMap<String, String>;

record! {
    /// Who an object belongs to.
    pub struct OwnerReference {
        "apiVersion" api_version: String = always,
        "kind" kind: String = always,
        "name" name: String = always,
        "uid" uid: String as UID = always,
        "controller" controller: Option<bool>,
        "blockOwnerDeletion" block_owner_deletion: Option<bool>,
    }
}

record! {
    /// Name, namespace, labels and the bookkeeping of the API server.
    pub struct ObjectMeta {
        "name" name: String,
        "generateName" generate_name: String,
        "namespace" namespace: String,
        "selfLink" self_link: String,
        "uid" uid: String as UID,
        "resourceVersion" resource_version: String,
        "generation" generation: i64,
        "creationTimestamp" creation_timestamp: Time,
        "deletionTimestamp" deletion_timestamp: Option<Time>,
        "deletionGracePeriodSeconds" deletion_grace_period_seconds: Option<i64>,
        "labels" labels: StringMap,
        "annotations" annotations: StringMap,
        "ownerReferences" owner_references: Vec<OwnerReference>,
        "finalizers" finalizers: Vec<String>,
        "managedFields" managed_fields: Vec<Value>,
    }
}

impl ObjectMeta {
    /// The owner that manages this object, if there is one.
    pub fn controller(&self) -> Option<&OwnerReference> {
        self.owner_references.iter().find(|r| r.controller == Some(true))
    }

    /// Whether deletion was asked for.
    pub fn is_deleting(&self) -> bool {
        self.deletion_timestamp.is_some()
    }
}

record! {
    /// One requirement of a label selector: In, NotIn, Exists or DoesNotExist.
    pub struct LabelSelectorRequirement {
        "key" key: String = always,
        "operator" operator: String as LABEL_OPERATOR = always,
        "values" values: Vec<String>,
    }
}

record! {
    /// matchLabels and matchExpressions, all of which must hold.
    pub struct LabelSelector {
        "matchLabels" match_labels: StringMap,
        "matchExpressions" match_expressions: Vec<LabelSelectorRequirement>,
    }
}

record! {
    /// A pointer from one object to another (events, endpoint targets).
    pub struct ObjectReference {
        "kind" kind: String,
        "namespace" namespace: String,
        "name" name: String,
        "uid" uid: String as UID,
        "apiVersion" api_version: String,
        "resourceVersion" resource_version: String,
        "fieldPath" field_path: String,
    }
}
