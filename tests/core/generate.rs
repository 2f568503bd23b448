//! The objects that kubectl makes up, as the recorded sessions show them, and what it refuses by itself.

use kube_service_lab::api::codec::Decoder;
use kube_service_lab::api::{Kind, Object};
use kube_service_lab::kubectl::generate::*;
use serde_json::{Value, json};

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

fn random() -> String {
    "abcde".to_owned()
}

#[test]
fn create_deployment() {
    let args = DeploymentArgs {
        names: words("web"),
        images: words("nginx:1.27"),
        replicas: Some(2),
        port: Some(80),
        ..Default::default()
    };
    let expected = json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"labels": {"app": "web"}, "name": "web"},
        "spec": {
            "replicas": 2, "selector": {"matchLabels": {"app": "web"}}, "strategy": {},
            "template": {
                "metadata": {"labels": {"app": "web"}},
                "spec": {"containers": [{"image": "nginx:1.27", "name": "nginx", "ports": [{"containerPort": 80}], "resources": {}}]},
            },
        },
        "status": {},
    });
    assert_eq!(deployment(&args, &mut random), Ok(expected));
    let named = |image: &str| {
        let args = DeploymentArgs { names: words("web"), images: words(image), ..Default::default() };
        deployment(&args, &mut random).unwrap()["spec"]["template"]["spec"]["containers"][0]["name"].clone()
    };
    assert_eq!(named("registry:5000/team/my_app.v2:1@sha256:00"), "my-app-v2-abcde");
    assert_eq!(named("docker.io/library/nginx"), "nginx");
    let fail = |names: &str, images: &str, command: &str| {
        let args = DeploymentArgs { names: words(names), images: words(images), command: words(command), ..Default::default() };
        deployment(&args, &mut random).unwrap_err()
    };
    assert_eq!(fail("e", "", ""), "required flag(s) \"image\" not set");
    assert_eq!(
        fail("", "nginx", ""),
        "exactly one NAME is required, got 0\nSee 'kubectl create deployment -h' for help and examples"
    );
    assert_eq!(fail("a", "x y", "sh"), "cannot specify multiple --image options and command");
}

fn service_args(type_: &str, tcp: &str) -> ServiceArgs {
    ServiceArgs { type_: type_.into(), names: words("web"), tcp: words(tcp), ..Default::default() }
}

#[test]
fn create_service() {
    let expected = json!({
        "apiVersion": "v1", "kind": "Service", "metadata": {"labels": {"app": "web"}, "name": "web"},
        "spec": {
            "ports": [{"name": "80-80", "port": 80, "protocol": "TCP", "targetPort": 80}],
            "selector": {"app": "web"}, "type": "NodePort",
        },
        "status": {"loadBalancer": {}},
    });
    assert_eq!(service(&service_args("NodePort", "80:80")), Ok(expected));
    let fail = |tcp: &str| service(&service_args("ClusterIP", tcp)).unwrap_err();
    assert_eq!(fail(""), "at least one tcp port specifier must be provided");
    assert_eq!(fail("70000"), "strconv.ParseUint: parsing \"70000\": value out of range");
    assert_eq!(fail("http"), "strconv.ParseUint: parsing \"http\": invalid syntax");
    assert_eq!(fail("80:0"), "must be between 1 and 65535, inclusive");
    assert_eq!(fail("80:1--2"), "must contain at least one letter (a-z),must not contain consecutive hyphens");
    let external =
        |name: Option<&str>| service(&ServiceArgs { external_name: name.map(str::to_owned), ..service_args("ExternalName", "") });
    assert_eq!(external(None).unwrap_err(), "required flag(s) \"external-name\" not set");
    assert_eq!(external(Some("not_valid..name")).unwrap_err(), "invalid service external name not_valid..name");
    assert_eq!(external(Some("example.com")).unwrap()["spec"]["externalName"], "example.com");
}

