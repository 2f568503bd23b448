//! Kinds that are kept as trees: quotas, limits, Ingresses; the others as kubectl shows what it does not know.

use super::{World, Writer};
use crate::api::plain::Plain;
use crate::api::{EndpointSlice, Kind, Object, Service, Time};
use crate::sorting::Arrange;
use serde_json::Value;

/// Whether kubectl lists the events of such an object.
pub(super) fn has_events(plain: &Plain) -> bool {
    !matches!(plain.kind, Kind::ResourceQuota | Kind::LimitRange | Kind::NetworkPolicy | Kind::Role | Kind::ClusterRole)
        && !matches!(plain.kind, Kind::RoleBinding | Kind::ClusterRoleBinding)
}

pub(super) fn plain(object: &Object, plain: &Plain, world: &dyn World, out: &mut Writer) {
    match plain.kind {
        Kind::ResourceQuota => {
            out.field(0, "Name", &plain.meta.name);
            out.field(0, "Namespace", &plain.meta.namespace);
            usage(plain, 0, "--------\t----\t----", out);
        }
        Kind::LimitRange => {
            out.field(0, "Name", &plain.meta.name);
            out.field(0, "Namespace", &plain.meta.namespace);
            out.line(0, "Type\tResource\tMin\tMax\tDefault Request\tDefault Limit\tMax Limit/Request Ratio");
            out.line(0, "----\t--------\t---\t---\t---------------\t-------------\t-----------------------");
            limits(plain, "", out);
        }
        Kind::Ingress => ingress(plain, world, out),
        Kind::HorizontalPodAutoscaler => super::more_workloads::autoscaler(plain, out),
        Kind::CronJob => super::more_workloads::cron_job(plain, out),
        Kind::IngressClass => ingress_class(plain, out),
        Kind::NetworkPolicy => super::network_policy::network_policy(plain, out),
        Kind::IPAddress => {
            out.field(0, "Name", &plain.meta.name);
            out.labels("Labels", &plain.meta.labels);
            out.annotations("Annotations", &plain.meta.annotations);
            out.line(0, "Parent Reference:");
            for (title, field) in [("Group", "group"), ("Resource", "resource"), ("Namespace", "namespace"), ("Name", "name")] {
                out.field(1, title, plain.at(&["spec", "parentRef", field]).as_str().unwrap_or_default());
            }
        }
        Kind::ServiceCIDR => service_cidr(plain, out),
        Kind::Role | Kind::ClusterRole => role(plain, out),
        Kind::RoleBinding | Kind::ClusterRoleBinding => binding(plain, out),
        _ => super::small::generic(object, out),
    }
}

/// What a namespace's quotas and limits are.
pub(super) fn of_namespace(namespace: &str, world: &dyn World, out: &mut Writer) {
    let all = |kind: Kind| world.list(kind, namespace);
    let plains = |objects: &[Object]| -> Vec<Plain> {
        objects.iter().filter_map(|o| if let Object::Plain(p) = o { Some((**p).clone()) } else { None }).collect()
    };
    let quotas = plains(&all(Kind::ResourceQuota));
    out.line(0, if quotas.is_empty() { "\nNo resource quota." } else { "\nResource Quotas" });
    for quota in &quotas {
        out.field(1, "Name", &quota.meta.name);
        usage(quota, 1, "--------\t---\t---", out);
    }
    let ranges = plains(&all(Kind::LimitRange));
    if ranges.is_empty() {
        out.line(0, "\nNo LimitRange resource.");
        return;
    }
    out.line(0, "\nResource Limits\n Type\tResource\tMin\tMax\tDefault Request\tDefault Limit\tMax Limit/Request Ratio");
    out.line(0, " ----\t--------\t---\t---\t---------------\t-------------\t-----------------------");
    ranges.iter().for_each(|range| limits(range, " ", out));
}

fn usage(quota: &Plain, level: usize, rule: &str, out: &mut Writer) {
    out.line(level, "Resource\tUsed\tHard");
    out.line(level, rule);
    for (name, hard) in quota.texts(&["status", "hard"]) {
        let used = quota.at(&["status", "used", name]).as_str().unwrap_or("0");
        out.line(level, &format!("{name}\t{used}\t{hard}"));
    }
}

fn limits(range: &Plain, indent: &str, out: &mut Writer) {
    const COLUMNS: [&str; 5] = ["min", "max", "defaultRequest", "default", "maxLimitRequestRatio"];
    for limit in range.at(&["spec", "limits"]).as_array().into_iter().flatten() {
        let mut names: Vec<&String> = COLUMNS.iter().filter_map(|c| limit[c].as_object()).flat_map(|m| m.keys()).collect();
        names.arrange();
        names.dedup();
        for name in names {
            let cells: Vec<&str> = COLUMNS.iter().map(|c| limit[c][name].as_str().unwrap_or("-")).collect();
            let type_ = limit["type"].as_str().unwrap_or_default();
            out.line(0, &format!("{indent}{type_}\t{name}\t{}", cells.join("\t")));
        }
    }
}

