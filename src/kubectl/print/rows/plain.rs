//! Rows of kinds that nobody in the lab acts on.

use super::{Column, always, first_three, or, since, wide};
use crate::api::meta::LabelSelector;
use crate::api::plain::{Plain, typed};
use crate::api::selector::format_label_selector;
use crate::api::{Kind, Time};
use serde_json::Value;

/// What the server shows of kinds without columns of their own.
const DEFAULT: &[Column] = &[always("Name"), always("Created At")];
const QUOTA: &[Column] = &[always("Name"), always("Request"), always("Limit"), always("Age")];
const INGRESS: &[Column] = &[always("Name"), always("Class"), always("Hosts"), always("Address"), always("Ports"), always("Age")];
const INGRESS_CLASS: &[Column] = &[always("Name"), always("Controller"), always("Parameters"), always("Age")];
const NETWORK_POLICY: &[Column] = &[always("Name"), always("Pod-Selector"), always("Age")];
const CRON_JOB: &[Column] = &[
    always("Name"),
    always("Schedule"),
    always("Timezone"),
    always("Suspend"),
    always("Active"),
    always("Last Schedule"),
    always("Age"),
    wide("Containers"),
    wide("Images"),
    wide("Selector"),
];
const AUTOSCALER: &[Column] = &[
    always("Name"),
    always("Reference"),
    always("Targets"),
    always("MinPods"),
    always("MaxPods"),
    always("Replicas"),
    always("Age"),
];
const BINDING: &[Column] =
    &[always("Name"), always("Role"), always("Age"), wide("Users"), wide("Groups"), wide("ServiceAccounts")];
const ADDRESS: &[Column] = &[always("Name"), always("ParentRef")];
const CIDR: &[Column] = &[always("Name"), always("CIDRs"), always("Age")];
const PRIORITY_CLASS: &[Column] =
    &[always("Name"), always("Value"), always("Global-Default"), always("Age"), always("PreemptionPolicy")];

pub(super) fn columns(kind: Kind) -> &'static [Column] {
    match kind {
        Kind::ResourceQuota => QUOTA,
        Kind::Ingress => INGRESS,
        Kind::IngressClass => INGRESS_CLASS,
        Kind::NetworkPolicy => NETWORK_POLICY,
        Kind::CronJob => CRON_JOB,
        Kind::HorizontalPodAutoscaler => AUTOSCALER,
        Kind::RoleBinding | Kind::ClusterRoleBinding => BINDING,
        Kind::PriorityClass => PRIORITY_CLASS,
        Kind::IPAddress => ADDRESS,
        Kind::ServiceCIDR => CIDR,
        _ => DEFAULT,
    }
}

/// What the name of the class that Ingresses get by themselves is followed by.
fn default_mark(class: &Plain) -> &'static str {
    let mark = class.meta.annotations.get("ingressclass.kubernetes.io/is-default-class");
    if mark.is_some_and(|value| value == "true") { " (default)" } else { "" }
}

