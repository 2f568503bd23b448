//! What a person reads when the API server refuses or warns, through kubectl, at a running cluster. Sources: the handlers of
//! `staging/apiserver/pkg/endpoints/handlers`, `plugin/pkg/admission`, `pkg/apis/core/validation`, and
//! `apimachinery/pkg/runtime/converter.go` for patches.

use kube_service_lab::lab::Lab;
use kube_service_lab::time::SECOND;

fn check(table: &[(&str, &str)]) {
    let mut lab = Lab::start("first", 7);
    let mut wrong = 0;
    for (line, expected) in table {
        let id = lab.kubectl(line);
        lab.advance(lab.now() + 3 * SECOND, u64::MAX);
        let got = lab.output(id).map(|run| run.text.clone()).unwrap_or_default();
        if got.trim_end() != expected.trim_end() {
            wrong += 1;
            println!("== {line}\n-- expected\n{expected}\n-- got\n{got}");
        }
    }
    assert_eq!(wrong, 0, "{wrong} of {} commands", table.len());
}

#[test]
fn patches() {
    check(&[
        ("kubectl create deployment d --image=nginx:1.27", "deployment.apps/d created"),
        (
            r#"kubectl patch deployment d -p '{"spec":{"replicas":"3"}}'"#,
            r#"The request is invalid: patch: Invalid value: "map[spec:map[replicas:3]]": unrecognized type: int32"#,
        ),
        (
            r#"kubectl patch deployment d -p '{"spec":{"template":{"spec":{"restartPolicy":1}}}}'"#,
            r#"The request is invalid: patch: Invalid value: "map[spec:map[template:map[spec:map[restartPolicy:1]]]]": cannot convert int64 to v1.RestartPolicy"#,
        ),
        (
            r#"kubectl patch deployment d -p '{"spec":{"strategy":"Recreate"}}'"#,
            r#"The request is invalid: patch: Invalid value: "map[spec:map[strategy:Recreate]]": cannot restore struct from: string"#,
        ),
        (
            r#"kubectl patch deployment d -p '{"metadata":{"name":"e"}}'"#,
            "Error from server (BadRequest): the name of the object (e) does not match the name on the URL (d)",
        ),
        (
            r#"kubectl patch deployment d --type=merge -p '{"metadata":{"namespace":"other"}}'"#,
            "Error from server (BadRequest): the namespace of the provided object does not match the namespace sent on the request",
        ),
        (
            r#"kubectl patch deployment d -p '{"spec":{"foo":1}}'"#,
            "Warning: unknown field \"spec.foo\"\ndeployment.apps/d patched (no change)",
        ),
        (
            r#"kubectl patch deployment d -p '{"spec":{"foo":1,"template":{"spec":{"containers":[{"name":"nginx","imag":"x"}]}}}}'"#,
            "Warning: unknown field \"spec.template.spec.containers[0].imag\"\nWarning: unknown field \"spec.foo\"\ndeployment.apps/d patched (no change)",
        ),
        (
            r#"kubectl patch deployment d -p '{"spec":{"replicas":-3}}'"#,
            "The Deployment \"d\" is invalid: spec.replicas: Invalid value: -3: must be greater than or equal to 0",
        ),
        (
            r#"kubectl patch deployment d --type=json -p '[{"op":"remove","path":"/spec/nothing"}]'"#,
            "The request is invalid: the server rejected our request due to an error in our request",
        ),
    ]);
}

#[test]
fn unknown_fields() {
    let file = |fields: &str| {
        format!(
            "-f - <<EOF\n{{apiVersion: v1, kind: Service, metadata: {{name: s}}, spec: {{ports: [{{port: 80}}], {fields}}}}}\nEOF"
        )
    };
    let lines = [
        (format!("kubectl create --validate=warn {}", file("foo: 1")), "Warning: unknown field \"spec.foo\"\nservice/s created"),
        (format!("kubectl replace --validate=false {}", file("foo: 1")), "service/s replaced"),
        (
            format!("kubectl replace {}", file("foo: 1")),
            "Error from server (BadRequest): error when replacing \"STDIN\": Service in version \"v1\" cannot be handled as a Service: strict decoding error: unknown field \"spec.foo\"",
        ),
        (
            format!("kubectl apply --validate=maybe {}", file("foo: 1")),
            "error: invalid - validate option \"maybe\"; must be one of: strict (or true), warn, ignore (or false)",
        ),
    ];
    check(&lines.each_ref().map(|(line, expected)| (line.as_str(), *expected)));
}

