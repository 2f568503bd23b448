//! `kubectl expose`: a Service made from what another object says of itself.

use super::checks::atoi;
use super::{meta, parse_labels};
use crate::api::meta::{LabelSelector, StringMap};
use crate::api::pod::PodSpec;
use crate::api::service::{Service, ServicePort, ServiceSpec};
use crate::api::{IntOrString, Object, Resource};
use serde_json::Value;
use std::collections::BTreeMap;
use std::rc::Rc;

/// What the command line of `expose` says besides the object; "" means that a flag was not given.
#[derive(Clone, Debug, Default)]
pub struct ExposeArgs {
    /// `--name`
    pub name: String,
    /// `--port`
    pub port: String,
    /// `--target-port`
    pub target_port: String,
    /// `--protocol`
    pub protocol: String,
    /// `--type`
    pub type_: String,
    /// `--selector`
    pub selector: String,
    /// `--labels`
    pub labels: String,
    /// `--external-ip`
    pub external_ip: String,
    /// `--load-balancer-ip`
    pub load_balancer_ip: String,
    /// `--session-affinity`
    pub session_affinity: String,
    /// `--cluster-ip`
    pub cluster_ip: String,
    /// `--namespace` (used by `--dry-run=client` only).
    pub namespace: String,
}

impl ExposeArgs {
    /// kubectl keeps in its options what it read off an object, and takes it for the objects behind that one as well.
    pub fn keep(&mut self, object: &Object) {
        let text = |map: &StringMap| map.iter().map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>().join(",");
        if can_be_exposed(object).is_err() {
            return;
        }
        if self.selector.is_empty() {
            let Ok(selector) = selector_of(object) else { return };
            self.selector = text(&selector);
        }
        match exposed_ports(object).as_slice() {
            [] if self.port.is_empty() && self.cluster_ip != "None" => return,
            [(port, _)] if self.port.is_empty() => self.port = port.to_string(),
            _ => {}
        }
        if self.labels.is_empty() {
            self.labels = text(&object.meta().labels);
        }
    }
}

/// Longest name that kubectl takes over from the exposed object.
const MAX_NAME: usize = 63;

/// The Service that would be sent for `object`.
pub fn expose(object: &Object, args: &ExposeArgs) -> Result<Value, String> {
    can_be_exposed(object)?;
    let selector = match args.selector.as_str() {
        "" => selector_of(object)?,
        text => parse_labels(text)?,
    };
    let exposed = exposed_ports(object);
    let numbers: Vec<String> = match args.port.as_str() {
        "" if exposed.is_empty() && args.cluster_ip != "None" => {
            return Err("couldn't find port via --port flag or introspection".to_owned());
        }
        "" => exposed.iter().map(|(port, _)| port.to_string()).collect(),
        text => text.split(',').map(str::to_owned).collect(),
    };
    let labels = match args.labels.as_str() {
        "" => object.meta().labels.clone(),
        text => parse_labels(text)?,
    };
    if selector.is_empty() {
        return Err("selector must be specified".to_owned());
    }
    let ports = service_ports(&numbers, &exposed, args)?;
    if !matches!(args.session_affinity.as_str(), "" | "None" | "ClientIP") {
        return Err(format!("unknown session affinity: {}", args.session_affinity));
    }
    let own_name = &object.meta().name;
    let name = if args.name.is_empty() { own_name.get(..MAX_NAME).unwrap_or(own_name) } else { &args.name };
    let spec = ServiceSpec {
        selector,
        ports,
        type_: args.type_.clone(),
        external_ips: (!args.external_ip.is_empty()).then(|| args.external_ip.clone()).into_iter().collect(),
        load_balancer_ip: if args.type_ == "LoadBalancer" { args.load_balancer_ip.clone() } else { String::new() },
        session_affinity: args.session_affinity.clone(),
        cluster_ip: args.cluster_ip.clone(),
        ..ServiceSpec::default()
    };
    let service = Service { meta: meta(name, &args.namespace, labels), spec, ..Service::default() };
    Ok(Rc::new(service).into_object().to_value())
}

fn can_be_exposed(object: &Object) -> Result<(), String> {
    let info = object.kind().info();
    match object {
        Object::Pod(_) | Object::Service(_) | Object::Deployment(_) | Object::ReplicaSet(_) => Ok(()),
        _ if info.group.is_empty() => Err(format!("cannot expose a {}", info.name)),
        _ => Err(format!("cannot expose a {}.{}", info.name, info.group)),
    }
}