#[test]
fn run_a_pod() {
    let args = RunArgs {
        names: words("solo"),
        image: Some("nginx:1.27".into()),
        port: "80".into(),
        labels: "app=solo".into(),
        ..Default::default()
    };
    let expected = json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": {"labels": {"app": "solo"}, "name": "solo"},
        "spec": {
            "containers": [{"image": "nginx:1.27", "name": "solo", "ports": [{"containerPort": 80}], "resources": {}}],
            "dnsPolicy": "ClusterFirst", "restartPolicy": "Always",
        },
        "status": {},
    });
    assert_eq!(run(&args), Ok(expected));
    assert_eq!(run_service(&args), Ok(None));
    let exposed = run_service(&RunArgs { expose: true, ..args.clone() }).unwrap().unwrap();
    assert_eq!(exposed["spec"]["selector"], json!({"app": "solo"}));
    let bad = RunArgs { image: Some("nginx 1.27".into()), ..args.clone() };
    assert_eq!(run(&bad).unwrap_err(), "invalid image name \"nginx 1.27\": invalid reference format");
    assert_eq!(run(&RunArgs { image: None, ..args.clone() }).unwrap_err(), "required flag(s) \"image\" not set");
    assert_eq!(run(&RunArgs { env: words("1A=x"), ..args.clone() }).unwrap_err(), "invalid env: 1A=x");
}

fn web() -> Value {
    let args = DeploymentArgs { names: words("web"), images: words("nginx:1.27"), port: Some(80), ..Default::default() };
    deployment(&args, &mut random).unwrap()
}

fn object(kind: Kind, value: &Value) -> Object {
    Object::decode(kind, value, &mut Decoder::default()).unwrap()
}

#[test]
fn expose_an_object() {
    let args = ExposeArgs { port: "80".into(), target_port: "http".into(), name: "named".into(), ..Default::default() };
    let expected = json!({
        "apiVersion": "v1", "kind": "Service", "metadata": {"labels": {"app": "web"}, "name": "named"},
        "spec": {"ports": [{"port": 80, "protocol": "TCP", "targetPort": "http"}], "selector": {"app": "web"}},
        "status": {"loadBalancer": {}},
    });
    assert_eq!(expose(&object(Kind::Deployment, &web()), &args), Ok(expected));
    let mut kept = ExposeArgs::default();
    kept.keep(&object(Kind::Deployment, &web()));
    assert_eq!((kept.selector.as_str(), kept.port.as_str(), kept.labels.as_str()), ("app=web", "80", "app=web"));
    let mut two = web();
    two["spec"]["template"]["spec"]["containers"][0]["ports"] =
        json!([{"containerPort": 53, "protocol": "UDP"}, {"containerPort": 53}, {"containerPort": 80}]);
    let service = expose(&object(Kind::Deployment, &two), &ExposeArgs::default()).unwrap();
    let ports = json!([
        {"name": "port-1-udp", "port": 53, "protocol": "UDP", "targetPort": 53},
        {"name": "port-1-tcp", "port": 53, "protocol": "TCP", "targetPort": 53},
        {"name": "port-2", "port": 80, "protocol": "TCP", "targetPort": 80},
    ]);
    assert_eq!(service["spec"]["ports"], ports);
    let mut none = web();
    none["spec"]["template"]["spec"]["containers"][0]["ports"] = json!([]);
    let fail = |value: &Value, kind| expose(&object(kind, value), &ExposeArgs::default()).unwrap_err();
    assert_eq!(fail(&none, Kind::Deployment), "couldn't find port via --port flag or introspection");
    assert_eq!(fail(&json!({}), Kind::ConfigMap), "cannot expose a ConfigMap");
    let mut set_based = web();
    set_based["spec"]["selector"]["matchExpressions"] = json!([{"key": "x", "operator": "In", "values": ["a", "b"]}]);
    assert_eq!(
        fail(&set_based, Kind::Deployment),
        "couldn't retrieve selectors via --selector flag or introspection: couldn't convert expressions - \
         \"[{Key:x Operator:In Values:[a b]}]\" to map-based selector format"
    );
}

#[test]
fn create_small_objects() {
    let args = ConfigMapArgs { names: words("c"), literals: words("a=1 b=x=y"), ..Default::default() };
    assert_eq!(config_map(&args).unwrap()["data"], json!({"a": "1", "b": "x=y"}));
    let twice = ConfigMapArgs { literals: words("a=1 a=2"), ..args.clone() };
    assert_eq!(
        config_map(&twice).unwrap_err(),
        "cannot add key \"a\", another key by that name already exists in Data for ConfigMap \"c\""
    );
    let expected = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "n"}, "spec": {}, "status": {}});
    assert_eq!(namespace(&NamespaceArgs { names: words("n") }), Ok(expected));
    let secret = secret(&SecretArgs { data: args, type_: String::new() }).unwrap();
    assert_eq!(secret["data"]["a"], "MQ==");
}