#[test]
fn what_is_no_object() {
    let hint = "if you choose to ignore these errors, turn validation off with --validate=false";
    let data = |why: &str| format!("error: error validating \"STDIN\": error validating data: {why}; {hint}");
    let lines = [
        ("hello", data("invalid object to validate")),
        ("- a\n- b", data("invalid object to validate")),
        ("metadata: {name: x}", data("[apiVersion not set, kind not set]")),
        ("apiVersion: 1\nkind: Pod", data("apiVersion isn't string type")),
        (
            "apiVersion: v1\nkind: Service\nmetadata: {name: x, labels: {version: 1}}",
            "error: unable to decode \"STDIN\": json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels of type string".into(),
        ),
        (
            "apiVersion: v1\nkind: Service\nmetadata: [x]",
            "error: unable to decode \"STDIN\": json: cannot unmarshal array into Go struct field metadataOnlyObject.metadata of type v1.ObjectMeta".into(),
        ),
        (
            "apiVersion: v1\nkind: Nonsense\nmetadata: {name: yes}",
            "error: unable to decode \"STDIN\": json: cannot unmarshal bool into Go struct field ObjectMeta.metadata.name of type string".into(),
        ),
        (
            "apiVersion: v1\nkind: Service\nspec: {}",
            "error: error when retrieving current configuration of:\nResource: \"/v1, Resource=services\", GroupVersionKind: \"/v1, Kind=Service\"\nName: \"\", Namespace: \"default\"\nfrom server for: \"STDIN\": resource name may not be empty".into(),
        ),
    ];
    let lines = lines.map(|(text, expected)| (format!("kubectl apply -f - <<EOF\n{text}\nEOF"), expected));
    check(&lines.each_ref().map(|(line, expected)| (line.as_str(), expected.as_str())));
}

#[test]
fn admission() {
    let pod = |spec: &str| {
        format!(
            "kubectl create -f - <<EOF\n{{apiVersion: v1, kind: Pod, metadata: {{name: p}}, spec: {{containers: [{{name: c, image: a}}], {spec}}}}}\nEOF"
        )
    };
    let head = "Error from server (Forbidden): error when creating \"STDIN\": pods \"p\" is forbidden: ";
    let lines = [
        (pod("serviceAccountName: robot"), "error looking up service account default/robot: serviceaccount \"robot\" not found"),
        (pod("priorityClassName: high"), "no PriorityClass with name high was found"),
        (
            pod("priority: 5"),
            "the integer value of priority (5) must not be provided in pod spec; priority admission controller computed 0 from the given PriorityClass name",
        ),
        (pod("runtimeClassName: gvisor"), "pod rejected: RuntimeClass \"gvisor\" not found"),
    ];
    let lines = lines.map(|(line, why)| (line, format!("{head}{why}")));
    check(&lines.each_ref().map(|(line, expected)| (line.as_str(), expected.as_str())));
    check(&[
        (
            "kubectl delete ns default",
            "Error from server (Forbidden): namespaces \"default\" is forbidden: this namespace may not be deleted",
        ),
        ("kubectl run q -n nothere --image=nginx:1.27", "Error from server (NotFound): namespaces \"nothere\" not found"),
    ]);
}

