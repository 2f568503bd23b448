//! Security contexts of Pods and containers.

use super::{STRING, Shape, Type, always, filled, set};

const SE_LINUX: Type = Type::Record(&Shape {
    name: "SELinuxOptions",
    fields: &[filled("user", STRING), filled("role", STRING), filled("type", STRING), filled("level", STRING)],
});

const WINDOWS: Type = Type::Record(&Shape {
    name: "WindowsSecurityContextOptions",
    fields: &[
        set("gmsaCredentialSpecName", STRING),
        set("gmsaCredentialSpec", STRING),
        set("runAsUserName", STRING),
        set("hostProcess", Type::Flag),
    ],
});

const SECCOMP: Type = Type::Record(&Shape {
    name: "SeccompProfile",
    fields: &[always("type", Type::Text("v1.SeccompProfileType")), set("localhostProfile", STRING)],
});

const APP_ARMOR: Type = Type::Record(&Shape {
    name: "AppArmorProfile",
    fields: &[always("type", Type::Text("v1.AppArmorProfileType")), set("localhostProfile", STRING)],
});

const CAPABILITY_LIST: Type = Type::List(&Type::Text("v1.Capability"));

const CAPABILITIES: Type =
    Type::Record(&Shape { name: "Capabilities", fields: &[filled("add", CAPABILITY_LIST), filled("drop", CAPABILITY_LIST)] });

const SYSCTL: Type = Type::Record(&Shape { name: "Sysctl", fields: &[always("name", STRING), always("value", STRING)] });

/// `securityContext` of a container.
pub const CONTAINER: Type = Type::Record(&Shape {
    name: "SecurityContext",
    fields: &[
        set("capabilities", CAPABILITIES),
        set("privileged", Type::Flag),
        set("seLinuxOptions", SE_LINUX),
        set("windowsOptions", WINDOWS),
        set("runAsUser", Type::Int64),
        set("runAsGroup", Type::Int64),
        set("runAsNonRoot", Type::Flag),
        set("readOnlyRootFilesystem", Type::Flag),
        set("allowPrivilegeEscalation", Type::Flag),
        set("procMount", Type::Text("v1.ProcMountType")),
        set("seccompProfile", SECCOMP),
        set("appArmorProfile", APP_ARMOR),
    ],
});

/// `securityContext` of a Pod.
pub const POD: Type = Type::Record(&Shape {
    name: "PodSecurityContext",
    fields: &[
        set("seLinuxOptions", SE_LINUX),
        set("windowsOptions", WINDOWS),
        set("runAsUser", Type::Int64),
        set("runAsGroup", Type::Int64),
        set("runAsNonRoot", Type::Flag),
        filled("supplementalGroups", Type::List(&Type::Int64)),
        set("supplementalGroupsPolicy", Type::Text("v1.SupplementalGroupsPolicy")),
        set("fsGroup", Type::Int64),
        filled("sysctls", Type::List(&SYSCTL)),
        set("fsGroupChangePolicy", Type::Text("v1.PodFSGroupChangePolicy")),
        set("seccompProfile", SECCOMP),
        set("appArmorProfile", APP_ARMOR),
        set("seLinuxChangePolicy", Type::Text("v1.PodSELinuxChangePolicy")),
    ],
});
