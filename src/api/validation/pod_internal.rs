//! A Pod's spec as the API server's own (internal) types would print it as JSON: Go's field names in Go's order, and
//! every field, set or not (`pkg/apis/core/types.go`). Only the text of a refused Pod update needs it.
//!
//! Published outputs of 1.37 count four lines more in the token's volume than the fields known to us by name, and one
//! more between a container's resources and the end of the containers. [`NEWER`] keeps their places: line numbers are
//! right, and a change next to such a line shows it under that name.

use serde_json::Value;

/// What a field holds.
#[derive(Clone, Copy)]
enum Holds {
    /// Pointer, list or map that is printed as it is: null when unset.
    Any,
    Text,
    Number,
    Flag,
    /// A struct by value.
    Struct(Shape),
    /// A pointer to a struct.
    Pointer(Shape),
    /// A list of structs.
    List(Shape),
}
use Holds::*;

/// Go name, JSON name, and what it holds. An empty JSON name: the field is taken from the same object.
type Shape = &'static [(&'static str, &'static str, Holds)];

/// A field of 1.37 whose name we could not learn.
const NEWER: (&str, &str, Holds) = ("Newer", "newer", Any);

const POD_SPEC: Shape = &[
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

const CONTAINER: Shape = &[
    ("Name", "name", Text),
    ("Image", "image", Text),
    ("Command", "command", Any),
    ("Args", "args", Any),
    ("WorkingDir", "workingDir", Text),
    ("Ports", "ports", List(PORT)),
    ("EnvFrom", "envFrom", List(ENV_FROM)),
    ("Env", "env", List(&[("Name", "name", Text), ("Value", "value", Text), ("ValueFrom", "valueFrom", Pointer(VALUE_FROM))])),
    ("Resources", "resources", Struct(RESOURCES)),
    ("ResizePolicy", "resizePolicy", Any),
    ("RestartPolicy", "restartPolicy", Any),
    ("RestartPolicyRules", "restartPolicyRules", Any),
    ("VolumeMounts", "volumeMounts", List(MOUNT)),
    ("VolumeDevices", "volumeDevices", Any),
    ("LivenessProbe", "livenessProbe", Pointer(PROBE)),
    ("ReadinessProbe", "readinessProbe", Pointer(PROBE)),
    ("StartupProbe", "startupProbe", Pointer(PROBE)),
    ("Lifecycle", "lifecycle", Pointer(LIFECYCLE)),
    ("TerminationMessagePath", "terminationMessagePath", Text),
    ("TerminationMessagePolicy", "terminationMessagePolicy", Text),
    ("ImagePullPolicy", "imagePullPolicy", Text),
    ("SecurityContext", "securityContext", Pointer(SECURITY)),
    ("Stdin", "stdin", Flag),
    ("StdinOnce", "stdinOnce", Flag),
    ("TTY", "tty", Flag),
    NEWER,
];

const SECURITY: Shape = &[
    ("Capabilities", "capabilities", Pointer(&[("Add", "add", Any), ("Drop", "drop", Any)])),
    ("Privileged", "privileged", Any),
    ("SELinuxOptions", "seLinuxOptions", Pointer(SE_LINUX)),
    ("WindowsOptions", "windowsOptions", Any),
    ("RunAsUser", "runAsUser", Any),
    ("RunAsGroup", "runAsGroup", Any),
    ("RunAsNonRoot", "runAsNonRoot", Any),
    ("ReadOnlyRootFilesystem", "readOnlyRootFilesystem", Any),
    ("AllowPrivilegeEscalation", "allowPrivilegeEscalation", Any),
    ("ProcMount", "procMount", Any),
    ("SeccompProfile", "seccompProfile", Pointer(PROFILE)),
    ("AppArmorProfile", "appArmorProfile", Pointer(PROFILE)),
];
const SE_LINUX: Shape = &[("User", "user", Text), ("Role", "role", Text), ("Type", "type", Text), ("Level", "level", Text)];
const PROFILE: Shape = &[("Type", "type", Text), ("LocalhostProfile", "localhostProfile", Any)];

const PORT: Shape = &[
    ("Name", "name", Text),
    ("HostPort", "hostPort", Number),
    ("ContainerPort", "containerPort", Number),
    ("Protocol", "protocol", Text),
    ("HostIP", "hostIP", Text),
];

const RESOURCES: Shape = &[("Limits", "limits", Any), ("Requests", "requests", Any), ("Claims", "claims", Any)];

const MOUNT: Shape = &[
    ("Name", "name", Text),
    ("ReadOnly", "readOnly", Flag),
    ("RecursiveReadOnly", "recursiveReadOnly", Any),
    ("MountPath", "mountPath", Text),
    ("SubPath", "subPath", Text),
    ("MountPropagation", "mountPropagation", Any),
    ("SubPathExpr", "subPathExpr", Text),
];

const EXEC: Shape = &[("Command", "command", Any)];
const HTTP_GET: Shape = &[
    ("Path", "path", Text),
    ("Port", "port", Number),
    ("Host", "host", Text),
    ("Scheme", "scheme", Text),
    ("HTTPHeaders", "httpHeaders", List(&[("Name", "name", Text), ("Value", "value", Text)])),
];
const TCP_SOCKET: Shape = &[("Port", "port", Number), ("Host", "host", Text)];

const PROBE: Shape = &[
    ("Exec", "exec", Pointer(EXEC)),
    ("HTTPGet", "httpGet", Pointer(HTTP_GET)),
    ("TCPSocket", "tcpSocket", Pointer(TCP_SOCKET)),
    ("GRPC", "grpc", Pointer(&[("Port", "port", Number), ("Service", "service", Any)])),
    ("InitialDelaySeconds", "initialDelaySeconds", Number),
    ("TimeoutSeconds", "timeoutSeconds", Number),
    ("PeriodSeconds", "periodSeconds", Number),
    ("SuccessThreshold", "successThreshold", Number),
    ("FailureThreshold", "failureThreshold", Number),
    ("TerminationGracePeriodSeconds", "terminationGracePeriodSeconds", Any),
];

const HOOK: Shape = &[
    ("Exec", "exec", Pointer(EXEC)),
    ("HTTPGet", "httpGet", Pointer(HTTP_GET)),
    ("TCPSocket", "tcpSocket", Pointer(TCP_SOCKET)),
    ("Sleep", "sleep", Pointer(&[("Seconds", "seconds", Number)])),
];
const LIFECYCLE: Shape =
    &[("PostStart", "postStart", Pointer(HOOK)), ("PreStop", "preStop", Pointer(HOOK)), ("StopSignal", "stopSignal", Any)];

const TOLERATION: Shape = &[
    ("Key", "key", Text),
    ("Operator", "operator", Text),
    ("Value", "value", Text),
    ("Effect", "effect", Text),
    ("TolerationSeconds", "tolerationSeconds", Any),
];

const ITEMS: Shape = &[("Key", "key", Text), ("Path", "path", Text), ("Mode", "mode", Any)];
const FIELD_REF: Shape = &[("APIVersion", "apiVersion", Text), ("FieldPath", "fieldPath", Text)];
const DOWNWARD: Shape = &[
    ("Path", "path", Text),
    ("FieldRef", "fieldRef", Pointer(FIELD_REF)),
    ("ResourceFieldRef", "resourceFieldRef", Pointer(RESOURCE_REF)),
    ("Mode", "mode", Any),
];
const RESOURCE_REF: Shape =
    &[("ContainerName", "containerName", Text), ("Resource", "resource", Text), ("Divisor", "divisor", Text)];
const KEY_REF: Shape = &[("Name", "name", Text), ("Key", "key", Text), ("Optional", "optional", Any)];
const VALUE_FROM: Shape = &[
    ("FieldRef", "fieldRef", Pointer(FIELD_REF)),
    ("ResourceFieldRef", "resourceFieldRef", Pointer(RESOURCE_REF)),
    ("ConfigMapKeyRef", "configMapKeyRef", Pointer(KEY_REF)),
    ("SecretKeyRef", "secretKeyRef", Pointer(KEY_REF)),
    ("FileKeyRef", "fileKeyRef", Any),
];
const ENV_REF: Shape = &[("Name", "name", Text), ("Optional", "optional", Any)];
const ENV_FROM: Shape = &[
    ("Prefix", "prefix", Text),
    ("ConfigMapRef", "configMapRef", Pointer(ENV_REF)),
    ("SecretRef", "secretRef", Pointer(ENV_REF)),
];
const SECRET: Shape = &[
    ("SecretName", "secretName", Text),
    ("Items", "items", List(ITEMS)),
    ("DefaultMode", "defaultMode", Any),
    ("Optional", "optional", Any),
];
const CONFIG_MAP: Shape = &[
    ("Name", "name", Text),
    ("Items", "items", List(ITEMS)),
    ("DefaultMode", "defaultMode", Any),
    ("Optional", "optional", Any),
];
const NAMED_ITEMS: Shape = &[("Name", "name", Text), ("Items", "items", List(ITEMS)), ("Optional", "optional", Any)];
const TOKEN: Shape =
    &[("Audience", "audience", Text), ("ExpirationSeconds", "expirationSeconds", Number), ("Path", "path", Text)];
const PROJECTION: Shape = &[
    ("Secret", "secret", Pointer(NAMED_ITEMS)),
    ("DownwardAPI", "downwardAPI", Pointer(&[("Items", "items", List(DOWNWARD))])),
    ("ConfigMap", "configMap", Pointer(NAMED_ITEMS)),
    ("ServiceAccountToken", "serviceAccountToken", Pointer(TOKEN)),
    ("ClusterTrustBundle", "clusterTrustBundle", Any),
    ("PodCertificate", "podCertificate", Any),
    NEWER,
];

const VOLUME: Shape = &[
    ("Name", "name", Text),
    ("HostPath", "hostPath", Pointer(&[("Path", "path", Text), ("Type", "type", Any)])),
    ("EmptyDir", "emptyDir", Pointer(&[("Medium", "medium", Text), ("SizeLimit", "sizeLimit", Any)])),
    ("GCEPersistentDisk", "gcePersistentDisk", Any),
    ("AWSElasticBlockStore", "awsElasticBlockStore", Any),
    ("GitRepo", "gitRepo", Any),
    ("Secret", "secret", Pointer(SECRET)),
    ("NFS", "nfs", Any),
    ("ISCSI", "iscsi", Any),
    ("Glusterfs", "glusterfs", Any),
    (
        "PersistentVolumeClaim",
        "persistentVolumeClaim",
        Pointer(&[("ClaimName", "claimName", Text), ("ReadOnly", "readOnly", Flag)]),
    ),
    ("RBD", "rbd", Any),
    ("Quobyte", "quobyte", Any),
    ("FlexVolume", "flexVolume", Any),
    ("Cinder", "cinder", Any),
    ("CephFS", "cephfs", Any),
    ("Flocker", "flocker", Any),
    ("DownwardAPI", "downwardAPI", Pointer(&[("Items", "items", List(DOWNWARD)), ("DefaultMode", "defaultMode", Any)])),
    ("FC", "fc", Any),
    ("AzureFile", "azureFile", Any),
    ("ConfigMap", "configMap", Pointer(CONFIG_MAP)),
    ("VsphereVolume", "vsphereVolume", Any),
    ("AzureDisk", "azureDisk", Any),
    ("PhotonPersistentDisk", "photonPersistentDisk", Any),
    ("Projected", "projected", Pointer(&[("Sources", "sources", List(PROJECTION)), ("DefaultMode", "defaultMode", Any)])),
    ("PortworxVolume", "portworxVolume", Any),
    ("ScaleIO", "scaleIO", Any),
    ("StorageOS", "storageos", Any),
    ("CSI", "csi", Any),
    ("Ephemeral", "ephemeral", Any),
    ("Image", "image", Any),
    NEWER,
];

/// The lines of the spec's internal form, indented by one space.
pub(super) fn lines(spec: &Value) -> Vec<String> {
    let mut out = Lines::default();
    out.shape(spec, POD_SPEC, "", "");
    out.0
}

/// A container's security context as the server prints its internal form, on one line.
pub(super) fn security_context(context: &Value) -> String {
    let mut out = Lines::default();
    out.shape(context, SECURITY, "", "");
    out.0.iter().map(|line| line.trim().replacen("\": ", "\":", 1)).collect()
}

#[derive(Default)]
struct Lines(Vec<String>);

impl Lines {
    fn block<T>(&mut self, pad: &str, lead: &str, brackets: [&str; 2], parts: &[T], mut each: impl FnMut(&mut Lines, &str, &T)) {
        if parts.is_empty() {
            self.0.push(format!("{pad}{lead}{}{}", brackets[0], brackets[1]));
            return;
        }
        self.0.push(format!("{pad}{lead}{}", brackets[0]));
        let inner = format!("{pad} ");
        for (i, part) in parts.iter().enumerate() {
            each(self, &inner, part);
            if i + 1 < parts.len()
                && let Some(last) = self.0.last_mut()
            {
                last.push(',');
            }
        }
        self.0.push(format!("{pad}{}", brackets[1]));
    }

    fn shape(&mut self, value: &Value, shape: Shape, pad: &str, lead: &str) {
        self.block(pad, lead, ["{", "}"], shape, |out, pad, (name, json, holds)| {
            let field = json.split('/').filter(|part| !part.is_empty()).fold(value, |value, part| &value[part]);
            out.field(field, *holds, pad, &format!("\"{name}\": "));
        });
    }

    fn field(&mut self, value: &Value, holds: Holds, pad: &str, lead: &str) {
        match (holds, value) {
            (Struct(shape), value) | (Pointer(shape), value @ Value::Object(_)) => self.shape(value, shape, pad, lead),
            (List(shape), Value::Array(items)) if !items.is_empty() => {
                self.block(pad, lead, ["[", "]"], items, |out, pad, item| out.shape(item, shape, pad, ""));
            }
            (Text, Value::Null) => self.0.push(format!("{pad}{lead}\"\"")),
            (Number, Value::Null) => self.0.push(format!("{pad}{lead}0")),
            (Flag, Value::Null) => self.0.push(format!("{pad}{lead}false")),
            _ => self.plain(value, pad, lead),
        }
    }

    fn plain(&mut self, value: &Value, pad: &str, lead: &str) {
        match value {
            Value::Object(map) => {
                let parts: Vec<(&String, &Value)> = map.iter().collect();
                self.block(pad, lead, ["{", "}"], &parts, |out, pad, (key, value)| {
                    out.plain(value, pad, &format!("{}: ", Value::from(key.as_str())));
                });
            }
            Value::Array(items) => self.block(pad, lead, ["[", "]"], items, |out, pad, item| out.plain(item, pad, "")),
            other => self.0.push(format!("{pad}{lead}{other}")),
        }
    }
}