#[test]
fn what_cannot_change() {
    check(&[
        ("kubectl create configmap cm --from-literal=a=b", "configmap/cm created"),
        (r#"kubectl patch configmap cm -p '{"immutable":true}'"#, "configmap/cm patched"),
        (
            r#"kubectl patch configmap cm -p '{"data":{"a":"c"}}'"#,
            "The ConfigMap \"cm\" is invalid: data: Forbidden: field is immutable when `immutable` is set",
        ),
        ("kubectl create secret generic s --from-literal=a=b", "secret/s created"),
        (
            r#"kubectl patch secret s -p '{"type":"other"}'"#,
            "The Secret \"s\" is invalid: type: Invalid value: \"other\": field is immutable",
        ),
        ("kubectl create service loadbalancer lb --tcp=80:80", "service/lb created"),
        (
            r#"kubectl patch svc lb -p '{"spec":{"externalTrafficPolicy":"Local","healthCheckNodePort":30500}}'"#,
            "service/lb patched",
        ),
        (
            r#"kubectl patch svc lb -p '{"spec":{"healthCheckNodePort":30501}}'"#,
            "The Service \"lb\" is invalid: spec.healthCheckNodePort: Forbidden: field is immutable",
        ),
    ]);
}

#[test]
fn a_container_waits_for_its_configuration() {
    let pod = "kubectl create -f - <<EOF\n{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: [{name: c, image: nginx:1.27, env: [{name: A, valueFrom: {configMapKeyRef: {name: cm, key: k}}}, {name: B, value: x-$(A)}, {name: SELF, valueFrom: {fieldRef: {fieldPath: metadata.name}}}]}]}}\nEOF";
    let mut lab = Lab::start("first", 7);
    let mut run = |line: &str, seconds: u64| {
        let id = lab.kubectl(line);
        lab.advance(lab.now() + seconds * SECOND, u64::MAX);
        lab.output(id).map(|run| run.text.trim_end().to_string()).unwrap_or_default()
    };
    let state = "kubectl get pod p -o jsonpath='{.status.containerStatuses[0].state.waiting.reason}: {.status.containerStatuses[0].state.waiting.message}'";
    assert_eq!(run(pod, 20), "pod/p created");
    assert_eq!(run(state, 1), "CreateContainerConfigError: configmap \"cm\" not found");
    run("kubectl create configmap cm --from-literal=other=1", 30);
    assert_eq!(run(state, 1), "CreateContainerConfigError: couldn't find key k in ConfigMap default/cm");
    run("kubectl patch configmap cm -p '{\"data\":{\"k\":\"v\"}}'", 30);
    let env = run("kubectl exec p -- env", 1);
    assert!(env.contains("\nHOSTNAME=p\nA=v\nB=x-v\nSELF=p\nKUBERNETES_"), "{env}");
}

#[test]
fn a_pod_waits_for_what_its_volumes_show() {
    let mut lab = Lab::start("first", 7);
    let mut run = |line: &str, seconds: u64| {
        let id = lab.kubectl(line);
        lab.advance(lab.now() + seconds * SECOND, u64::MAX);
        lab.output(id).map(|run| run.text.trim_end().to_string()).unwrap_or_default()
    };
    let pod = "kubectl create -f - <<EOF\n{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {volumes: [{name: v, secret: {secretName: s}}], containers: [{name: c, image: nginx:1.27, volumeMounts: [{name: v, mountPath: /v}]}]}}\nEOF";
    assert_eq!(run(pod, 20), "pod/p created");
    let reason = "{.status.containerStatuses[0].state.waiting.reason}";
    assert_eq!(run(&format!("kubectl get pod p -o jsonpath='{reason}'"), 1), "ContainerCreating");
    let events = run("kubectl get events --field-selector reason=FailedMount -o jsonpath='{.items[0].message}'", 1);
    assert_eq!(events, "MountVolume.SetUp failed for volume \"v\" : secret \"s\" not found");
    run("kubectl create secret generic s --from-literal=a=b", 30);
    assert_eq!(run("kubectl get pod p -o jsonpath='{.status.phase}'", 1), "Running");
}

#[test]
fn what_a_real_api_server_said_of_dry_runs_slices_and_puts() {
    let apply = |verb: &str, text: &str| format!("kubectl {verb} -f - <<EOF\n{text}\nEOF");
    let service = |name: &str, ip: &str| {
        format!("{{apiVersion: v1, kind: Service, metadata: {{name: {name}}}, spec: {{clusterIP: {ip}, ports: [{{port: 80}}]}}}}")
    };
    let slice = "{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {name: s}, addressType: FQDN, ports: [{name: A, protocol: ''}], endpoints: [{addresses: [x], deprecatedTopology: {a: b c}}, {addresses: []}]}";
    let lines = [
        // A dry run does not see who has an address.
        (apply("create --dry-run=server", &service("a", "10.96.0.1")), "service/a created (server dry run)".to_owned()),
        (
            apply("create --dry-run=server", &service("a", "1.2.3.4")),
            "The Service \"a\" is invalid: spec.clusterIPs: Invalid value: [\"1.2.3.4\"]: failed to allocate IP 1.2.3.4: the provided IP (1.2.3.4) is not in the valid range. The range of valid IPs is 10.96.0.0/12".into(),
        ),
        // A PUT makes a Service that is not there; other kinds have to be.
        (apply("replace", &service("put", "None")), "service/put replaced".into()),
        (
            apply("create", slice),
            "The EndpointSlice \"s\" is invalid: \n* ports[0].name: Invalid value: \"A\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')\n* ports[0].protocol: Unsupported value: \"\": supported values: \"SCTP\", \"TCP\", \"UDP\"\n* endpoints[0].addresses[0]: Invalid value: \"x\": should be a domain with at least two segments separated by dots\n* endpoints[1].addresses: Required value".into(),
        ),
    ];
    check(&lines.each_ref().map(|(line, expected)| (line.as_str(), expected.as_str())));
}