fn selector_of(object: &Object) -> Result<StringMap, String> {
    let found = match object {
        Object::Pod(pod) if pod.meta.labels.is_empty() => Err("the pod has no labels and cannot be exposed".to_owned()),
        Object::Pod(pod) => Ok(pod.meta.labels.clone()),
        Object::Service(service) if service.spec.selector.is_empty() => Err("the service has no pod selector set".to_owned()),
        Object::Service(service) => Ok(service.spec.selector.clone()),
        Object::Deployment(d) => plain_selector(d.spec.selector.as_ref(), "deployment"),
        Object::ReplicaSet(set) => plain_selector(set.spec.selector.as_ref(), "replicaset"),
        _ => Err(String::new()),
    };
    found.map_err(|why| format!("couldn't retrieve selectors via --selector flag or introspection: {why}"))
}

/// The labels of a selector without expressions.
fn plain_selector(selector: Option<&LabelSelector>, kind: &str) -> Result<StringMap, String> {
    let Some(selector) = selector.filter(|s| !s.match_labels.is_empty()) else {
        return Err(format!("invalid {kind}: no selectors, therefore cannot be exposed"));
    };
    if selector.match_expressions.is_empty() {
        return Ok(selector.match_labels.clone());
    }
    let one = |e: &crate::api::meta::LabelSelectorRequirement| {
        format!("{{Key:{} Operator:{} Values:[{}]}}", e.key, e.operator, e.values.join(" "))
    };
    let all = selector.match_expressions.iter().map(one).collect::<Vec<_>>().join(" ");
    Err(format!("couldn't convert expressions - \"[{all}]\" to map-based selector format"))
}

/// Port numbers that the object names, each once and in order, with their protocols.
type Exposed = Vec<(i32, Vec<String>)>;

fn exposed_ports(object: &Object) -> Exposed {
    let of_spec = |spec: &PodSpec| -> Vec<(i32, String)> {
        spec.containers.iter().flat_map(|c| &c.ports).map(|p| (p.container_port, p.protocol.clone())).collect()
    };
    let all = match object {
        Object::Pod(pod) => of_spec(&pod.spec),
        Object::Deployment(d) => of_spec(&d.spec.template.spec),
        Object::ReplicaSet(set) => of_spec(&set.spec.template.spec),
        Object::Service(service) => service.spec.ports.iter().map(|p| (p.port, p.protocol.clone())).collect(),
        _ => Vec::new(),
    };
    let mut grouped: Exposed = Vec::new();
    for (port, protocol) in all {
        let protocol = if protocol.is_empty() { "TCP".to_owned() } else { protocol };
        match grouped.iter_mut().find(|(number, _)| *number == port) {
            Some((_, protocols)) => protocols.push(protocol),
            None => grouped.push((port, vec![protocol])),
        }
    }
    grouped
}

/// A port for each number; a number with several protocols gives one for each. Names are made up when there are several numbers.
fn service_ports(numbers: &[String], exposed: &Exposed, args: &ExposeArgs) -> Result<Vec<ServicePort>, String> {
    let known: BTreeMap<String, &Vec<String>> = exposed.iter().map(|(port, list)| (port.to_string(), list)).collect();
    let mut ports = Vec::new();
    for (i, text) in numbers.iter().enumerate() {
        let number = atoi(text)? as i32;
        let name = if numbers.len() > 1 { format!("port-{}", i + 1) } else { String::new() };
        let protocols = known.get(text).filter(|_| args.protocol.is_empty());
        match protocols.map(|p| p.as_slice()) {
            Some(several @ [_, _, ..]) => ports
                .extend(several.iter().map(|p| service_port(format!("port-{}-{}", i + 1, p.to_lowercase()), number, p, args))),
            Some([one]) => ports.push(service_port(name, number, one, args)),
            _ if args.protocol.is_empty() => ports.push(service_port(name, number, "TCP", args)),
            _ => ports.push(service_port(name, number, &args.protocol, args)),
        }
    }
    Ok(ports)
}

fn service_port(name: String, port: i32, protocol: &str, args: &ExposeArgs) -> ServicePort {
    let target_port = match args.target_port.as_str() {
        "" => IntOrString::Int(port),
        text => text.parse().map_or_else(|_| IntOrString::Text(text.to_owned()), IntOrString::Int),
    };
    ServicePort { name, port, protocol: protocol.to_owned(), target_port, ..ServicePort::default() }
}
