//! What stands behind a Service, or does not: selector, ports, slices.

use super::*;
use crate::api::Deployment;
use crate::api::service::ServicePort;
use std::collections::BTreeMap;

pub fn external_name(service: &Service) -> Finding {
    let (name, at) = of(service);
    let target = &service.spec.external_name;
    finding(
        Cause::ExternalName,
        Weight::Note,
        format!("Service {name} is of type ExternalName: only another name for {target}. It has no address and no endpoints."),
    )
    .seen(format!("{target} is asked of the DNS servers outside the cluster; this lab has none, so only cluster names lead on."))
    .show(format!("kubectl get service {name}{at}"))
}

pub fn headless(service: &Service, ready: usize) -> Finding {
    let (name, _) = of(service);
    let title =
        format!("Service {name} is headless: its name leads to its {} themselves, no rules in between.", counted(ready, "Pod"));
    finding(Cause::Headless, Weight::Note, title)
        .seen("A client that keeps an address it looked up once fails when that Pod goes.")
}

pub fn headless_empty(service: &Service) -> Finding {
    let (name, at) = of(service);
    finding(
        Cause::Headless,
        Weight::All,
        format!("Service {name} is headless and no Pod behind it is ready, so its name leads nowhere."),
    )
    .show(format!("kubectl get endpointslices{at} -l kubernetes.io/service-name={name}"))
}

pub fn no_selector(service: &Service) -> Finding {
    let (name, at) = of(service);
    let title = format!("Service {name} has no selector: nobody fills its list of endpoints, and nobody has done it by hand.");
    finding(Cause::NoSelector, Weight::All, title)
        .seen("Without a selector the EndpointSlices are yours to write.")
        .show(format!("kubectl get service {name}{at} -o wide"))
        .show(format!("kubectl get endpointslices{at} -l kubernetes.io/service-name={name}"))
        .fix("Give it the labels of its Pods", format!("kubectl set selector service {name} app={name}{at}"))
}

pub fn scaled_to_zero(service: &Service, deployment: &Deployment, weight: Weight) -> Finding {
    let (name, at) = of(service);
    let of = &deployment.meta.name;
    finding(
        Cause::ScaledToZero,
        weight,
        format!("Deployment {of} has the labels that Service {name} wants, and 0 replicas: there is no Pod."),
    )
    .show(format!("kubectl get deployment {of}{at}"))
    .fix("Scale it up", format!("kubectl scale deployment {of} --replicas=1{at}"))
}

pub fn no_pods_yet(deployment: &Deployment, weight: Weight) -> Finding {
    let (name, at) = (&deployment.meta.name, at(&deployment.meta.namespace));
    let wanted = deployment.spec.replicas.unwrap_or(1);
    let conditions = deployment.status.conditions.iter().filter(|c| c.status != "True" || c.type_ == "ReplicaFailure");
    let told = conditions.map(|c| format!("condition {}: {}", c.type_, c.message)).next();
    let title = format!("Deployment {name} wants {}, but none has been created yet.", counted(wanted.max(0) as usize, "Pod"));
    let found = finding(Cause::NoPodsYet, weight, title).show(format!("kubectl describe deployment {name}{at}"));
    let found = match told {
        Some(told) => found.seen(told),
        None => found,
    };
    if deployment.spec.paused {
        found.fix("Let it go on", format!("kubectl rollout resume deployment/{name}{at}"))
    } else {
        found
    }
}

pub fn label_typo(service: &Service, near: &[(String, String)], right: &BTreeMap<String, String>, weight: Weight) -> Finding {
    let (name, at) = of(service);
    let (wants, has) = near.first().cloned().unwrap_or_default();
    finding(Cause::LabelTypo, weight, format!("Service {name} selects {wants}, but the Pods here have {has}: a slip of the pen?"))
        .seen(format!("The selector {} matches no Pod.", labels(&service.spec.selector)))
        .show(format!("kubectl get pods{at} -l {}", labels(&service.spec.selector)))
        .show(format!("kubectl get pods{at} --show-labels"))
        .fix("Select the labels that the Pods have", format!("kubectl set selector service {name} {}{at}", labels(right)))
}

pub fn wrong_namespace(service: &Service, other: &str, weight: Weight) -> Finding {
    let (name, at) = of(service);
    let selector = labels(&service.spec.selector);
    let port = service.spec.ports.first().map_or(80, |p| p.port);
    let title = format!(
        "The Pods with {selector} are in namespace {other}; Service {name} is in {} and only selects Pods there.",
        service.meta.namespace
    );
    finding(Cause::WrongNamespace, weight, title)
        .show(format!("kubectl get pods{at} -l {selector}"))
        .show(format!("kubectl get pods -A -l {selector}"))
        .fix(
            format!("Make the Service where the Pods are, and ask for {name}.{other}"),
            format!("kubectl create service clusterip {name} --tcp={port} -n {other}"),
        )
}

