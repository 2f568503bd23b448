//! `kubectl create service clusterip|nodeport|loadbalancer|externalname`.

use super::checks::{is_dns1123_subdomain, parse_port, port_name};
use super::{app_label, meta, one_name, required};
use crate::api::service::{Service, ServicePort, ServiceSpec};
use crate::api::{IntOrString, Resource};
use serde_json::Value;
use std::rc::Rc;

/// What the command line of `create service TYPE` says.
#[derive(Clone, Debug, Default)]
pub struct ServiceArgs {
    /// `ClusterIP`, `NodePort`, `LoadBalancer` or `ExternalName`: which subcommand it was.
    pub type_: String,
    /// The words without a dash.
    pub names: Vec<String>,
    /// Every `--tcp`, split at commas: `port` or `port:targetPort`.
    pub tcp: Vec<String>,
    /// `--clusterip` (ClusterIP only).
    pub cluster_ip: String,
    /// `--node-port` (NodePort only), 0 when it was not given.
    pub node_port: i32,
    /// `--external-name` (ExternalName only).
    pub external_name: Option<String>,
    /// `--namespace`, "" when it was not given.
    pub namespace: String,
}

/// The Service that would be sent.
pub fn service(args: &ServiceArgs) -> Result<Value, String> {
    let external = args.type_ == "ExternalName";
    if external && args.external_name.is_none() {
        return Err(required("external-name"));
    }
    let name = one_name(&format!("create service {}", args.type_.to_lowercase()), &args.names)?;
    if args.cluster_ip == "None" && args.type_ != "ClusterIP" {
        return Err("ClusterIP=None can only be used with ClusterIP service type".to_owned());
    }
    if args.cluster_ip != "None" && args.tcp.is_empty() && !external {
        return Err("at least one tcp port specifier must be provided".to_owned());
    }
    let external_name = args.external_name.clone().unwrap_or_default();
    if external && !is_dns1123_subdomain(&external_name) {
        return Err(format!("invalid service external name {external_name}"));
    }
    let ports = args.tcp.iter().map(|tcp| port(tcp, args.node_port)).collect::<Result<_, _>>()?;
    let labels = app_label(&name);
    let spec = ServiceSpec {
        type_: args.type_.clone(),
        selector: labels.clone(),
        ports,
        external_name,
        cluster_ip: args.cluster_ip.clone(),
        ..ServiceSpec::default()
    };
    let service = Service { meta: meta(&name, &args.namespace, labels), spec, ..Service::default() };
    Ok(Rc::new(service).into_object().to_value())
}

fn port(tcp: &str, node_port: i32) -> Result<ServicePort, String> {
    let mut parts = tcp.split(':');
    let port = parse_port(parts.next().unwrap_or_default())?;
    let target_port = match parts.next() {
        None => IntOrString::Int(port),
        Some(target) => target_of(target)?,
    };
    Ok(ServicePort {
        name: tcp.replace(':', "-"),
        protocol: "TCP".to_owned(),
        port,
        target_port,
        node_port,
        ..ServicePort::default()
    })
}

fn target_of(text: &str) -> Result<IntOrString, String> {
    match super::checks::atoi(text) {
        Ok(number) => match i32::try_from(number) {
            Ok(port @ 1..=65535) => Ok(IntOrString::Int(port)),
            _ => Err("must be between 1 and 65535, inclusive".to_owned()),
        },
        Err(_) => port_name(text).map(|()| IntOrString::Text(text.to_owned())),
    }
}
