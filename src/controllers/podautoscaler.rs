//! The horizontal Pod autoscaler of a cluster that has no metrics: it brings a workload between its two bounds, and says why it
//! can do no more.
//!
//! Source: `pkg/controller/podautoscaler/horizontal.go`. Left out: everything that needs a metric's value.

use super::{Cache, Context, Controller, Outcome, WorkQueue};
use crate::api::meta::ObjectReference;
use crate::api::plain::Plain;
use crate::api::{Key, Kind, Object};
use crate::apiserver::Change;
use crate::apiserver::recorder::Note;
use crate::time::{Nanos, SECOND};
use serde_json::{Value, json};
use std::rc::Rc;

/// Every autoscaler is looked at this often, for the first time when so much has passed.
const PERIOD: Nanos = 15 * SECOND;

/// The horizontal controller.
#[derive(Clone, Debug, Default)]
pub struct HorizontalController;

impl Controller for HorizontalController {
    fn component(&self) -> &'static str {
        "horizontal-pod-autoscaler"
    }

    fn observe(&mut self, change: &Change, _cache: &Cache, queue: &mut WorkQueue, now: Nanos) {
        if change.kind() == Kind::HorizontalPodAutoscaler {
            queue.add(change.object().key(), now + PERIOD);
        }
    }

    fn sync(&mut self, key: &Key, context: &mut Context) -> Outcome {
        let Some(Object::Plain(autoscaler)) = context.cache.object(Kind::HorizontalPodAutoscaler, key).cloned() else {
            return Outcome::Done;
        };
        let mut sync = Sync { status: autoscaler.at(&["status"]).clone(), autoscaler: &autoscaler, context };
        sync.reconcile();
        let status = sync.status;
        if status != *autoscaler.at(&["status"]) {
            let mut changed = Plain::clone(&autoscaler);
            changed.body.insert("status".into(), status);
            if let Err(status) = context.api.update_status(Object::Plain(Rc::new(changed)), false) {
                return Outcome::Retry(status.message);
            }
        }
        Outcome::After(PERIOD)
    }
}

/// One look at one autoscaler.
struct Sync<'a, 'b, 'c> {
    autoscaler: &'a Plain,
    status: Value,
    context: &'b mut Context<'c>,
}

