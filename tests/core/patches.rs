//! Patches and `apply`'s three-way merge against recorded answers of upstream's code, and the recorded sessions' refusals.

use kube_service_lab::api::Kind;
use kube_service_lab::apiserver::Status;
use kube_service_lab::apiserver::patch::{self, PatchType};
use kube_service_lab::kubectl::apply;
use serde_json::{Value, json};

fn kind(name: &str) -> Kind {
    kube_service_lab::api::object::KINDS.iter().find(|k| k.name == name).unwrap().kind
}

fn run(case: &Value) -> Result<Value, Status> {
    let kind = kind(case["kind"].as_str().unwrap());
    let apply = |type_| patch::apply(type_, kind, &case["live"], &case["patch"]);
    match case["op"].as_str().unwrap() {
        "three-way" => apply::three_way(kind, Some(&case["lastApplied"]), &case["modified"], &case["live"]),
        "strategic" => apply(PatchType::Strategic),
        "merge" => apply(PatchType::Merge),
        "json" => apply(PatchType::Json),
        other => panic!("{other}"),
    }
}

#[test]
fn upstream_answers() {
    let default = format!("{}/tests/recorded/patches.json", env!("CARGO_MANIFEST_DIR"));
    let path = std::env::var("PATCHES").unwrap_or(default);
    let file: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let cases = file["cases"].as_array().unwrap();
    let mut wrong = 0;
    for (i, case) in cases.iter().enumerate() {
        let got = run(case);
        let same = match (&got, &case["out"]["value"], &case["out"]["error"]) {
            (Ok(got), expected, Value::Null) => got == expected,
            // The server does not tell why a JSON patch failed.
            (Err(_), _, Value::String(_)) if case["op"] == "json" => true,
            (Err(got), _, Value::String(expected)) => got.message == *expected,
            _ => false,
        };
        if !same {
            wrong += 1;
            let mut shown = case.clone();
            shown.as_object_mut().unwrap().remove("out");
            println!("== case {i}\n{shown}\n-- expected\n{}\n-- got\n{:?}", case["out"], got.map(|v| v.to_string()));
        }
    }
    assert_eq!(wrong, 0, "{wrong} of {} cases differ", cases.len());
}

#[test]
fn refusals() {
    let live = json!({"spec": {"template": {"spec": {"containers": [{"name": "a"}]}}}});
    let fail = |type_, patch: Value| patch::apply(type_, Kind::Deployment, &live, &patch).unwrap_err();
    let no_key = json!({"spec": {"template": {"spec": {"containers": [{"image": "x"}]}}}});
    let status = fail(PatchType::Strategic, no_key);
    assert_eq!((status.code, status.reason), (500, ""));
    assert_eq!(status.message, "map: map[image:x] does not contain declared merge key: name");
    let status = fail(PatchType::Strategic, json!([1]));
    assert_eq!(status.message, "json: cannot unmarshal array into Go value of type map[string]interface {}");
    let status = fail(PatchType::Json, json!([{"op": "test", "path": "/spec/x", "value": 1}]));
    assert_eq!((status.code, status.reason), (422, "Invalid"));
    let status = fail(PatchType::Json, json!({"op": "add"}));
    let text = "error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp";
    assert_eq!((status.code, status.message.as_str()), (400, text));
    assert_eq!(patch::parse("{\"spec\":").unwrap_err().message, "invalid JSON patch");
}

#[test]
fn apply_keeps_what_it_was_given() {
    let file = json!({"kind": "Service", "metadata": {"name": "web"}, "spec": {"ports": [{"port": 80}]}});
    let sent = apply::with_last_applied(&file);
    let text = sent["metadata"]["annotations"][apply::LAST_APPLIED].as_str().unwrap();
    assert_eq!(
        text,
        "{\"kind\":\"Service\",\"metadata\":{\"annotations\":{},\"name\":\"web\"},\"spec\":{\"ports\":[{\"port\":80}]}}\n"
    );
    let mut live = sent.clone();
    live["spec"]["clusterIP"] = json!("10.96.0.7");
    live["spec"]["ports"][0]["protocol"] = json!("TCP");
    let last = apply::last_applied(&live).unwrap();
    assert_eq!(apply::three_way(Kind::Service, last.as_ref(), &apply::with_last_applied(&file), &live), Ok(json!({})));
    let mut changed = file.clone();
    changed["spec"]["ports"] = json!([{"port": 8080}]);
    let patch = apply::three_way(Kind::Service, last.as_ref(), &apply::with_last_applied(&changed), &live).unwrap();
    let ports = json!([{"port": 8080}, {"$patch": "delete", "port": 80}]);
    assert_eq!(patch["spec"], json!({"$setElementOrder/ports": [{"port": 8080}], "ports": ports}));
}
