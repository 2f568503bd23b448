//! Which lists a strategic merge patch merges, and by which key: the `patchStrategy` and `patchMergeKey` of Kubernetes' own types.

use crate::api::Kind;

/// What a map in an object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Shape {
    Root(Kind),
    Meta,
    Workload,
    Template,
    PodSpec,
    Container,
    PodStatus,
    ServiceSpec,
    NodeSpec,
    /// The status of a Node: conditions and addresses.
    NodeStatus,
    /// A status of which only the conditions are merged.
    Conditions,
    /// A map without rules: its maps are merged, its lists replaced.
    Plain,
}

/// How a field is patched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// A list that is merged, not replaced.
    pub merge: bool,
    /// The field that identifies its elements; "" for lists of scalars.
    pub key: &'static str,
    /// A patch lists the keys that stay (`$retainKeys`).
    pub retain_keys: bool,
    /// What the map, or each element of the list, is.
    pub shape: Shape,
}

const fn into(shape: Shape) -> Rule {
    Rule { merge: false, key: "", retain_keys: false, shape }
}

const fn merged(key: &'static str, shape: Shape) -> Rule {
    Rule { merge: true, key, retain_keys: false, shape }
}

impl Shape {
    /// The rule for one of its fields.
    pub fn field(self, name: &str) -> Rule {
        use Shape::*;
        match (self, name) {
            (Root(_) | Template, "metadata") => into(Meta),
            (Root(kind), "spec") => into(match kind {
                Kind::Pod => PodSpec,
                Kind::Deployment | Kind::ReplicaSet | Kind::DaemonSet | Kind::StatefulSet | Kind::Job => Workload,
                Kind::Service => ServiceSpec,
                Kind::Node => NodeSpec,
                _ => Plain,
            }),
            (Root(kind), "status") => into(match kind {
                Kind::Pod => PodStatus,
                Kind::Node => NodeStatus,
                _ => Conditions,
            }),
            (Meta, "ownerReferences") => merged("uid", Plain),
            (Meta, "finalizers") | (NodeSpec, "podCIDRs") => merged("", Plain),
            (Workload, "template") => into(Template),
            (Workload, "strategy") => Rule { retain_keys: true, ..into(Plain) },
            (Template, "spec") => into(PodSpec),
            (PodSpec, "containers" | "initContainers" | "ephemeralContainers") => merged("name", Container),
            (PodSpec, "volumes" | "resourceClaims") => Rule { retain_keys: true, ..merged("name", Plain) },
            (PodSpec, "imagePullSecrets" | "schedulingGates") => merged("name", Plain),
            (PodSpec, "hostAliases") => merged("ip", Plain),
            (PodSpec, "topologySpreadConstraints") => merged("topologyKey", Plain),
            (Container, "ports") => merged("containerPort", Plain),
            (Container, "env") => merged("name", Plain),
            (Container, "volumeMounts") => merged("mountPath", Plain),
            (Container, "volumeDevices") => merged("devicePath", Plain),
            (PodStatus, "hostIPs" | "podIPs") => merged("ip", Plain),
            (PodStatus, "resourceClaimStatuses") => Rule { retain_keys: true, ..merged("name", Plain) },
            (PodStatus | NodeStatus | Conditions, "conditions") | (NodeStatus, "addresses") => merged("type", Plain),
            (ServiceSpec, "ports") => merged("port", Plain),
            _ => into(Plain),
        }
    }
}