impl Sync<'_, '_, '_> {
    fn reconcile(&mut self) {
        let spec = self.autoscaler.at(&["spec"]).clone();
        let target = match self.target(&spec["scaleTargetRef"]) {
            Ok(target) => target,
            Err(why) => {
                let message = format!("the HPA controller was unable to get the target's current scale: {why}");
                self.event("Warning", "FailedGetScale", why);
                self.condition("AbleToScale", "False", "FailedGetScale", message);
                return;
            }
        };
        let message = "the HPA controller was able to get the target's current scale";
        self.condition("AbleToScale", "True", "SucceededGetScale", message.into());
        let current = replicas(&target);
        let (least, most) = (spec["minReplicas"].as_i64().unwrap_or(1), spec["maxReplicas"].as_i64().unwrap_or(0));
        self.status["currentReplicas"] = json!(current);
        if current == 0 && least != 0 {
            let message = "scaling is disabled since the replica count of the target is zero";
            self.status["desiredReplicas"] = json!(0);
            self.condition("ScalingActive", "False", "ScalingDisabled", message.into());
        } else if current > most {
            self.rescale(target, most, "Current number of replicas above Spec.MaxReplicas");
        } else if current < least {
            self.rescale(target, least, "Current number of replicas below Spec.MinReplicas");
        } else {
            self.no_metrics(&spec["metrics"]);
        }
    }

    /// The workload that is scaled.
    fn target(&self, reference: &Value) -> Result<Object, String> {
        let (kind, name) = (reference["kind"].as_str().unwrap_or_default(), reference["name"].as_str().unwrap_or_default());
        let kinds = [Kind::Deployment, Kind::ReplicaSet, Kind::StatefulSet];
        let Some(kind) = kinds.into_iter().find(|k| k.info().name == kind) else {
            return Err("the server could not find the requested resource".into());
        };
        let key = Key::new(&self.autoscaler.meta.namespace, name);
        // The scale is read from the API server itself.
        self.context.api.read(kind, &key).cloned().map_err(|status| status.message)
    }

    fn rescale(&mut self, target: Object, wanted: i64, why: &str) {
        match self.context.api.update(scaled(target, wanted as i32), false) {
            Ok(_) => {
                self.event("Normal", "SuccessfulRescale", format!("New size: {wanted}; reason: {why}"));
                let message = format!("the HPA controller was able to update the target scale to {wanted}");
                self.condition("AbleToScale", "True", "SucceededRescale", message);
                self.status["desiredReplicas"] = json!(wanted);
                self.status["lastScaleTime"] = json!(self.context.clock.rfc3339());
            }
            Err(status) => {
                let message = format!("the HPA controller was unable to update the target scale: {}", status.message);
                self.event("Warning", "FailedRescale", format!("New size: {wanted}; reason: {why}; error: {}", status.message));
                self.condition("AbleToScale", "False", "FailedUpdateScale", message);
            }
        }
    }

    /// No value can be had: there is no metrics API.
    fn no_metrics(&mut self, metrics: &Value) {
        let metrics = metrics.as_array().cloned().unwrap_or_default();
        let mut first = None;
        for metric in metrics.iter().filter(|metric| metric["type"] == "Resource") {
            let resource = metric["resource"]["name"].as_str().unwrap_or_default();
            let what = if metric["resource"]["target"]["averageValue"].is_null() { "utilization" } else { "usage" };
            let api = "the server could not find the requested resource (get pods.metrics.k8s.io)";
            let why = format!(
                "failed to get {resource} {what}: unable to get metrics for resource {resource}: unable to fetch metrics from resource metrics API: {api}"
            );
            let message = format!("the HPA was unable to compute the replica count: {why}");
            if first.is_none() {
                self.condition("ScalingActive", "False", "FailedGetResourceMetric", message);
                first = Some(format!("failed to get {resource} resource metric value: {why}"));
            }
            self.event("Warning", "FailedGetResourceMetric", why);
        }
        if let Some(first) = first {
            let count = metrics.len();
            let why = format!("invalid metrics ({count} invalid out of {count}), first error is: {first}");
            self.event("Warning", "FailedComputeMetricsReplicas", why);
        }
    }

    fn event(&mut self, type_: &str, reason: &str, message: String) {
        let (kind, meta) = (Kind::HorizontalPodAutoscaler, &self.autoscaler.meta);
        let about = ObjectReference {
            kind: kind.info().name.into(),
            namespace: meta.namespace.clone(),
            name: meta.name.clone(),
            uid: meta.uid.clone(),
            api_version: kind.api_version(),
            resource_version: meta.resource_version.clone(),
            field_path: String::new(),
        };
        self.context.recorder.record(self.context.api, Note { about, type_, reason, message });
    }

    fn condition(&mut self, type_: &str, status: &str, reason: &str, message: String) {
        if !self.status["conditions"].is_array() {
            self.status["conditions"] = json!([]);
        }
        let Some(all) = self.status["conditions"].as_array_mut() else { return };
        let old = all.iter().position(|c| c["type"] == type_);
        let since = old.filter(|at| all[*at]["status"] == status).map(|at| all[at]["lastTransitionTime"].clone());
        let since = since.unwrap_or_else(|| json!(self.context.clock.rfc3339()));
        let new = json!({"type": type_, "status": status, "reason": reason, "message": message, "lastTransitionTime": since});
        match old {
            Some(at) => all[at] = new,
            None => all.push(new),
        }
    }
}

fn replicas(target: &Object) -> i64 {
    i64::from(match target {
        Object::Deployment(d) => d.spec.replicas.unwrap_or(1),
        Object::ReplicaSet(set) => set.spec.replicas.unwrap_or(1),
        Object::StatefulSet(set) => set.spec.replicas.unwrap_or(1),
        _ => 0,
    })
}

fn scaled(mut target: Object, wanted: i32) -> Object {
    match &mut target {
        Object::Deployment(d) => Rc::make_mut(d).spec.replicas = Some(wanted),
        Object::ReplicaSet(set) => Rc::make_mut(set).spec.replicas = Some(wanted),
        Object::StatefulSet(set) => Rc::make_mut(set).spec.replicas = Some(wanted),
        _ => {}
    }
    target
}
