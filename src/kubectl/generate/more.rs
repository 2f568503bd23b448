//! `kubectl create cronjob|quota|role|clusterrole|rolebinding|clusterrolebinding|ingress|priorityclass`.

use super::{job, one_name};
use serde_json::{Map, Value, json};

/// An object with this name, in the namespace that the command line names ("": none).
fn object(api_version: &str, kind: &str, name: &str, namespace: &str) -> Map<String, Value> {
    let mut meta = json!({"name": name});
    if !namespace.is_empty() {
        meta["namespace"] = json!(namespace);
    }
    let value = json!({"apiVersion": api_version, "kind": kind, "metadata": meta});
    value.as_object().cloned().unwrap_or_default()
}

fn with(mut object: Map<String, Value>, fields: Value) -> Value {
    object.extend(fields.as_object().cloned().unwrap_or_default());
    Value::Object(object)
}

/// The CronJob that would be sent.
pub fn cron_job(
    names: &[String],
    (image, schedule, restart): (&str, &str, &str),
    command: Vec<String>,
    namespace: &str,
) -> Result<Value, String> {
    let name = one_name("create cronjob", names)?;
    let mut spec = job(names, image, command, "")?["spec"].clone();
    spec["template"]["spec"]["restartPolicy"] = json!(if restart.is_empty() { "OnFailure" } else { restart });
    let template = json!({"metadata": {"name": name}, "spec": spec});
    let fields = json!({"spec": {"jobTemplate": template, "schedule": schedule}, "status": {}});
    Ok(with(object("batch/v1", "CronJob", &name, namespace), fields))
}

/// The ResourceQuota that would be sent.
pub fn quota(names: &[String], hard: &str, scopes: &str, namespace: &str) -> Result<Value, String> {
    let name = one_name("create quota", names)?;
    let mut amounts = Map::new();
    for pair in hard.split(',').filter(|p| !p.is_empty()) {
        let parts = pair.split_once('=').filter(|(key, value)| !key.is_empty() && !value.contains('='));
        let (key, value) = parts.ok_or_else(|| format!("Invalid argument syntax {pair}, expected <resource>=<value>"))?;
        let amount = crate::api::quantity::Amount::parse(value)?;
        amounts.insert(key.into(), json!(amount.canonical()));
    }
    let mut spec = Map::new();
    if !amounts.is_empty() {
        spec.insert("hard".into(), Value::Object(amounts));
    }
    if !scopes.is_empty() {
        spec.insert("scopes".into(), json!(scopes.split(',').collect::<Vec<_>>()));
    }
    Ok(with(object("v1", "ResourceQuota", &name, namespace), json!({"spec": spec, "status": {}})))
}

/// The Role or ClusterRole that would be sent: a rule for each API group. `resources`: group and plural name.
pub fn role(
    kind: &str,
    name: &str,
    (verbs, resources, names): (&[String], &[(String, String)], &[String]),
    urls: &[String],
    namespace: &str,
) -> Value {
    let mut once: Vec<&String> = vec![];
    for verb in verbs {
        match verb.as_str() {
            "*" => once = vec![verb],
            _ if once.contains(&verb) || once.iter().any(|v| *v == "*") => {}
            _ => once.push(verb),
        }
    }
    let verbs = once;
    let groups: std::collections::BTreeSet<&String> = resources.iter().map(|(group, _)| group).collect();
    let mut rules = vec![];
    for group in groups {
        let own: Vec<&String> = resources.iter().filter(|(g, _)| g == group).map(|(_, r)| r).collect();
        let mut rule = json!({"apiGroups": [group], "resources": own, "verbs": verbs});
        if !names.is_empty() {
            rule["resourceNames"] = json!(names);
        }
        rules.push(rule);
    }
    if !urls.is_empty() {
        rules.push(json!({"nonResourceURLs": urls, "verbs": verbs}));
    }
    with(object("rbac.authorization.k8s.io/v1", kind, name, namespace), json!({"rules": rules}))
}

/// Who is bound to a role.
#[derive(Clone, Debug, Default)]
pub struct Bound {
    /// `--user`.
    pub users: Vec<String>,
    /// `--group`.
    pub groups: Vec<String>,
    /// `--serviceaccount`: `namespace:name`.
    pub accounts: Vec<String>,
}

/// The RoleBinding or ClusterRoleBinding that would be sent. `role`: kind and name.
pub fn binding(kind: &str, name: &str, role: (&str, &str), bound: &Bound, namespace: &str) -> Result<Value, String> {
    const GROUP: &str = "rbac.authorization.k8s.io";
    let person = |kind: &'static str| move |name: &String| json!({"apiGroup": GROUP, "kind": kind, "name": name});
    let mut subjects: Vec<Value> = bound.users.iter().map(person("User")).collect();
    subjects.extend(bound.groups.iter().map(person("Group")));
    for account in &bound.accounts {
        let parts = account.split_once(':').filter(|(place, name)| !place.is_empty() && !name.is_empty() && !name.contains(':'));
        let (place, name) = parts.ok_or("serviceaccount must be <namespace>:<name>")?;
        subjects.push(json!({"kind": "ServiceAccount", "name": name, "namespace": place}));
    }
    let mut fields = json!({"roleRef": {"apiGroup": GROUP, "kind": role.0, "name": role.1}});
    if !subjects.is_empty() {
        fields["subjects"] = json!(subjects);
    }
    Ok(with(object("rbac.authorization.k8s.io/v1", kind, name, namespace), fields))
}

