//! What the API server says to manifests that no recording shows: Pods' volumes, variables, security, affinity, spreading, DNS,
//! ConfigMaps and Secrets. The words are those of Kubernetes' `pkg/apis/core/validation/validation.go` (each rule is named in the
//! file of `src/api/validation` that follows it), of its defaults and of Go's JSON decoder.

use kube_service_lab::api::{Kind, Object, defaults, validation};
use kube_service_lab::apiserver::admission;
use kube_service_lab::manifest;

fn read(text: &str) -> Result<Object, String> {
    let read = manifest::read(text);
    assert_eq!(read.problems, []);
    let value = &read.documents[0].value;
    let kind = Kind::from_manifest(value["apiVersion"].as_str().unwrap(), value["kind"].as_str().unwrap()).unwrap();
    let mut object = admission::decode(kind, value, &[]).map_err(|s| s.message)?;
    if kind.info().namespaced {
        object.meta_mut().namespace = "default".into();
    }
    defaults::apply(&mut object);
    Ok(object)
}

/// Errors, or warnings behind `W `.
fn says(text: &str) -> Vec<String> {
    match read(text) {
        Err(why) => vec![why.split_once(": ").unwrap().1.to_string()],
        Ok(object) => {
            let errors = validation::create(&object);
            let warnings = validation::warnings(&object, None);
            errors.iter().map(|e| e.text()).chain(warnings.into_iter().map(|w| format!("W {w}"))).collect()
        }
    }
}

fn pod(spec: &str) -> String {
    let spec =
        if spec.contains("containers:") { spec.to_string() } else { format!("{spec}, containers: [{{name: c, image: a}}]") };
    format!("{{apiVersion: v1, kind: Pod, metadata: {{name: p}}, spec: {{{spec}}}}}")
}

fn check(table: &[(&str, &[&str])]) {
    let mut wrong = 0;
    for (spec, expected) in table {
        let text = if spec.starts_with("apiVersion") { format!("{{{spec}}}") } else { pod(spec) };
        let got = says(&text);
        if got != *expected {
            wrong += 1;
            println!("== {spec}\n-- expected\n{}\n-- got\n{}", expected.join("\n"), got.join("\n"));
        }
    }
    assert_eq!(wrong, 0, "{wrong} of {} manifests", table.len());
}

#[test]
fn volumes_and_mounts() {
    check(&[
        ("volumes: [{name: v}]", &[]),
        ("volumes: [{name: v, emptyDir: {}}, {name: v, emptyDir: {}}]", &["spec.volumes[1].name: Duplicate value: \"v\""]),
        (
            "volumes: [{name: v, emptyDir: {}, configMap: {name: a}}]",
            &["spec.volumes[0].configMap: Forbidden: may not specify more than 1 volume type"],
        ),
        (
            "volumes: [{name: v, configMap: {items: [{key: a, path: ../b}], defaultMode: 999}}]",
            &[
                "spec.volumes[0].configMap.name: Required value",
                "spec.volumes[0].configMap.defaultMode: Invalid value: 999: must be a number between 0 and 0777 (octal), both inclusive",
                "spec.volumes[0].configMap.items[0].path: Invalid value: \"../b\": must not contain '..'",
            ],
        ),
        ("volumes: [{name: v, secret: {name: a}}]", &["strict decoding error: unknown field \"spec.volumes[0].secret.name\""]),
        ("volumes: [{name: v, secret: {}}]", &["spec.volumes[0].secret.secretName: Required value"]),
        (
            "volumes: [{name: v, hostPath: {path: /x, type: Dir}}]",
            &[
                "spec.volumes[0].hostPath.type: Unsupported value: \"Dir\": supported values: \"\", \"BlockDevice\", \"CharDevice\", \"Directory\", \"DirectoryOrCreate\", \"File\", \"FileOrCreate\", \"Socket\"",
            ],
        ),
        (
            "volumes: [{emptyDir: {sizeLimit: 1x}}]",
            &["quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"],
        ),
        ("volumes: [{name: v, emptyDisk: {}}]", &["strict decoding error: unknown field \"spec.volumes[0].emptyDisk\""]),
        ("volumes: {name: v}", &["json: cannot unmarshal object into Go struct field PodSpec.spec.volumes of type []v1.Volume"]),
        (
            "volumes: [{name: v, configMap: web}]",
            &[
                "json: cannot unmarshal string into Go struct field Volume.spec.volumes.configMap of type v1.ConfigMapVolumeSource",
            ],
        ),
        (
            "containers: [{name: c, image: a, volumeMounts: [{name: v, mountPath: /a}, {name: w, mountPath: /a}]}], volumes: [{name: w}]",
            &[
                "spec.containers[0].volumeMounts[0].name: Not found: \"v\"",
                "spec.containers[0].volumeMounts[1].mountPath: Invalid value: \"/a\": must be unique",
            ],
        ),
        (
            "volumes: [{name: v, projected: {sources: [{serviceAccountToken: {path: t, expirationSeconds: 60}}]}}]",
            &[
                "spec.volumes[0].projected.sources[0].serviceAccountToken.expirationSeconds: Invalid value: 60: may not specify a duration less than 10 minutes",
            ],
        ),
    ]);
}

