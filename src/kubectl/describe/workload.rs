//! Deployment and ReplicaSet.

use super::Writer;
use super::template::pod_template;
use crate::api::selector::{Selector, format_label_selector};
use crate::api::well_known::POD_TEMPLATE_HASH;
use crate::api::{Deployment, Pod, ReplicaSet};
use crate::sorting::Arrange;

pub(super) fn deployment(deployment: &Deployment, sets: &[&ReplicaSet], out: &mut Writer) {
    let (spec, status) = (&deployment.spec, &deployment.status);
    out.field(0, "Name", &deployment.meta.name);
    out.field(0, "Namespace", &deployment.meta.namespace);
    out.field(0, "CreationTimestamp", super::moment(deployment.meta.creation_timestamp));
    out.labels("Labels", &deployment.meta.labels);
    out.annotations("Annotations", &deployment.meta.annotations);
    out.field(0, "Selector", Selector::from_optional(spec.selector.as_ref()).map(|s| s.to_string()).unwrap_or_default());
    let replicas = format!(
        "{} desired | {} updated | {} total | {} available | {} unavailable",
        spec.replicas.unwrap_or(0),
        status.updated_replicas,
        status.replicas,
        status.available_replicas,
        status.unavailable_replicas
    );
    out.field(0, "Replicas", replicas);
    out.field(0, "StrategyType", &spec.strategy.type_);
    out.field(0, "MinReadySeconds", spec.min_ready_seconds);
    if let Some(rolling) = &spec.strategy.rolling_update {
        let text = |v: &Option<crate::api::IntOrString>| v.as_ref().map_or_else(|| "<nil>".to_owned(), |v| v.to_string());
        let (unavailable, surge) = (text(&rolling.max_unavailable), text(&rolling.max_surge));
        out.field(0, "RollingUpdateStrategy", format!("{unavailable} max unavailable, {surge} max surge"));
    }
    pod_template(&spec.template, out);
    conditions(status.conditions.iter().map(|c| [c.type_.as_str(), &c.status, &c.reason]), out);
    if !sets.is_empty() {
        let (new, old) = new_and_old(deployment, sets);
        out.field(0, "OldReplicaSets", created(&old));
        out.field(0, "NewReplicaSet", created(&new));
    }
}

fn conditions<'a>(rows: impl Iterator<Item = [&'a str; 3]>, out: &mut Writer) {
    for (i, [type_, status, reason]) in rows.enumerate() {
        if i == 0 {
            out.line(0, "Conditions:");
            out.line(1, "Type\tStatus\tReason");
            out.line(1, "----\t------\t------");
        }
        out.line(1, &format!("{type_} \t{status}\t{reason}"));
    }
}

/// The ReplicaSet of the current template (the oldest, if there are several), and the others, oldest first.
fn new_and_old<'a>(deployment: &Deployment, sets: &[&'a ReplicaSet]) -> (Vec<&'a ReplicaSet>, Vec<&'a ReplicaSet>) {
    let mut sets = sets.to_vec();
    sets.arrange_by_key(|s| (s.meta.creation_timestamp, &s.meta.name));
    let without_hash = |template: &crate::api::pod::PodTemplateSpec| {
        let mut template = template.clone();
        template.meta.labels.remove(POD_TEMPLATE_HASH);
        template
    };
    let wanted = without_hash(&deployment.spec.template);
    let new = sets.iter().position(|s| without_hash(&s.spec.template) == wanted);
    let new: Vec<&ReplicaSet> = new.map(|at| sets.remove(at)).into_iter().collect();
    (new, sets)
}

fn created(sets: &[&ReplicaSet]) -> String {
    let one =
        |s: &&ReplicaSet| format!("{} ({}/{} replicas created)", s.meta.name, s.status.replicas, s.spec.replicas.unwrap_or(0));
    let all: Vec<String> = sets.iter().map(one).collect();
    if all.is_empty() { "<none>".to_owned() } else { all.join(", ") }
}

/// `pods`: all Pods of the namespace.
pub(super) fn replica_set<'a>(set: &ReplicaSet, pods: impl Iterator<Item = &'a Pod>, out: &mut Writer) {
    out.field(0, "Name", &set.meta.name);
    out.field(0, "Namespace", &set.meta.namespace);
    out.field(0, "Selector", format_label_selector(set.spec.selector.as_ref()));
    out.labels("Labels", &set.meta.labels);
    out.annotations("Annotations", &set.meta.annotations);
    super::controlled_by(&set.meta, out);
    out.field(0, "Replicas", format!("{} current / {} desired", set.status.replicas, set.spec.replicas.unwrap_or(0)));
    let selector = Selector::from_optional(set.spec.selector.as_ref()).unwrap_or(Selector::Nothing);
    let mut counts = [0; 4];
    let own = |p: &&Pod| selector.matches(&p.meta.labels) && p.meta.controller().is_some_and(|owner| owner.uid == set.meta.uid);
    for pod in pods.filter(own) {
        let phases = ["Running", "Pending", "Succeeded", "Failed"];
        if let Some(at) = phases.iter().position(|phase| *phase == pod.status.phase) {
            counts[at] += 1;
        }
    }
    let [running, waiting, succeeded, failed] = counts;
    let pods = format!("{running} Running / {waiting} Waiting / {succeeded} Succeeded / {failed} Failed");
    out.field(0, "Pods Status", pods);
    pod_template(&set.spec.template, out);
    conditions(set.status.conditions.iter().map(|c| [c.type_.as_str(), &c.status, &c.reason]), out);
}