/// What the command line says of an Ingress.
#[derive(Clone, Debug, Default)]
pub struct IngressArgs {
    /// The words without a dash.
    pub names: Vec<String>,
    /// `--rule`.
    pub rules: Vec<String>,
    /// `--class`.
    pub class: Option<String>,
    /// `--default-backend`.
    pub default_backend: String,
    /// `--annotation`.
    pub annotations: Vec<String>,
    /// `--namespace`, "" when it was not given.
    pub namespace: String,
}

/// The Ingress that would be sent.
pub fn ingress(args: &IngressArgs) -> Result<Value, String> {
    let name = one_name("create ingress", &args.names)?;
    if args.default_backend.is_empty() && args.rules.is_empty() {
        return Err("not enough information provided: every ingress has to either specify a default-backend (which catches all traffic) or a list of rules (which catch specific paths)".into());
    }
    let mut spec = Map::new();
    if let Some(class) = &args.class {
        spec.insert("ingressClassName".into(), json!(class));
    }
    if !args.default_backend.is_empty() {
        let backend = backend(&args.default_backend).ok_or("default-backend should be in format servicename:serviceport")?;
        spec.insert("defaultBackend".into(), backend);
    }
    let (mut rules, mut tls): (Vec<Value>, Vec<Value>) = (vec![], vec![]);
    for text in &args.rules {
        let (host, path, secret) = rule(text)
            .ok_or_else(|| format!("rule {text} is invalid and should be in format host/path=svcname:svcport[,tls[=secret]]"))?;
        match rules.iter_mut().find(|r| r["host"].as_str().unwrap_or_default() == host) {
            Some(old) => old["http"]["paths"].as_array_mut().into_iter().for_each(|paths| paths.push(path.clone())),
            None if host.is_empty() => rules.push(json!({"http": {"paths": [path]}})),
            None => rules.push(json!({"host": host, "http": {"paths": [path]}})),
        }
        let known = |t: &Value| t["hosts"].as_array().is_some_and(|hosts| hosts.iter().any(|h| *h == host));
        if let Some(secret) = secret.filter(|_| !tls.iter().any(known)) {
            let mut entry = Map::new();
            if !host.is_empty() {
                entry.insert("hosts".into(), json!([host]));
            }
            if !secret.is_empty() {
                entry.insert("secretName".into(), json!(secret));
            }
            tls.push(Value::Object(entry));
        }
    }
    for (field, list) in [("rules", rules), ("tls", tls)] {
        if !list.is_empty() {
            spec.insert(field.into(), Value::Array(list));
        }
    }
    let mut object = object("networking.k8s.io/v1", "Ingress", &name, &args.namespace);
    for pair in &args.annotations {
        let (key, value) =
            pair.split_once('=').ok_or_else(|| format!("annotation {pair} is invalid and should be in format key=[value]"))?;
        object["metadata"]["annotations"][key] = json!(value);
    }
    Ok(with(object, json!({"spec": spec, "status": {"loadBalancer": {}}})))
}

/// `host/path=service:port[,tls[=secret]]`: the host, the path with its backend, and the Secret ("": none) if there is TLS.
fn rule(text: &str) -> Option<(String, Value, Option<String>)> {
    let (place, target) = text.split_once('=')?;
    let (target, tls) = target.split_once(",tls").map_or((target, None), |(t, tls)| (t, Some(tls.trim_start_matches('='))));
    let (host, path) = place.split_at(place.find('/')?);
    let (path, type_) = match path.strip_suffix('*') {
        Some(front) => (front, "Prefix"),
        None => (path, "Exact"),
    };
    let entry = json!({"backend": backend(target)?, "path": path, "pathType": type_});
    Some((host.into(), entry, tls.map(str::to_owned)))
}

/// `service:port`, the port as a number or by its name.
fn backend(text: &str) -> Option<Value> {
    let (name, port) = text.split_once(':').filter(|(name, port)| !name.is_empty() && !port.is_empty())?;
    let port = port.parse::<i64>().map_or_else(|_| json!({"name": port}), |number| json!({"number": number}));
    Some(json!({"service": {"name": name, "port": port}}))
}

/// The PriorityClass that would be sent.
pub fn priority_class(names: &[String], (value, default): (i64, bool), description: &str, policy: &str) -> Result<Value, String> {
    let name = one_name("create priorityclass", names)?;
    let policy = if policy.is_empty() { "PreemptLowerPriority" } else { policy };
    let mut fields = json!({"value": value, "preemptionPolicy": policy});
    if default {
        fields["globalDefault"] = json!(true);
    }
    if !description.is_empty() {
        fields["description"] = json!(description);
    }
    Ok(with(object("scheduling.k8s.io/v1", "PriorityClass", &name, ""), fields))
}