pub(super) fn cells(plain: &Plain, now: Time) -> Vec<String> {
    let created = plain.meta.creation_timestamp;
    let (name, age) = (plain.meta.name.clone(), since(created, now));
    let text = |path: &[&str], none: &str| or(plain.at(path).as_str().unwrap_or_default(), none).to_owned();
    let number = |path: &[&str], none: &str| plain.at(path).as_i64().map_or(none.to_owned(), |n| n.to_string());
    match plain.kind {
        Kind::ResourceQuota => vec![name, used(plain, false), used(plain, true), age],
        Kind::Ingress => {
            let ports = if plain.at(&["spec", "tls"]).as_array().is_some_and(|l| !l.is_empty()) { "80, 443" } else { "80" };
            let class = text(&["spec", "ingressClassName"], "<none>");
            vec![name, class, hosts(plain), addresses(plain), ports.into(), age]
        }
        Kind::IngressClass => vec![name + default_mark(plain), text(&["spec", "controller"], ""), "<none>".into(), age],
        Kind::NetworkPolicy => vec![name, selector(plain.at(&["spec", "podSelector"])), age],
        Kind::CronJob => {
            let suspend = if plain.at(&["spec", "suspend"]).as_bool() == Some(true) { "True" } else { "False" };
            let last = Time::parse(&text(&["status", "lastScheduleTime"], "")).map_or("<none>".into(), |t| since(t, now));
            let active = plain.at(&["status", "active"]).as_array().map_or(0, Vec::len).to_string();
            let containers = plain.at(&["spec", "jobTemplate", "spec", "template", "spec", "containers"]);
            let all = |field: &str| join(containers, |c| c[field].as_str().map(str::to_owned));
            let (zone, schedule) = (text(&["spec", "timeZone"], "<none>"), text(&["spec", "schedule"], ""));
            vec![name, schedule, zone, suspend.into(), active, last, age, all("name"), all("image"), "<none>".into()]
        }
        Kind::HorizontalPodAutoscaler => {
            let target = |field: &str| text(&["spec", "scaleTargetRef", field], "");
            let reference = format!("{}/{}", target("kind"), target("name"));
            let (least, most) = (number(&["spec", "minReplicas"], "<unset>"), number(&["spec", "maxReplicas"], "0"));
            vec![name, reference, targets(plain), least, most, number(&["status", "currentReplicas"], "0"), age]
        }
        Kind::RoleBinding | Kind::ClusterRoleBinding => {
            let role = format!("{}/{}", text(&["roleRef", "kind"], ""), text(&["roleRef", "name"], ""));
            let of = |kind: &str| {
                join(plain.at(&["subjects"]), |s| {
                    let name = s["name"].as_str().filter(|_| s["kind"] == kind)?;
                    let place = s["namespace"].as_str().filter(|_| kind == "ServiceAccount");
                    Some(place.map_or(name.to_owned(), |place| format!("{place}/{name}")))
                })
                .replace(',', ", ")
            };
            vec![name, role, age, of("User"), of("Group"), of("ServiceAccount")]
        }
        Kind::PriorityClass => {
            let default = plain.at(&["globalDefault"]).as_bool() == Some(true);
            let policy = text(&["preemptionPolicy"], "PreemptLowerPriority");
            vec![name, number(&["value"], "0"), default.to_string(), age, policy]
        }
        Kind::IPAddress => {
            let of = |field: &str| text(&["spec", "parentRef", field], "");
            vec![name, format!("{}/{}/{}", of("resource"), of("namespace"), of("name"))]
        }
        Kind::ServiceCIDR => vec![name, join(plain.at(&["spec", "cidrs"]), |c| c.as_str().map(str::to_owned)), age],
        _ => vec![name, created.rfc3339()],
    }
}

fn join(list: &Value, text: impl Fn(&Value) -> Option<String>) -> String {
    list.as_array().into_iter().flatten().filter_map(text).collect::<Vec<_>>().join(",")
}

/// `pods: 1/2, services: 0/1`: what is used of what is allowed, of limits or of everything else.
fn used(quota: &Plain, limits: bool) -> String {
    let hard = quota.texts(&["status", "hard"]);
    let of = |name: &str| quota.at(&["status", "used", name]).as_str().unwrap_or("0");
    let shown = hard.iter().filter(|(name, _)| name.starts_with("limits.") == limits);
    shown.map(|(name, hard)| format!("{name}: {}/{hard}", of(name))).collect::<Vec<_>>().join(", ")
}

fn hosts(ingress: &Plain) -> String {
    let rules = ingress.at(&["spec", "rules"]).as_array().into_iter().flatten();
    let hosts: Vec<String> = rules.filter_map(|r| r["host"].as_str().filter(|h| !h.is_empty()).map(str::to_owned)).collect();
    if hosts.is_empty() { "*".into() } else { first_three(&hosts) }
}

fn addresses(ingress: &Plain) -> String {
    join(ingress.at(&["status", "loadBalancer", "ingress"]), |i| i["ip"].as_str().or(i["hostname"].as_str()).map(str::to_owned))
}

fn selector(value: &Value) -> String {
    format_label_selector(Some(&typed::<LabelSelector>(value)))
}

/// `cpu: <unknown>/80%`: nobody measures anything.
fn targets(autoscaler: &Plain) -> String {
    let shown = |metric: &Value| {
        let (source, target) = (&metric["resource"], &metric["resource"]["target"]);
        let name = source["name"].as_str().unwrap_or("<unknown type>");
        match (target["averageUtilization"].as_i64(), target["averageValue"].as_str()) {
            (Some(percent), _) => Some(format!("{name}: <unknown>/{percent}%")),
            (None, Some(value)) => Some(format!("{name}: <unknown>/{value}")),
            _ => None,
        }
    };
    let text = join(autoscaler.at(&["spec", "metrics"]), shown).replace(',', ", ");
    or(&text, "<none>").to_owned()
}
