//! Defaults of kinds that are kept as trees (`pkg/apis/{core,batch,networking,autoscaling,scheduling}/v*/defaults.go`).

use crate::api::Kind;
use crate::api::codec::Json;
use crate::api::plain::{Plain, typed};
use crate::api::pod::PodTemplateSpec;
use crate::api::quantity::Amount;
use serde_json::{Map, Value, json};

/// Fills in what was left out.
pub(super) fn apply(plain: &mut Plain) {
    match plain.kind {
        Kind::Ingress => {
            part(&mut plain.body, "status").entry("loadBalancer").or_insert_with(|| json!({}));
            part(&mut plain.body, "spec");
        }
        Kind::NetworkPolicy => network_policy(part(&mut plain.body, "spec")),
        Kind::CronJob => cron_job(&mut plain.body),
        Kind::HorizontalPodAutoscaler => autoscaler(&mut plain.body),
        Kind::ResourceQuota => {
            part(&mut plain.body, "status");
            let spec = part(&mut plain.body, "spec");
            canonical(spec.get_mut("hard"));
        }
        Kind::LimitRange => {
            let limits = part(&mut plain.body, "spec").get_mut("limits").and_then(Value::as_array_mut);
            limits.into_iter().flatten().filter_map(Value::as_object_mut).for_each(limits_of_type);
        }
        Kind::RoleBinding | Kind::ClusterRoleBinding => binding(&mut plain.body),
        Kind::PriorityClass => {
            fill(&mut plain.body, [("preemptionPolicy", json!("PreemptLowerPriority"))]);
        }
        _ => {}
    }
}

/// A part that is a map; it is there afterwards.
fn part<'a>(body: &'a mut Map<String, Value>, name: &str) -> &'a mut Map<String, Value> {
    let value = body.entry(name).or_insert_with(|| json!({}));
    if !value.is_object() {
        *value = json!({});
    }
    match value {
        Value::Object(map) => map,
        _ => unreachable!("it was made a map"),
    }
}

fn fill<const N: usize>(map: &mut Map<String, Value>, values: [(&str, Value); N]) {
    for (name, value) in values {
        map.entry(name).or_insert(value);
    }
}

fn network_policy(spec: &mut Map<String, Value>) {
    fill(spec, [("podSelector", json!({}))]);
    let egress = spec.get("egress").and_then(Value::as_array).is_some_and(|rules| !rules.is_empty());
    fill(spec, [("policyTypes", if egress { json!(["Ingress", "Egress"]) } else { json!(["Ingress"]) })]);
    for rules in ["ingress", "egress"] {
        for rule in spec.get_mut(rules).and_then(Value::as_array_mut).into_iter().flatten() {
            for port in rule.get_mut("ports").and_then(Value::as_array_mut).into_iter().flatten() {
                port.as_object_mut().into_iter().for_each(|port| fill(port, [("protocol", json!("TCP"))]));
            }
        }
    }
}

fn cron_job(body: &mut Map<String, Value>) {
    part(body, "status");
    let spec = part(body, "spec");
    fill(
        spec,
        [
            ("concurrencyPolicy", json!("Allow")),
            ("suspend", json!(false)),
            ("successfulJobsHistoryLimit", json!(3)),
            ("failedJobsHistoryLimit", json!(1)),
        ],
    );
    let job = part(spec, "jobTemplate");
    fill(job, [("metadata", json!({}))]);
    let template = part(part(job, "spec"), "template");
    let mut typed: PodTemplateSpec = typed(&Value::Object(template.clone()));
    super::template(&mut typed);
    if let Value::Object(filled) = typed.encode() {
        *template = filled;
    }
}

fn autoscaler(body: &mut Map<String, Value>) {
    fill(part(body, "status"), [("currentMetrics", Value::Null), ("desiredReplicas", json!(0))]);
    let cpu = json!([{"type": "Resource", "resource":
        {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 80}}}]);
    fill(part(body, "spec"), [("minReplicas", json!(1)), ("metrics", cpu)]);
}

fn binding(body: &mut Map<String, Value>) {
    const GROUP: &str = "rbac.authorization.k8s.io";
    fill(part(body, "roleRef"), [("apiGroup", json!(GROUP))]);
    for subject in body.get_mut("subjects").and_then(Value::as_array_mut).into_iter().flatten() {
        let person = subject["kind"] == "User" || subject["kind"] == "Group";
        subject.as_object_mut().filter(|_| person).into_iter().for_each(|s| fill(s, [("apiGroup", json!(GROUP))]));
    }
}

/// What containers get that ask for nothing: limits as high as allowed, requests as the limits are.
fn limits_of_type(limits: &mut Map<String, Value>) {
    for name in ["max", "min", "default", "defaultRequest", "maxLimitRequestRatio"] {
        canonical(limits.get_mut(name));
    }
    if limits.get("type").is_none_or(|t| t != "Container") {
        return;
    }
    for (from, to) in [("max", "default"), ("default", "defaultRequest"), ("min", "defaultRequest")] {
        let source = limits.get(from).and_then(Value::as_object).cloned().unwrap_or_default();
        if !source.is_empty() {
            let target = part(limits, to);
            for (name, value) in source {
                target.entry(name).or_insert(value);
            }
        }
    }
}

/// Quantities in the form that the server stores.
fn canonical(quantities: Option<&mut Value>) {
    for value in quantities.and_then(Value::as_object_mut).into_iter().flat_map(Map::values_mut) {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        if let Ok(amount) = Amount::parse(&text) {
            *value = Value::String(amount.canonical());
        }
    }
}
