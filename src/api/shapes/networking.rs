//! Ingresses, their classes, and NetworkPolicies (networking.k8s.io/v1).

use super::affinity::LABEL_SELECTOR;
use super::text::PROTOCOL;
use super::{STRING, STRINGS, Shape, Type, always, filled, set};

const BACKEND_PORT: Type =
    Type::Record(&Shape { name: "ServiceBackendPort", fields: &[filled("name", STRING), filled("number", Type::Int32)] });
const SERVICE_BACKEND: Type =
    Type::Record(&Shape { name: "IngressServiceBackend", fields: &[always("name", STRING), filled("port", BACKEND_PORT)] });
const RESOURCE: Type = Type::Record(&Shape {
    name: "TypedLocalObjectReference",
    fields: &[set("apiGroup", STRING), always("kind", STRING), always("name", STRING)],
});
const BACKEND: Type =
    Type::Record(&Shape { name: "IngressBackend", fields: &[set("service", SERVICE_BACKEND), set("resource", RESOURCE)] });

const PATH: Type = Type::Record(&Shape {
    name: "HTTPIngressPath",
    fields: &[filled("path", STRING), set("pathType", Type::Text("v1.PathType")), always("backend", BACKEND)],
});
const HTTP: Type = Type::Record(&Shape { name: "HTTPIngressRuleValue", fields: &[always("paths", Type::List(&PATH))] });
const RULE: Type = Type::Record(&Shape { name: "IngressRule", fields: &[filled("host", STRING), set("http", HTTP)] });
const TLS: Type = Type::Record(&Shape { name: "IngressTLS", fields: &[filled("hosts", STRINGS), filled("secretName", STRING)] });

/// `spec` of an Ingress
pub const INGRESS_SPEC: Type = Type::Record(&Shape {
    name: "IngressSpec",
    fields: &[
        set("ingressClassName", STRING),
        set("defaultBackend", BACKEND),
        filled("tls", Type::List(&TLS)),
        filled("rules", Type::List(&RULE)),
    ],
});

const PORT_STATUS: Type = Type::Record(&Shape {
    name: "IngressPortStatus",
    fields: &[always("port", Type::Int32), always("protocol", PROTOCOL), set("error", STRING)],
});
const POINT: Type = Type::Record(&Shape {
    name: "IngressLoadBalancerIngress",
    fields: &[filled("ip", STRING), filled("hostname", STRING), filled("ports", Type::List(&PORT_STATUS))],
});
const BALANCER: Type =
    Type::Record(&Shape { name: "IngressLoadBalancerStatus", fields: &[filled("ingress", Type::List(&POINT))] });
/// `status` of an Ingress
pub const INGRESS_STATUS: Type = Type::Record(&Shape { name: "IngressStatus", fields: &[filled("loadBalancer", BALANCER)] });

const PARAMETERS: Type = Type::Record(&Shape {
    name: "IngressClassParametersReference",
    fields: &[
        set("apiGroup", STRING),
        always("kind", STRING),
        always("name", STRING),
        set("scope", STRING),
        set("namespace", STRING),
    ],
});
/// `spec` of an IngressClass
pub const INGRESS_CLASS_SPEC: Type =
    Type::Record(&Shape { name: "IngressClassSpec", fields: &[filled("controller", STRING), set("parameters", PARAMETERS)] });

const POLICY_PORT: Type = Type::Record(&Shape {
    name: "NetworkPolicyPort",
    fields: &[set("protocol", PROTOCOL), set("port", Type::IntOrText), set("endPort", Type::Int32)],
});
const IP_BLOCK: Type = Type::Record(&Shape { name: "IPBlock", fields: &[always("cidr", STRING), filled("except", STRINGS)] });
const PEER: Type = Type::Record(&Shape {
    name: "NetworkPolicyPeer",
    fields: &[set("podSelector", LABEL_SELECTOR), set("namespaceSelector", LABEL_SELECTOR), set("ipBlock", IP_BLOCK)],
});
const FROM: Type = Type::Record(&Shape {
    name: "NetworkPolicyIngressRule",
    fields: &[filled("ports", Type::List(&POLICY_PORT)), filled("from", Type::List(&PEER))],
});
const TO: Type = Type::Record(&Shape {
    name: "NetworkPolicyEgressRule",
    fields: &[filled("ports", Type::List(&POLICY_PORT)), filled("to", Type::List(&PEER))],
});
/// `spec` of a NetworkPolicy
pub const NETWORK_POLICY_SPEC: Type = Type::Record(&Shape {
    name: "NetworkPolicySpec",
    fields: &[
        filled("podSelector", LABEL_SELECTOR),
        filled("ingress", Type::List(&FROM)),
        filled("egress", Type::List(&TO)),
        filled("policyTypes", Type::List(&Type::Text("v1.PolicyType"))),
    ],
});