pub fn selector_matches_nothing(
    service: &Service,
    known: &[(String, usize)],
    nearest: Option<BTreeMap<String, String>>,
    weight: Weight,
) -> Finding {
    let (name, at) = of(service);
    let selector = labels(&service.spec.selector);
    let title = format!("No Pod in namespace {} has the labels that Service {name} selects: {selector}.", service.meta.namespace);
    let here: Vec<String> = known.iter().map(|(label, n)| format!("{label} ({n})")).collect();
    let seen = if here.is_empty() {
        "There is no Pod at all.".into()
    } else {
        format!("Labels of the Pods there: {}.", here.join(", "))
    };
    let found = finding(Cause::SelectorMatchesNothing, weight, title)
        .seen(seen)
        .show(format!("kubectl get pods{at} -l {selector}"))
        .show(format!("kubectl get pods{at} --show-labels"));
    match nearest {
        Some(right) => {
            found.fix("Select labels that Pods have", format!("kubectl set selector service {name} {}{at}", labels(&right)))
        }
        None => found,
    }
}

pub fn port_name_missing(service: &Service, port: &ServicePort, wanted: &str, pods: &[&Pod], weight: Weight) -> Finding {
    let (name, at) = of(service);
    let containers = || pods.iter().flat_map(|p| &p.spec.containers);
    let mut known: Vec<String> =
        containers().flat_map(|c| &c.ports).map(|p| format!("{} {}", p.name, p.container_port).trim().into()).collect();
    known.sort();
    known.dedup();
    let number = containers().flat_map(|c| &c.ports).map(|p| p.container_port).next();
    let title = format!(
        "Port {} of Service {name} leads to a port named {wanted}, and no container of {} has one.",
        port.port,
        names(pods)
    );
    let seen =
        if known.is_empty() { "Their containers name no ports.".into() } else { format!("Their ports: {}.", known.join(", ")) };
    let found = finding(Cause::PortNameMissing, weight, title)
        .seen(seen)
        .seen("Such a Pod is left out of this port's list of endpoints.")
        .show(format!("kubectl get endpointslices{at} -l kubernetes.io/service-name={name}"))
        .show(format!("kubectl describe service {name}{at}"));
    match number {
        Some(number) => found.fix(format!("Send it to {number}"), target_port(service, port, number)),
        None => found,
    }
}

/// The line that changes where a Service port leads.
fn target_port(service: &Service, port: &ServicePort, number: i32) -> String {
    patch(service, &format!("{{\"ports\":[{{\"port\":{},\"targetPort\":{number}}}]}}", port.port))
}

pub fn nobody_listens(
    service: &Service,
    port: &ServicePort,
    number: i32,
    listens: &[u16],
    pods: &[&Pod],
    weight: Weight,
) -> Finding {
    let (name, at) = of(service);
    let title = format!(
        "Service {name} sends port {} to port {number} of its Pods, where nobody listens: connections are refused.",
        port.port
    );
    let on: Vec<String> = listens.iter().map(u16::to_string).collect();
    let seen = if on.is_empty() {
        "Its processes listen on no port.".into()
    } else {
        format!("Its processes listen on {}.", on.join(", "))
    };
    let found = finding(Cause::NobodyListens, weight, title)
        .seen(format!("Looked at {}. {seen}", names(pods)))
        .seen("Kubernetes does not compare the two: readiness says nothing about this port.")
        .show(format!("kubectl describe service {name}{at}"))
        .show(format!("kubectl logs {}{at}", pods.first().map_or("", |p| &p.meta.name)));
    match listens.first() {
        Some(real) => found.fix(format!("Send it to {real}"), target_port(service, port, i32::from(*real))),
        None => found,
    }
}

pub fn slices_behind(service: &Service, pods: &[&Pod], weight: Weight) -> Finding {
    let (name, at) = of(service);
    let who = if pods.is_empty() { "its Pods".into() } else { names(pods) };
    finding(
        Cause::SlicesBehind,
        weight,
        format!("The EndpointSlices of Service {name} do not list {who} yet: the controller has not written them. It usually takes well under a second."),
    )
    .show(format!("kubectl get endpointslices{at} -l kubernetes.io/service-name={name}"))
}
