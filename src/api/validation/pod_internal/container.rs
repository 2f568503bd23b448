//! The shape of a container in the internal form.

use super::{Holds::*, NEWER, Shape};

pub(super) const CONTAINER: Shape = &[
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

const PORT: Shape = &[
    ("Name", "name", Text),
    ("HostPort", "hostPort", Number),
    ("ContainerPort", "containerPort", Number),
    ("Protocol", "protocol", Text),
    ("HostIP", "hostIP", Text),
];

pub(super) const RESOURCES: Shape = &[("Limits", "limits", Any), ("Requests", "requests", Any), ("Claims", "claims", Any)];

const MOUNT: Shape = &[
    ("Name", "name", Text),
    ("ReadOnly", "readOnly", Flag),
    ("RecursiveReadOnly", "recursiveReadOnly", Any),
    ("MountPath", "mountPath", Text),
    ("SubPath", "subPath", Text),
    ("MountPropagation", "mountPropagation", Any),
    ("SubPathExpr", "subPathExpr", Text),
];

pub(super) const SECURITY: Shape = &[
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

pub(super) const SE_LINUX: Shape =
    &[("User", "user", Text), ("Role", "role", Text), ("Type", "type", Text), ("Level", "level", Text)];

pub(super) const PROFILE: Shape = &[("Type", "type", Text), ("LocalhostProfile", "localhostProfile", Any)];

const ENV_FROM: Shape = &[
    ("Prefix", "prefix", Text),
    ("ConfigMapRef", "configMapRef", Pointer(ENV_REF)),
    ("SecretRef", "secretRef", Pointer(ENV_REF)),
];

const ENV_REF: Shape = &[("Name", "name", Text), ("Optional", "optional", Any)];

const VALUE_FROM: Shape = &[
    ("FieldRef", "fieldRef", Pointer(FIELD_REF)),
    ("ResourceFieldRef", "resourceFieldRef", Pointer(RESOURCE_REF)),
    ("ConfigMapKeyRef", "configMapKeyRef", Pointer(KEY_REF)),
    ("SecretKeyRef", "secretKeyRef", Pointer(KEY_REF)),
    ("FileKeyRef", "fileKeyRef", Any),
];

const KEY_REF: Shape = &[("Name", "name", Text), ("Key", "key", Text), ("Optional", "optional", Any)];

pub(super) const FIELD_REF: Shape = &[("APIVersion", "apiVersion", Text), ("FieldPath", "fieldPath", Text)];

pub(super) const RESOURCE_REF: Shape =
    &[("ContainerName", "containerName", Text), ("Resource", "resource", Text), ("Divisor", "divisor", Text)];

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

const LIFECYCLE: Shape =
    &[("PostStart", "postStart", Pointer(HOOK)), ("PreStop", "preStop", Pointer(HOOK)), ("StopSignal", "stopSignal", Any)];

const HOOK: Shape = &[
    ("Exec", "exec", Pointer(EXEC)),
    ("HTTPGet", "httpGet", Pointer(HTTP_GET)),
    ("TCPSocket", "tcpSocket", Pointer(TCP_SOCKET)),
    ("Sleep", "sleep", Pointer(&[("Seconds", "seconds", Number)])),
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