#[test]
fn variables() {
    let env = |entry: &str| format!("containers: [{{name: c, image: a, {entry}}}]");
    let table: Vec<(String, Vec<&str>)> = vec![
        (env("env: [{name: A, valueFrom: {fieldRef: {fieldPath: status.podIP}}}]"), vec![]),
        (
            env("env: [{name: A, valueFrom: {fieldRef: {fieldPath: metadata.labels}}}]"),
            vec![
                "spec.containers[0].env[0].valueFrom.fieldRef.fieldPath: Unsupported value: \"metadata.labels\": supported values: \"metadata.name\", \"metadata.namespace\", \"metadata.uid\", \"spec.nodeName\", \"spec.serviceAccountName\", \"status.hostIP\", \"status.hostIPs\", \"status.podIP\", \"status.podIPs\"",
            ],
        ),
        (env("env: [{name: A, valueFrom: {fieldRef: {fieldPath: \"metadata.labels['app']\"}}}]"), vec![]),
        (
            env("env: [{name: A, valueFrom: {fieldRef: {fieldPath: status.ip}}}]"),
            vec![
                "spec.containers[0].env[0].valueFrom.fieldRef.fieldPath: Invalid value: \"status.ip\": error converting fieldPath: field label not supported: status.ip",
            ],
        ),
        (
            env("env: [{name: A, value: x, valueFrom: {configMapKeyRef: {name: m, key: k}}}]"),
            vec!["spec.containers[0].env[0].valueFrom: Invalid value: \"\": may not be specified when `value` is not empty"],
        ),
        (
            env("env: [{name: A, valueFrom: {secretKeyRef: {name: m}}}]"),
            vec!["spec.containers[0].env[0].valueFrom.secretKeyRef.key: Required value"],
        ),
        (
            env("env: [{name: \"A=B\"}, {value: x}]"),
            vec![
                "spec.containers[0].env[0].name: Invalid value: \"A=B\": a valid environment variable name must consist only of printable ASCII characters other than '='",
                "spec.containers[0].env[1].name: Required value",
            ],
        ),
        (
            env("env: [{name: A, value: 1}]"),
            vec!["json: cannot unmarshal number into Go struct field EnvVar.spec.containers.env.value of type string"],
        ),
        (
            env("env: [{name: A, value: a}, {name: A, value: b}]"),
            vec!["W spec.containers[0].env[1]: hides previous definition of \"A\", which may be dropped when using apply"],
        ),
        (env("envFrom: [{configMapRef: {name: m}}]"), vec![]),
        (
            env("envFrom: [{}]"),
            vec!["spec.containers[0].envFrom: Invalid value: \"\": must specify one of: `configMapRef` or `secretRef`"],
        ),
        (env("envFrom: [{secretRef: {}}]"), vec!["spec.containers[0].envFrom[0].secretRef.name: Required value"]),
    ];
    let table: Vec<(&str, &[&str])> = table.iter().map(|(spec, expected)| (spec.as_str(), expected.as_slice())).collect();
    check(&table);
}