fn ingress(ingress: &Plain, world: &dyn World, out: &mut Writer) {
    let (meta, spec) = (&ingress.meta, &ingress.body["spec"]);
    out.field(0, "Name", &meta.name);
    out.labels("Labels", &meta.labels);
    out.field(0, "Namespace", &meta.namespace);
    let address = |i: &Value| i["ip"].as_str().or(i["hostname"].as_str()).unwrap_or_default().to_owned();
    let addresses = ingress.at(&["status", "loadBalancer", "ingress"]).as_array().into_iter().flatten().map(address);
    out.field(0, "Address", addresses.collect::<Vec<_>>().join(","));
    out.field(0, "Ingress Class", spec["ingressClassName"].as_str().unwrap_or("<none>"));
    let default = match &spec["defaultBackend"] {
        Value::Null => "<default>".to_owned(),
        backend_ => backend(backend_, &meta.namespace, world),
    };
    out.field(0, "Default backend", &default);
    tls(&spec["tls"], out);
    let rules: Vec<&Value> = spec["rules"].as_array().into_iter().flatten().filter(|r| !r["http"].is_null()).collect();
    out.line(0, "Rules:\n  Host\tPath\tBackends");
    out.line(1, "----\t----\t--------");
    for rule in &rules {
        out.line(1, &format!("{}\t", rule["host"].as_str().filter(|h| !h.is_empty()).unwrap_or("*")));
        for path in rule["http"]["paths"].as_array().into_iter().flatten() {
            let shown = backend(&path["backend"], &meta.namespace, world);
            out.line(2, &format!("\t{} \t{shown}", path["path"].as_str().unwrap_or_default()));
        }
    }
    if rules.is_empty() {
        out.line(1, &format!("*\t*\t{default}"));
    }
    out.annotations("Annotations", &meta.annotations);
}

