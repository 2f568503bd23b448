//! The pod template of a Deployment, a ReplicaSet and `rollout history --revision`; volumes.

use super::Writer;
use super::containers;
use crate::api::pod::{PodTemplateSpec, TopologySpreadConstraint};
use crate::api::selector::format_label_selector;
use crate::sorting::Arrange;
use serde_json::Value;

/// A block `Pod Template:`.
pub fn pod_template(template: &PodTemplateSpec, out: &mut Writer) {
    out.line(0, "Pod Template:");
    out.labels("  Labels", &template.meta.labels);
    if !template.meta.annotations.is_empty() {
        out.annotations("  Annotations", &template.meta.annotations);
    }
    let spec = &template.spec;
    if !spec.service_account_name.is_empty() {
        out.field(1, "Service Account", &spec.service_account_name);
    }
    if !spec.init_containers.is_empty() {
        containers::of_template("Init Containers", &spec.init_containers, out);
    }
    containers::of_template("Containers", &spec.containers, out);
    volumes(&spec.volumes, "  ", out);
    spread_constraints(&spec.topology_spread_constraints, "  ", out);
    if !spec.priority_class_name.is_empty() {
        out.field(1, "Priority Class Name", &spec.priority_class_name);
    }
    out.labels("  Node-Selectors", &spec.node_selector);
    out.tolerations("  Tolerations", &spec.tolerations);
}

/// Topology spread constraints by key; nothing when there are none.
pub(super) fn spread_constraints(constraints: &[TopologySpreadConstraint], space: &str, out: &mut Writer) {
    if constraints.is_empty() {
        return;
    }
    let mut sorted: Vec<&TopologySpreadConstraint> = constraints.iter().collect();
    sorted.arrange_by_key(|c| &c.topology_key);
    out.put(0, &format!("{space}Topology Spread Constraints:\t"));
    for (i, c) in sorted.into_iter().enumerate() {
        if i > 0 {
            out.put(0, &format!("{space}\t"));
        }
        let selector = c.label_selector.as_ref().map(|s| format!(" for selector {}", format_label_selector(Some(s))));
        let (key, otherwise, skew) = (&c.topology_key, &c.when_unsatisfiable, c.max_skew);
        out.line(0, &format!("{key}:{otherwise} when max skew {skew} is exceeded{}", selector.unwrap_or_default()));
    }
}

/// A block `Volumes:`. `space` stands in front of it inside a pod template.
pub(super) fn volumes(volumes: &[Value], space: &str, out: &mut Writer) {
    if volumes.is_empty() {
        out.line(0, &format!("{space}Volumes:\t<none>"));
        return;
    }
    out.line(0, &format!("{space}Volumes:"));
    for volume in volumes {
        let indent = if space.is_empty() { "" } else { " " };
        out.line(1, &format!("{indent}{}:", text(&volume["name"])));
        source(volume, out);
    }
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| if value.is_null() { String::new() } else { value.to_string() }, str::to_owned)
}

fn optional(value: &Value) -> bool {
    value["optional"].as_bool().unwrap_or(false)
}

fn or(value: &Value, fallback: &str) -> String {
    if value.is_null() { fallback.to_owned() } else { text(value) }
}

fn source(volume: &Value, out: &mut Writer) {
    let has = |kind: &str| volume.get(kind).is_some_and(|v| !v.is_null());
    if has("hostPath") {
        let path = &volume["hostPath"];
        out.field(2, "Type", "HostPath (bare host directory volume)");
        out.field(2, "Path", text(&path["path"]));
        out.field(2, "HostPathType", or(&path["type"], "<none>"));
    } else if has("emptyDir") {
        out.field(2, "Type", "EmptyDir (a temporary directory that shares a pod's lifetime)");
        out.field(2, "Medium", text(&volume["emptyDir"]["medium"]));
        let limit = text(&volume["emptyDir"]["sizeLimit"]);
        out.field(2, "SizeLimit", if matches!(limit.as_str(), "" | "0") { "<unset>".to_owned() } else { limit });
    } else if has("secret") {
        out.field(2, "Type", "Secret (a volume populated by a Secret)");
        out.field(2, "SecretName", text(&volume["secret"]["secretName"]));
        out.field(2, "Optional", optional(&volume["secret"]));
    } else if has("configMap") {
        out.field(2, "Type", "ConfigMap (a volume populated by a ConfigMap)");
        out.field(2, "Name", text(&volume["configMap"]["name"]));
        out.field(2, "Optional", optional(&volume["configMap"]));
    } else if has("persistentVolumeClaim") {
        let claim = &volume["persistentVolumeClaim"];
        out.field(2, "Type", "PersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)");
        out.field(2, "ClaimName", text(&claim["claimName"]));
        out.field(2, "ReadOnly", claim["readOnly"].as_bool().unwrap_or(false));
    } else if has("nfs") {
        out.field(2, "Type", "NFS (an NFS mount that lasts the lifetime of a pod)");
        out.field(2, "Server", text(&volume["nfs"]["server"]));
        out.field(2, "Path", text(&volume["nfs"]["path"]));
        out.field(2, "ReadOnly", volume["nfs"]["readOnly"].as_bool().unwrap_or(false));
    } else if has("projected") {
        projected(&volume["projected"], out);
    } else if has("downwardAPI") {
        downward(&volume["downwardAPI"], out);
    } else {
        out.line(1, "<unknown>");
    }
}

fn projected(volume: &Value, out: &mut Writer) {
    out.field(2, "Type", "Projected (a volume that contains injected data from multiple sources)");
    for source in volume["sources"].as_array().into_iter().flatten() {
        if source["secret"].is_object() {
            out.field(2, "SecretName", text(&source["secret"]["name"]));
            out.field(2, "Optional", optional(&source["secret"]));
        } else if source["downwardAPI"].is_object() {
            out.field(2, "DownwardAPI", true);
        } else if source["configMap"].is_object() {
            out.field(2, "ConfigMapName", text(&source["configMap"]["name"]));
            out.field(2, "Optional", optional(&source["configMap"]));
        } else if source["serviceAccountToken"].is_object() {
            out.field(2, "TokenExpirationSeconds", text(&source["serviceAccountToken"]["expirationSeconds"]));
        }
    }
}

fn downward(volume: &Value, out: &mut Writer) {
    out.field(2, "Type", "DownwardAPI (a volume populated by information about the pod)");
    out.line(2, "Items:");
    for item in volume["items"].as_array().into_iter().flatten() {
        if item["fieldRef"].is_object() {
            out.line(3, &format!("{} -> {}", text(&item["fieldRef"]["fieldPath"]), text(&item["path"])));
        }
        if item["resourceFieldRef"].is_object() {
            out.line(3, &format!("{} -> {}", text(&item["resourceFieldRef"]["resource"]), text(&item["path"])));
        }
    }
}