#[test]
fn security_and_dns() {
    check(&[
        (
            "securityContext: {runAsUser: -1, fsGroup: 2147483648}",
            &[
                "spec.securityContext.fsGroup: Invalid value: 2147483648: must be between 0 and 2147483647, inclusive",
                "spec.securityContext.runAsUser: Invalid value: -1: must be between 0 and 2147483647, inclusive",
            ],
        ),
        ("securityContext: {runAsuser: 1}", &["strict decoding error: unknown field \"spec.securityContext.runAsuser\""]),
        (
            "securityContext: {runAsNonRoot: \"yes\"}",
            &[
                "json: cannot unmarshal string into Go struct field PodSecurityContext.spec.securityContext.runAsNonRoot of type bool",
            ],
        ),
        (
            "securityContext: {seccompProfile: {type: Default}}",
            &[
                "spec.securityContext.seccompProfile.type: Unsupported value: \"Default\": supported values: \"Localhost\", \"RuntimeDefault\", \"Unconfined\"",
            ],
        ),
        (
            "containers: [{name: c, image: a, securityContext: {privileged: true, allowPrivilegeEscalation: false}}]",
            &[
                "spec.containers[0].securityContext: Invalid value: {\"Capabilities\":null,\"Privileged\":true,\"SELinuxOptions\":null,\"WindowsOptions\":null,\"RunAsUser\":null,\"RunAsGroup\":null,\"RunAsNonRoot\":null,\"ReadOnlyRootFilesystem\":null,\"AllowPrivilegeEscalation\":false,\"ProcMount\":null,\"SeccompProfile\":null,\"AppArmorProfile\":null}: cannot set `allowPrivilegeEscalation` to false and `privileged` to true",
            ],
        ),
        (
            "dnsPolicy: None, dnsConfig: {searches: [a.b]}",
            &["spec.dnsConfig.nameservers: Required value: must provide at least one DNS nameserver when `dnsPolicy` is None"],
        ),
        (
            "dnsConfig: {nameservers: [1.1.1.1, x], options: [{value: \"2\"}]}",
            &[
                "spec.dnsConfig.nameservers[1]: Invalid value: \"x\": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)",
                "spec.dnsConfig.options[0]: Required value: must not be empty",
            ],
        ),
        (
            "hostAliases: [{ip: \"10.0.0\", hostnames: [A]}]",
            &[
                "spec.hostAliases[0].ip: Invalid value: \"10.0.0\": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)",
                "spec.hostAliases[0].hostnames[0]: Invalid value: \"A\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
            ],
        ),
        (
            "hostNetwork: true, containers: [{name: c, image: a, ports: [{containerPort: 80, hostPort: 81}]}]",
            &["spec.containers[0].ports[0].hostPort: Invalid value: 81: must match `containerPort` when `hostNetwork` is true"],
        ),
        ("dnsPolicy: 5", &["json: cannot unmarshal number into Go struct field PodSpec.spec.dnsPolicy of type v1.DNSPolicy"]),
        (
            "containers: [{name: c, image: \" a\"}]",
            &["spec.containers[0].image: Invalid value: \" a\": must not have leading or trailing whitespace"],
        ),
        ("ephemeralContainers: [{name: d, image: a}]", &["spec.ephemeralContainers: Forbidden: cannot be set on create"]),
    ]);
}

#[test]
fn where_pods_may_run() {
    check(&[
        (
            "affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: []}}}",
            &[
                "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms: Required value: must have at least one node selector term",
            ],
        ),
        (
            "affinity: {nodeAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [{weight: 0, preference: {matchExpressions: [{key: a, operator: in}]}}]}}",
            &[
                "spec.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].weight: Invalid value: 0: must be in the range 1-100",
                "spec.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].preference.matchExpressions[0].operator: Invalid value: \"in\": not a valid selector operator",
            ],
        ),
        (
            "affinity: {podAntiAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{labelSelector: {matchLabels: {app: web}}}]}}",
            &[
                "spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].topologyKey: Required value: can not be empty",
                "spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].topologyKey: Invalid value: \"\": name part must be non-empty",
                "spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].topologyKey: Invalid value: \"\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
            ],
        ),
        (
            "affinity: {podAntiAffinity: {requiredDuringScheduling: []}}",
            &["strict decoding error: unknown field \"spec.affinity.podAntiAffinity.requiredDuringScheduling\""],
        ),
        (
            "topologySpreadConstraints: [{maxSkew: 0, whenUnsatisfiable: Never}]",
            &[
                "spec.topologySpreadConstraints[0].maxSkew: Invalid value: 0: must be greater than zero",
                "spec.topologySpreadConstraints[0].topologyKey: Required value: can not be empty",
                "spec.topologySpreadConstraints[0].whenUnsatisfiable: Unsupported value: \"Never\": supported values: \"DoNotSchedule\", \"ScheduleAnyway\"",
                "W spec.topologySpreadConstraints[0].labelSelector: a null labelSelector results in matching no pod",
            ],
        ),
        (
            "tolerations: [{key: a, operator: Exists, value: b}]",
            &["spec.tolerations[0].operator: Invalid value: \"b\": value must be empty when `operator` is 'Exists'"],
        ),
        (
            "priorityClassName: Not_A_Name, preemptionPolicy: Sometimes",
            &[
                "spec.priorityClassName: Invalid value: \"Not_A_Name\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
                "spec.preemptionPolicy: Unsupported value: \"Sometimes\": supported values: \"PreemptLowerPriority\", \"Never\"",
            ],
        ),
        (
            "readinessGates: [{conditionType: a b}], os: {name: plan9}",
            &[
                "spec.readinessGates[0].conditionType: Invalid value: \"a b\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
                "spec.os.name: Unsupported value: \"plan9\": supported values: \"linux\", \"windows\"",
            ],
        ),
    ]);
}