/// Which hosts are served with a certificate.
fn tls(tls: &Value, out: &mut Writer) {
    let all = tls.as_array().map_or(&[] as &[Value], Vec::as_slice);
    if !all.is_empty() {
        out.line(0, "TLS:");
    }
    for one in all {
        let hosts: Vec<&str> = one["hosts"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        match one["secretName"].as_str().unwrap_or_default() {
            "" => out.line(1, &format!("SNI routes {}", hosts.join(","))),
            secret => out.line(1, &format!("{secret} terminates {}", hosts.join(","))),
        }
    }
}

/// The controller of a class of Ingresses, and what it is given.
fn ingress_class(class: &Plain, out: &mut Writer) {
    out.field(0, "Name", &class.meta.name);
    out.labels("Labels", &class.meta.labels);
    out.annotations("Annotations", &class.meta.annotations);
    let text = |path: &[&str]| class.at(path).as_str().unwrap_or_default().to_owned();
    out.field(0, "Controller", text(&["spec", "controller"]));
    if class.at(&["spec", "parameters"]).is_object() {
        out.line(0, "Parameters:");
        for (title, field) in [("APIGroup", "apiGroup"), ("Kind", "kind"), ("Name", "name")] {
            if title != "APIGroup" || !class.at(&["spec", "parameters", field]).is_null() {
                out.field(1, title, text(&["spec", "parameters", field]));
            }
        }
    }
}

/// A range of Service addresses, and whether it is in use.
fn service_cidr(range: &Plain, out: &mut Writer) {
    out.field(0, "Name", &range.meta.name);
    out.labels("Labels", &range.meta.labels);
    out.annotations("Annotations", &range.meta.annotations);
    out.field(0, "CIDRs", texts(range.at(&["spec", "cidrs"])).join(", "));
    let conditions = range.at(&["status", "conditions"]).as_array().map_or(&[] as &[Value], Vec::as_slice);
    if !conditions.is_empty() {
        out.line(0, "Status:\nConditions:");
        out.line(1, "Type\tStatus\tLastTransitionTime\tReason\tMessage");
        out.line(1, "----\t------\t------------------\t------\t-------");
    }
    for condition in conditions {
        let text = |field: &str| condition[field].as_str().unwrap_or_default();
        let since = Time::parse(text("lastTransitionTime")).map_or(String::new(), |t| t.rfc1123z());
        out.line(1, &format!("{}\t{}\t{since}\t{}\t{}", text("type"), text("status"), text("reason"), text("message")));
    }
}

/// `web:80 (10.244.1.3:80)`: a Service behind an Ingress, and where it leads.
fn backend(backend: &Value, namespace: &str, world: &dyn World) -> String {
    let (service, port) = (&backend["service"], &backend["service"]["port"]);
    let name = service["name"].as_str().unwrap_or_default();
    let number = port["number"].as_i64();
    let shown =
        format!("{name}:{}", number.map_or_else(|| port["name"].as_str().unwrap_or_default().to_owned(), |n| n.to_string()));
    let found = world.get(Kind::Service, namespace, name);
    let Some(service) = found.as_ref().and_then(|o| o.as_::<Service>()) else {
        return format!("{shown} (<error: services {name:?} not found>)");
    };
    let meant = service.spec.ports.iter().find(|p| Some(i64::from(p.port)) == number || port["name"] == p.name.as_str());
    let slices = super::all::<EndpointSlice>(world, namespace);
    let own = |s: &&EndpointSlice| s.meta.labels.get(super::service::SERVICE_NAME).is_some_and(|n| n == name);
    let slices: Vec<&EndpointSlice> = slices.iter().map(|s| &**s).filter(own).collect();
    format!("{shown} ({})", super::service::ready_endpoints(&slices, meant.map_or("", |p| p.name.as_str())))
}

fn role(role: &Plain, out: &mut Writer) {
    out.field(0, "Name", &role.meta.name);
    out.labels("Labels", &role.meta.labels);
    out.annotations("Annotations", &role.meta.annotations);
    out.line(0, "PolicyRule:");
    out.line(1, "Resources\tNon-Resource URLs\tResource Names\tVerbs");
    out.line(1, "---------\t-----------------\t--------------\t-----");
    compact_rules(role).iter().for_each(|rule| out.line(1, &rule.row()));
}

/// The texts of a list.
fn texts(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// What one may do with one resource (or path).
#[derive(Clone, Debug, Default)]
struct Rule {
    group: String,
    resource: String,
    name: String,
    path: String,
    verbs: Vec<String>,
}

impl Rule {
    fn row(&self) -> String {
        let dot = if self.group.is_empty() { "" } else { "." };
        let what = format!("{}{dot}{}", self.resource, self.group);
        format!("{what}\t[{}]\t[{}]\t[{}]", self.path, self.name, self.verbs.join(" "))
    }

    /// By this kubectl sorts them: all fields in a row.
    fn text(&self) -> String {
        let Rule { group, resource, name, path, verbs } = self;
        format!("[{}],[{group}],[{resource}],[{name}],[{path}]", verbs.join(" "))
    }
}

/// A role's rules, each resource once with all its verbs (`pkg/util/rbac`).
fn compact_rules(role: &Plain) -> Vec<Rule> {
    let mut rules: Vec<Rule> = vec![];
    let mut add = |new: Rule| {
        let same = |r: &&mut Rule| (&r.group, &r.resource, &r.name, &r.path) == (&new.group, &new.resource, &new.name, &new.path);
        match rules.iter_mut().find(same) {
            Some(known) => {
                let more = new.verbs.iter().filter(|v| !known.verbs.contains(v)).cloned().collect::<Vec<_>>();
                known.verbs.extend(more);
            }
            None => rules.push(new),
        }
    };
    for rule in role.at(&["rules"]).as_array().into_iter().flatten() {
        let (verbs, mut names) = (texts(&rule["verbs"]), texts(&rule["resourceNames"]));
        if names.is_empty() {
            names.push(String::new());
        }
        for group in texts(&rule["apiGroups"]) {
            for resource in texts(&rule["resources"]) {
                for name in &names {
                    let (group, resource, name) = (group.clone(), resource.clone(), name.clone());
                    add(Rule { group, resource, name, path: String::new(), verbs: verbs.clone() });
                }
            }
        }
        texts(&rule["nonResourceURLs"]).into_iter().for_each(|path| add(Rule { path, verbs: verbs.clone(), ..Rule::default() }));
    }
    rules.arrange_by_key(Rule::text);
    rules
}

fn binding(binding: &Plain, out: &mut Writer) {
    out.field(0, "Name", &binding.meta.name);
    out.labels("Labels", &binding.meta.labels);
    out.annotations("Annotations", &binding.meta.annotations);
    out.line(0, "Role:");
    out.field(1, "Kind", binding.at(&["roleRef", "kind"]).as_str().unwrap_or_default());
    out.field(1, "Name", binding.at(&["roleRef", "name"]).as_str().unwrap_or_default());
    out.line(0, "Subjects:");
    out.line(1, "Kind\tName\tNamespace");
    out.line(1, "----\t----\t---------");
    for subject in binding.at(&["subjects"]).as_array().into_iter().flatten() {
        let text = |field: &str| subject[field].as_str().unwrap_or_default();
        out.line(1, &format!("{}\t{}\t{}", text("kind"), text("name"), text("namespace")));
    }
}
