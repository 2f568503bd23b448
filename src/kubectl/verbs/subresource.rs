//! `kubectl get --subresource`: a part of an object that the server serves by itself.

use super::output::Output;
use crate::api::selector::format_label_selector;
use crate::api::{Deployment, Kind, Object, ReplicaSet};
use crate::kubectl::builder::{self, Ask};
use crate::kubectl::cx::Cx;
use crate::kubectl::failure::Failure;
use crate::kubectl::flags::Parsed;
use crate::kubectl::print::rows::{GetOptions, since};
use crate::kubectl::print::table::{self, Column, Row, Table};
use serde_json::{Value, json};

/// Whether the answer is an object of another kind, `Scale`; what the server does not serve is refused.
pub(super) fn is_scale(flags: &Parsed, kind: Kind) -> Result<bool, Failure> {
    use Kind::{DaemonSet, Deployment, HorizontalPodAutoscaler, Job, Namespace, Node, Pod, PodDisruptionBudget, ReplicaSet};
    match (flags.text("subresource").as_str(), kind) {
        ("scale", Deployment | ReplicaSet | Kind::StatefulSet) => Ok(true),
        ("resize" | "ephemeralcontainers", Pod) => Ok(false),
        ("status", Pod | Node | Namespace | Kind::Service | Deployment | ReplicaSet | DaemonSet | Job) => Ok(false),
        ("status", Kind::StatefulSet | PodDisruptionBudget | HorizontalPodAutoscaler) => Ok(false),
        ("status", Kind::Ingress | Kind::CronJob | Kind::ResourceQuota) => Ok(false),
        _ => {
            let text = "the server could not find the requested resource";
            Err(Failure::plain(format!("Error from server (NotFound): {text}")))
        }
    }
}

/// Prints the `scale` of the objects that a command line names.
pub(super) fn scales(cx: &mut Cx, flags: &Parsed, output: &Output, options: &GetOptions) -> Result<(), Failure> {
    let found = builder::find(cx, flags, &Ask::of(&flags.words))?;
    let objects = found.objects();
    if !output.is_table() {
        let values: Vec<Value> = objects.iter().map(scale).collect();
        let value = match values.as_slice() {
            [one] if found.single => one.clone(),
            _ => json!({"apiVersion": "v1", "items": values, "kind": "List", "metadata": {"resourceVersion": ""}}),
        };
        output.print_value(cx, &value)?;
        return Failure::result(found.failures);
    }
    let now = cx.now();
    let row = |object: &Object| {
        let (meta, scale) = (object.meta(), scale(object));
        let number = |value: &Value| value.as_i64().unwrap_or(0).to_string();
        let (wanted, there) = (number(&scale["spec"]["replicas"]), number(&scale["status"]["replicas"]));
        let cells = vec![meta.name.clone(), wanted, there, since(meta.creation_timestamp, now)];
        Row { cells, namespace: meta.namespace.clone(), labels: Default::default() }
    };
    let columns = ["Name", "Desired", "Available", "Age"].map(|name| Column { name: name.into(), priority: 0 });
    if let Some(first) = objects.first() {
        let table = Table { columns: columns.to_vec(), rows: objects.iter().map(row).collect() };
        cx.out.push_str(&table::print(&table, &options.for_kind(first.kind())));
    }
    Failure::result(found.failures)
}

/// The `Scale` of an object with replicas.
fn scale(object: &Object) -> Value {
    let (value, meta) = (object.to_value(), object.meta());
    let selector = match object {
        Object::Deployment(d) => Deployment::clone(d).spec.selector,
        Object::ReplicaSet(set) => ReplicaSet::clone(set).spec.selector,
        Object::StatefulSet(set) => set.spec.selector.clone(),
        _ => None,
    };
    let mut spec = json!({});
    if let Some(replicas) = value["spec"]["replicas"].as_i64().filter(|n| *n != 0) {
        spec["replicas"] = json!(replicas);
    }
    let replicas = value["status"]["replicas"].as_i64().unwrap_or(0);
    json!({
        "apiVersion": "autoscaling/v1", "kind": "Scale", "spec": spec,
        "status": {"replicas": replicas, "selector": format_label_selector(selector.as_ref())},
        "metadata": {
            "creationTimestamp": meta.creation_timestamp.rfc3339(), "name": meta.name, "namespace": meta.namespace,
            "resourceVersion": meta.resource_version, "uid": meta.uid,
        },
    })
}
