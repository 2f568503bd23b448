//! The shape of a Pod's spec in the internal form.

use super::container::{CONTAINER, PROFILE, RESOURCES, SE_LINUX};
use super::volume::VOLUME;
use super::{Holds::*, Shape};

pub(super) const POD_SPEC: Shape = &[
    ("Volumes", "volumes", List(VOLUME)),
    ("InitContainers", "initContainers", List(CONTAINER)),
    ("Containers", "containers", List(CONTAINER)),
    ("EphemeralContainers", "ephemeralContainers", Any),
    ("RestartPolicy", "restartPolicy", Text),
    ("TerminationGracePeriodSeconds", "terminationGracePeriodSeconds", Any),
    ("ActiveDeadlineSeconds", "activeDeadlineSeconds", Any),
    ("DNSPolicy", "dnsPolicy", Text),
    ("NodeSelector", "nodeSelector", Any),
    ("ServiceAccountName", "serviceAccountName", Text),
    ("DeprecatedServiceAccount", "serviceAccount", Text),
    ("AutomountServiceAccountToken", "automountServiceAccountToken", Any),
    ("NodeName", "nodeName", Text),
    ("SecurityContext", "", Struct(POD_SECURITY)),
    ("ImagePullSecrets", "imagePullSecrets", List(&[("Name", "name", Text)])),
    ("Hostname", "hostname", Text),
    ("Subdomain", "subdomain", Text),
    ("SetHostnameAsFQDN", "setHostnameAsFQDN", Any),
    ("Affinity", "affinity", Any),
    ("SchedulerName", "schedulerName", Text),
    ("Tolerations", "tolerations", List(TOLERATION)),
    ("HostAliases", "hostAliases", List(&[("IP", "ip", Text), ("Hostnames", "hostnames", Any)])),
    ("PriorityClassName", "priorityClassName", Text),
    ("Priority", "priority", Any),
    ("PreemptionPolicy", "preemptionPolicy", Any),
    ("DNSConfig", "dnsConfig", Any),
    ("ReadinessGates", "readinessGates", List(&[("ConditionType", "conditionType", Text)])),
    ("RuntimeClassName", "runtimeClassName", Any),
    ("Overhead", "overhead", Any),
    ("EnableServiceLinks", "enableServiceLinks", Any),
    ("TopologySpreadConstraints", "topologySpreadConstraints", Any),
    ("OS", "os", Any),
    ("SchedulingGates", "schedulingGates", List(&[("Name", "name", Text)])),
    ("ResourceClaims", "resourceClaims", Any),
    ("Resources", "resources", Pointer(RESOURCES)),
    ("HostnameOverride", "hostnameOverride", Any),
];

const TOLERATION: Shape = &[
    ("Key", "key", Text),
    ("Operator", "operator", Text),
    ("Value", "value", Text),
    ("Effect", "effect", Text),
    ("TolerationSeconds", "tolerationSeconds", Any),
];

/// The host's namespaces stand here, and beside them what `spec.securityContext` holds.
const POD_SECURITY: Shape = &[
    ("HostNetwork", "hostNetwork", Flag),
    ("HostPID", "hostPID", Flag),
    ("HostIPC", "hostIPC", Flag),
    ("ShareProcessNamespace", "shareProcessNamespace", Any),
    ("HostUsers", "hostUsers", Any),
    ("SELinuxOptions", "securityContext/seLinuxOptions", Pointer(SE_LINUX)),
    ("WindowsOptions", "securityContext/windowsOptions", Any),
    ("RunAsUser", "securityContext/runAsUser", Any),
    ("RunAsGroup", "securityContext/runAsGroup", Any),
    ("RunAsNonRoot", "securityContext/runAsNonRoot", Any),
    ("SupplementalGroups", "securityContext/supplementalGroups", Any),
    ("SupplementalGroupsPolicy", "securityContext/supplementalGroupsPolicy", Any),
    ("FSGroup", "securityContext/fsGroup", Any),
    ("FSGroupChangePolicy", "securityContext/fsGroupChangePolicy", Any),
    ("Sysctls", "securityContext/sysctls", Any),
    ("SeccompProfile", "securityContext/seccompProfile", Pointer(PROFILE)),
    ("AppArmorProfile", "securityContext/appArmorProfile", Pointer(PROFILE)),
    ("SELinuxChangePolicy", "securityContext/seLinuxChangePolicy", Any),
];
