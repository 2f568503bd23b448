//! Small parts of Pod specs and of containers.

use super::text::CONTAINER_RESTART_POLICY;
use super::{STRING, STRINGS, Shape, Type, always, filled, set};

const HOST_ALIAS: Type =
    Type::Record(&Shape { name: "HostAlias", fields: &[always("ip", STRING), filled("hostnames", STRINGS)] });
/// `hostAliases`
pub const HOST_ALIASES: Type = Type::List(&HOST_ALIAS);

/// A name of something in the same namespace.
pub(super) const LOCAL_REFERENCE: Type = Type::Record(&Shape { name: "LocalObjectReference", fields: &[filled("name", STRING)] });
/// `imagePullSecrets`
pub const PULL_SECRETS: Type = Type::List(&LOCAL_REFERENCE);

const DNS_OPTION: Type =
    Type::Record(&Shape { name: "PodDNSConfigOption", fields: &[filled("name", STRING), set("value", STRING)] });
/// `dnsConfig`
pub const DNS_CONFIG: Type = Type::Record(&Shape {
    name: "PodDNSConfig",
    fields: &[filled("nameservers", STRINGS), filled("searches", STRINGS), filled("options", Type::List(&DNS_OPTION))],
});

/// `os`
pub const OS: Type = Type::Record(&Shape { name: "PodOS", fields: &[always("name", Type::Text("v1.OSName"))] });

const GATE: Type = Type::Record(&Shape { name: "PodSchedulingGate", fields: &[always("name", STRING)] });
/// `schedulingGates`
pub const GATES: Type = Type::List(&GATE);

const POD_CLAIM: Type = Type::Record(&Shape {
    name: "PodResourceClaim",
    fields: &[always("name", STRING), set("resourceClaimName", STRING), set("resourceClaimTemplateName", STRING)],
});
/// `resourceClaims` of a Pod
pub const POD_CLAIMS: Type = Type::List(&POD_CLAIM);

const CLAIM: Type = Type::Record(&Shape { name: "ResourceClaim", fields: &[always("name", STRING), filled("request", STRING)] });
/// `resources.claims` of a container
pub const CLAIMS: Type = Type::List(&CLAIM);

const RESIZE: Type = Type::Record(&Shape {
    name: "ContainerResizePolicy",
    fields: &[
        always("resourceName", Type::Text("v1.ResourceName")),
        always("restartPolicy", Type::Text("v1.ResourceResizeRestartPolicy")),
    ],
});
/// `resizePolicy`
pub const RESIZE_POLICY: Type = Type::List(&RESIZE);

const EXIT_CODES: Type = Type::Record(&Shape {
    name: "ContainerRestartRuleOnExitCodes",
    fields: &[
        always("operator", Type::Text("v1.ContainerRestartRuleOnExitCodesOperator")),
        filled("values", Type::List(&Type::Int32)),
    ],
});
const RESTART_RULE: Type = Type::Record(&Shape {
    name: "ContainerRestartRule",
    fields: &[filled("action", Type::Text("v1.ContainerRestartRuleAction")), set("exitCodes", EXIT_CODES)],
});
/// `restartPolicyRules`
pub const RESTART_RULES: Type = Type::List(&RESTART_RULE);
/// `restartPolicy` of a container
pub const RESTART_POLICY: Type = CONTAINER_RESTART_POLICY;

const DEVICE: Type =
    Type::Record(&Shape { name: "VolumeDevice", fields: &[always("name", STRING), always("devicePath", STRING)] });
/// `volumeDevices`
pub const DEVICES: Type = Type::List(&DEVICE);
