//! ResourceQuotas: what a namespace may hold, and what it holds (`plugin/…/admission/resourcequota`, `pkg/quota/v1`).
//!
//! The lab counts at once what Kubernetes' quota controller counts a few milliseconds later.

use super::{ApiServer, Status};
use crate::api::plain::Plain;
use crate::api::pod::{Container, ResourceRequirements};
use crate::api::pod_resources::{self, Amounts, parsed};
use crate::api::quantity::Amount;
use crate::api::{Kind, Object, Pod, Service};
use crate::sorting::Arrange;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::rc::Rc;

/// Amounts by the names that quotas have for them.
type Usage = BTreeMap<String, Amount>;

/// Kinds that are counted under a name of their own, too.
const COUNTED: [(Kind, &str); 5] = [
    (Kind::Pod, "pods"),
    (Kind::Service, "services"),
    (Kind::ConfigMap, "configmaps"),
    (Kind::Secret, "secrets"),
    (Kind::ResourceQuota, "resourcequotas"),
];

impl ApiServer {
    fn quotas(&self, namespace: &str) -> Vec<Rc<Plain>> {
        let plain = |o: &Object| if let Object::Plain(plain) = o { Some(plain.clone()) } else { None };
        self.store().list(Kind::ResourceQuota, Some(namespace)).filter_map(plain).collect()
    }

    /// Refuses a new object that a quota has no room for.
    pub(super) fn check_quota(&self, object: &Object) -> Result<(), Status> {
        let meta = object.meta();
        let refuse = |why: String| Err(Status::forbidden(object.kind(), &meta.name, &why));
        for quota in self.quotas(&meta.namespace) {
            let hard: Usage = amounts(&quota, &["status", "hard"]);
            if let Object::Pod(pod) = object
                && let Some(missing) = unspecified(pod, &hard)
            {
                return refuse(format!("failed quota: {}: must specify {missing}", quota.meta.name));
            }
            let (asked, used) = (usage(object), amounts(&quota, &["status", "used"]));
            let zero = || amount("0");
            let over = |name: &&String| {
                let (Some(more), Some(hard)) = (asked.get(*name), hard.get(*name)) else { return false };
                used.get(*name).unwrap_or(&zero()).plus(more).compare(hard).is_gt()
            };
            let names: Vec<&String> = asked.keys().filter(over).collect();
            if !names.is_empty() {
                let shown = |of: &Usage| {
                    let one = |name: &&String| format!("{name}={}", of.get(*name).unwrap_or(&zero()).canonical());
                    names.iter().map(one).collect::<Vec<_>>().join(",")
                };
                let (name, asked, used, hard) = (&quota.meta.name, shown(&asked), shown(&used), shown(&hard));
                return refuse(format!("exceeded quota: {name}, requested: {asked}, used: {used}, limited: {hard}"));
            }
        }
        Ok(())
    }

    /// What a namespace's quotas say is used, after an object of this kind has changed.
    pub(super) fn recount(&mut self, kind: Kind, namespace: &str) {
        if namespace.is_empty() || matches!(kind, Kind::Event | Kind::Lease | Kind::Endpoints | Kind::EndpointSlice) {
            return;
        }
        for quota in self.quotas(namespace) {
            let hard: Map<String, Value> = quota.at(&["spec", "hard"]).as_object().cloned().unwrap_or_default();
            let mut sum: Usage = hard.keys().map(|name| (name.clone(), amount("0"))).collect();
            for info in crate::api::object::KINDS.iter().filter(|info| info.namespaced) {
                for object in self.store().list(info.kind, Some(namespace)) {
                    for (name, more) in usage(object) {
                        if let Some(total) = sum.get_mut(&name) {
                            *total = total.plus(&more);
                        }
                    }
                }
            }
            let used: Map<String, Value> = sum.iter().map(|(name, sum)| (name.clone(), json!(sum.canonical()))).collect();
            let status = json!({"hard": hard, "used": used});
            if quota.body.get("status") != Some(&status) {
                let mut counted = (*quota).clone();
                counted.body.insert("status".into(), status);
                self.store_as_is(Object::Plain(Rc::new(counted)));
            }
        }
    }
}

fn amount(text: &str) -> Amount {
    Amount::parse(text).unwrap_or_else(|_| Amount::parse("0").expect("zero is an amount"))
}

fn amounts(quota: &Plain, path: &[&str]) -> Usage {
    quota.texts(path).into_iter().map(|(name, text)| (name.to_owned(), amount(&text))).collect()
}

/// What an object uses.
fn usage(object: &Object) -> Usage {
    let kind = object.kind();
    let mut used = Usage::new();
    if let Object::Pod(pod) = object {
        if pod.is_terminal() {
            return used;
        }
        used = compute(pod_resources::requests(pod), pod_resources::limits(pod));
    }
    used.insert(format!("count/{}", kind.resource()), amount("1"));
    if let Some((_, name)) = COUNTED.iter().find(|(k, _)| *k == kind) {
        used.insert((*name).into(), amount("1"));
    }
    if let Object::Service(service) = object {
        used.insert("services.nodeports".into(), amount(&node_ports(service).to_string()));
        let balanced = service.spec.type_ == "LoadBalancer";
        used.insert("services.loadbalancers".into(), amount(if balanced { "1" } else { "0" }));
    }
    used
}

fn node_ports(service: &Service) -> usize {
    let without = service.spec.type_ == "LoadBalancer" && service.spec.allocate_load_balancer_node_ports == Some(false);
    match service.spec.type_.as_str() {
        "LoadBalancer" if without => service.spec.ports.iter().filter(|p| p.node_port != 0).count(),
        "NodePort" | "LoadBalancer" => service.spec.ports.len(),
        _ => 0,
    }
}

/// CPU, memory and so on, by the names that quotas have for them.
fn compute(requests: Amounts, limits: Amounts) -> Usage {
    let mut used = Usage::new();
    for (name, asked) in requests {
        used.insert(format!("requests.{name}"), asked.clone());
        if matches!(name.as_str(), "cpu" | "memory" | "ephemeral-storage") {
            used.insert(name, asked);
        }
    }
    used.extend(limits.into_iter().map(|(name, limit)| (format!("limits.{name}"), limit)));
    used
}

fn of_container(resources: &ResourceRequirements) -> Usage {
    compute(parsed(&resources.requests), parsed(&resources.limits))
}

/// Every container must say how much it wants of the CPU and memory that a quota limits.
fn unspecified(pod: &Pod, hard: &Usage) -> Option<String> {
    const MUST: [&str; 6] = ["cpu", "limits.cpu", "limits.memory", "memory", "requests.cpu", "requests.memory"];
    let lacking = |name: &str| {
        let lacks = |c: &&Container| !of_container(&c.resources).contains_key(name);
        let all = pod.spec.containers.iter().chain(&pod.spec.init_containers);
        let mut names: Vec<&str> = all.filter(lacks).map(|c| c.name.as_str()).collect();
        names.arrange();
        names.join(",")
    };
    let missing = MUST.iter().filter(|name| hard.contains_key(**name)).map(|name| (name, lacking(name)));
    let texts: Vec<String> = missing.filter(|(_, who)| !who.is_empty()).map(|(name, who)| format!("{name} for: {who}")).collect();
    (!texts.is_empty()).then(|| texts.join("; "))
}
