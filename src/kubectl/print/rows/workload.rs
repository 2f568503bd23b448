//! The rows of Deployment and ReplicaSet.

use super::since;
use crate::api::pod::PodTemplateSpec;
use crate::api::selector::{Selector, format_label_selector};
use crate::api::{Deployment, ReplicaSet, Time};

pub(super) fn deployment_cells(deployment: &Deployment, now: Time) -> Vec<String> {
    let (spec, status) = (&deployment.spec, &deployment.status);
    let mut cells = vec![
        deployment.meta.name.clone(),
        format!("{}/{}", status.ready_replicas, spec.replicas.unwrap_or(0)),
        status.updated_replicas.to_string(),
        status.available_replicas.to_string(),
        since(deployment.meta.creation_timestamp, now),
    ];
    cells.extend(containers(&spec.template));
    cells.push(Selector::from_optional(spec.selector.as_ref()).map_or_else(|_| "<invalid>".to_owned(), |s| s.to_string()));
    cells
}

pub(super) fn replica_set_cells(set: &ReplicaSet, now: Time) -> Vec<String> {
    let mut cells = vec![
        set.meta.name.clone(),
        set.spec.replicas.unwrap_or(0).to_string(),
        set.status.replicas.to_string(),
        set.status.ready_replicas.to_string(),
        since(set.meta.creation_timestamp, now),
    ];
    cells.extend(containers(&set.spec.template));
    cells.push(format_label_selector(set.spec.selector.as_ref()));
    cells
}

/// Names and images of a template's containers.
fn containers(template: &PodTemplateSpec) -> [String; 2] {
    let list = &template.spec.containers;
    let names: Vec<&str> = list.iter().map(|c| c.name.as_str()).collect();
    let images: Vec<&str> = list.iter().map(|c| c.image.as_str()).collect();
    [names.join(","), images.join(",")]
}
