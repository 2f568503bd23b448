//! Go's names for strings of a set of values, which errors about wrong JSON types show.

use super::Type;

macro_rules! texts {
    ($($name:ident $go:literal;)*) => { $(#[doc = $go] pub const $name: Type = Type::Text($go);)* };
}

texts! {
    UID "types.UID";
    LABEL_OPERATOR "v1.LabelSelectorOperator";
    PROTOCOL "v1.Protocol";
    URI_SCHEME "v1.URIScheme";
    TERMINATION_MESSAGE_POLICY "v1.TerminationMessagePolicy";
    PULL_POLICY "v1.PullPolicy";
    CONTAINER_RESTART_POLICY "v1.ContainerRestartPolicy";
    RESTART_POLICY "v1.RestartPolicy";
    DNS_POLICY "v1.DNSPolicy";
    PREEMPTION_POLICY "v1.PreemptionPolicy";
    TOLERATION_OPERATOR "v1.TolerationOperator";
    TAINT_EFFECT "v1.TaintEffect";
    UNSATISFIABLE "v1.UnsatisfiableConstraintAction";
    NODE_INCLUSION "v1.NodeInclusionPolicy";
    CONDITION "v1.PodConditionType";
    SIGNAL "v1.Signal";
    MOUNT_PROPAGATION "v1.MountPropagationMode";
    RECURSIVE_READ_ONLY "v1.RecursiveReadOnlyMode";
    SERVICE_TYPE "v1.ServiceType";
    SERVICE_AFFINITY "v1.ServiceAffinity";
    EXTERNAL_TRAFFIC "v1.ServiceExternalTrafficPolicy";
    INTERNAL_TRAFFIC "v1.ServiceInternalTrafficPolicy";
    IP_FAMILY "v1.IPFamily";
    IP_FAMILY_POLICY "v1.IPFamilyPolicy";
    IP_MODE "v1.LoadBalancerIPMode";
    STRATEGY_TYPE "v1.DeploymentStrategyType";
    ADDRESS_TYPE "v1.AddressType";
    SECRET_TYPE "v1.SecretType";
}

/// `map[string][]byte`
pub const BYTES: Type = Type::Map(&Type::Bytes);

/// `[]v1.IPFamily`
pub const IP_FAMILIES: Type = Type::List(&IP_FAMILY);
