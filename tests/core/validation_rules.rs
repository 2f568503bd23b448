//! Rules that no vector file covers: Pods that change, ReplicaSets, Nodes, Namespaces, metadata.

use kube_service_lab::api::codec::Decoder;
use kube_service_lab::api::{Kind, Object, defaults, validation};
use serde_json::{Value, json};

fn object(kind: Kind, value: Value) -> Object {
    let mut decoder = Decoder::default();
    let mut object = Object::decode(kind, &value, &mut decoder).unwrap();
    assert_eq!((decoder.unknown, decoder.type_error), (vec![], None));
    defaults::apply(&mut object);
    object
}

fn pod(spec: Value) -> Object {
    object(Kind::Pod, json!({"metadata": {"name": "p", "namespace": "default"}, "spec": spec}))
}

fn created(object: &Object) -> Vec<String> {
    validation::create(object).iter().map(|e| e.text()).collect()
}

/// The first line of every error.
fn updated(new: &Object, old: &Object) -> Vec<String> {
    validation::update(new, old).iter().map(|e| e.text().lines().next().unwrap_or("").to_string()).collect()
}

fn container(image: &str, port: i32) -> Value {
    json!({"name": "c", "image": image, "ports": [{"containerPort": port}]})
}

#[test]
fn of_a_pod_only_images_and_a_few_more_may_change() {
    let old = pod(json!({"containers": [container("a:1", 80)], "tolerations": [{"key": "x", "operator": "Exists"}]}));
    let change = |spec: Value| updated(&pod(spec), &old);
    let x = json!([{"key": "x", "operator": "Exists"}]);
    let more = json!([{"key": "x", "operator": "Exists"}, {"key": "y", "operator": "Exists"}]);
    assert_eq!(change(json!({"containers": [container("a:2", 80)], "tolerations": x})), [""; 0]);
    assert_eq!(change(json!({"containers": [container("a:1", 80)], "tolerations": more})), [""; 0]);
    assert_eq!(
        change(json!({"containers": [container("a:1", 80)]})),
        ["spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds"]
    );
    assert_eq!(
        change(json!({"containers": [container("a:1", 80), {"name": "d", "image": "b"}], "tolerations": x})),
        ["spec.containers: Forbidden: pod updates may not add or remove containers"]
    );
    let errors = change(json!({"containers": [container("a:1", 81)], "tolerations": x}));
    assert_eq!(errors.len(), 1);
    assert!(errors[0].starts_with("spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`"));
}

#[test]
fn requests_stay_below_limits_and_bytes_are_whole() {
    let limited = |resources: Value| pod(json!({"containers": [{"name": "c", "image": "a", "resources": resources}]}));
    assert_eq!(
        created(&limited(json!({"requests": {"cpu": "2"}, "limits": {"cpu": "1500m"}}))),
        ["spec.containers[0].resources.requests: Invalid value: \"2\": must be less than or equal to cpu limit of 1500m"]
    );
    let half = limited(json!({"requests": {"memory": "100m"}}));
    assert_eq!(created(&half), [""; 0]);
    assert_eq!(
        validation::warnings(&half, None),
        ["spec.containers[0].resources.requests[memory]: fractional byte value \"100m\" is invalid, must be an integer"]
    );
}

#[test]
fn mounts_need_volumes_and_hooks_must_fit_the_grace_period() {
    let mut with = container("a", 80);
    with["volumeMounts"] = json!([{"name": "v", "mountPath": "/v"}]);
    with["lifecycle"] = json!({"preStop": {"sleep": {"seconds": 31}}});
    assert_eq!(
        created(&pod(json!({"containers": [with]}))),
        [
            "spec.containers[0].volumeMounts[0].name: Not found: \"v\"",
            "spec.containers[0].lifecycle.preStop.sleep: Invalid value: 31: must be non-negative and less than terminationGracePeriodSeconds (30)",
        ]
    );
}

#[test]
fn taints_are_unique_and_have_known_effects() {
    let node = |taints: Value| object(Kind::Node, json!({"metadata": {"name": "n"}, "spec": {"taints": taints}}));
    assert_eq!(created(&node(json!([{"key": "a", "effect": "NoSchedule"}]))), [""; 0]);
    assert_eq!(
        created(&node(json!([{"key": "a", "effect": "Never"}, {"key": "b"}]))),
        [
            "spec.taints[0].effect: Unsupported value: \"Never\": supported values: \"NoSchedule\", \"PreferNoSchedule\", \"NoExecute\"",
            "spec.taints[1].effect: Required value",
        ]
    );
    assert_eq!(
        created(&node(json!([{"key": "a", "effect": "NoSchedule"}, {"key": "a", "value": "x", "effect": "NoSchedule"}]))),
        [
            "spec.taints[1]: Duplicate value: {\"Key\":\"a\",\"Value\":\"x\",\"Effect\":\"NoSchedule\",\"TimeAdded\":null}: taints must be unique by key and effect pair"
        ]
    );
}

#[test]
fn a_replica_set_keeps_its_selector() {
    let set = |app: &str| {
        object(
            Kind::ReplicaSet,
            json!({"metadata": {"name": "r", "namespace": "default"}, "spec": {"selector": {"matchLabels": {"app": app}},
                "template": {"metadata": {"labels": {"app": app}}, "spec": {"containers": [container("a", 80)]}}}}),
        )
    };
    assert_eq!(created(&set("web")), [""; 0]);
    assert_eq!(
        updated(&set("api"), &set("web")),
        ["spec.selector: Invalid value: {\"matchLabels\":{\"app\":\"api\"}}: field is immutable"]
    );
}

#[test]
fn metadata_has_its_rules() {
    let named = |meta: Value| object(Kind::ConfigMap, json!({"metadata": meta}));
    assert_eq!(
        created(&named(json!({"namespace": "default"}))),
        ["metadata.name: Required value: name or generateName is required"]
    );
    assert_eq!(
        created(&named(
            json!({"name": "a", "namespace": "default", "ownerReferences": [{"apiVersion": "a/b/c", "kind": "", "name": "x", "uid": ""}]})
        )),
        [
            "metadata.ownerReferences[0].apiVersion: Invalid value: \"a/b/c\": must be <group>/<version> or <version>",
            "metadata.ownerReferences[0].kind: Required value: must not be empty",
            "metadata.ownerReferences[0].uid: Required value: must not be empty",
        ]
    );
    let deleting =
        named(json!({"name": "a", "namespace": "default", "deletionTimestamp": "2026-01-01T00:00:00Z", "finalizers": ["a.b/c"]}));
    let mut more = deleting.clone();
    more.meta_mut().finalizers.push("a.b/d".into());
    assert_eq!(
        updated(&more, &deleting),
        [
            "metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{\"a.b/d\"}"
        ]
    );
    let namespace = object(Kind::Namespace, json!({"metadata": {"name": "a.b"}}));
    assert_eq!(created(&namespace), ["metadata.name: Invalid value: \"a.b\": must not contain dots"]);
}