#[test]
fn data() {
    check(&[
        (
            "apiVersion: v1, kind: ConfigMap, metadata: {name: m}, data: {\"a b\": x}",
            &[
                "data[a b]: Invalid value: \"a b\": a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')",
            ],
        ),
        (
            "apiVersion: v1, kind: ConfigMap, metadata: {name: m}, data: {port: 80}",
            &["json: cannot unmarshal number into Go struct field ConfigMap.data of type string"],
        ),
        ("apiVersion: v1, kind: Secret, metadata: {name: s}, data: {a: hello}", &["illegal base64 data at input byte 4"]),
        (
            "apiVersion: v1, kind: Secret, metadata: {name: s}, type: kubernetes.io/tls, stringData: {tls.crt: x}",
            &["data[tls.key]: Required value"],
        ),
    ]);
    let secret = read("{apiVersion: v1, kind: Secret, metadata: {name: s}, stringData: {a: hello}}").unwrap().to_value();
    assert_eq!((secret["data"]["a"].as_str(), secret.get("stringData")), (Some("aGVsbG8="), None));
}

#[test]
fn what_is_left_out_is_filled_in_as_in_kubernetes() {
    let volumes = "[{name: a}, {name: b, configMap: {name: m}}, {name: c, hostPath: {path: /x}}, {name: d, projected: {sources: [{downwardAPI: {items: [{path: p, fieldRef: {fieldPath: metadata.name}}]}}]}}]";
    let spec = read(&pod(&format!("volumes: {volumes}"))).unwrap().to_value()["spec"]["volumes"].clone();
    assert_eq!(
        manifest::yaml::print(&spec),
        "- emptyDir: {}\n  name: a\n- configMap:\n    defaultMode: 420\n    name: m\n  name: b\n- hostPath:\n    path: /x\n    type: \"\"\n  name: c\n- name: d\n  projected:\n    defaultMode: 420\n    sources:\n    - downwardAPI:\n        items:\n        - fieldRef:\n            apiVersion: v1\n            fieldPath: metadata.name\n          path: p\n"
    );
}

#[test]
fn wrong_types_are_named_as_go_names_them() {
    check(&[
        (
            "apiVersion: v1, kind: Service, metadata: {name: s}, spec: {type: 1}",
            &["json: cannot unmarshal number into Go struct field ServiceSpec.spec.type of type v1.ServiceType"],
        ),
        (
            "apiVersion: v1, kind: Service, metadata: {name: s}, spec: {ports: [{port: 80, protocol: 6}]}",
            &["json: cannot unmarshal number into Go struct field ServicePort.spec.ports.protocol of type v1.Protocol"],
        ),
        (
            "apiVersion: v1, kind: Service, metadata: {name: s}, spec: {ipFamilies: IPv4}",
            &["json: cannot unmarshal string into Go struct field ServiceSpec.spec.ipFamilies of type []v1.IPFamily"],
        ),
        (
            "apiVersion: apps/v1, kind: Deployment, metadata: {name: d}, spec: {strategy: Recreate}",
            &["json: cannot unmarshal string into Go struct field DeploymentSpec.spec.strategy of type v1.DeploymentStrategy"],
        ),
        (
            "apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {name: e}, addressType: IPv4, ports: [{port: http}]",
            &["json: cannot unmarshal string into Go struct field EndpointPort.ports.port of type int32"],
        ),
    ]);
}
