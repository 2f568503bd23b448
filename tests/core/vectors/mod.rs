//! Reading vector files, running them, and comparing with values that the server picks at random.
#![allow(dead_code)]

use kube_service_lab::api::Object;
use kube_service_lab::api::{Kind, Time, defaults};
use kube_service_lab::apiserver::{Status, admission, duplicates, strategy};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

pub fn load(name: &str) -> Value {
    let path = format!("{}/tests/golden/vectors/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// Runs every case, prints each difference, and asserts that there is none.
pub fn check(name: &str, run: impl Fn(&Value, &Value) -> Value) {
    let file = load(name);
    let cases = file["cases"].as_array().unwrap();
    let mut wrong = 0;
    for case in cases {
        let got = run(&case["in"], &case["out"]);
        if !same(&got, &case["out"], &mut BTreeMap::new()) {
            wrong += 1;
            println!("{}\n   in {}\n  got {got}\n want {}", case["name"], case["in"], case["out"]);
        }
    }
    assert_eq!(wrong, 0, "of {} cases", cases.len());
}

/// Equal, where `<allocated…>` stands for any value, the same text for the same value.
pub fn same(got: &Value, want: &Value, bound: &mut BTreeMap<String, String>) -> bool {
    match (got, want) {
        (_, Value::String(name)) if name.starts_with("<allocated") && name.ends_with('>') && !name[1..].contains('<') => {
            let key = format!("{name} {}", got.is_number());
            let value = got.to_string();
            *bound.entry(key).or_insert_with(|| value.clone()) == value
        }
        (Value::String(got), Value::String(want)) => same_text(got, want),
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b, bound)),
        (Value::Object(a), Value::Object(b)) => {
            a.keys().eq(b.keys()) && a.iter().zip(b).all(|((_, a), (_, b))| same(a, b, bound))
        }
        _ => got == want,
    }
}

/// Texts with `<allocated…>` in them: any address or number may stand there.
fn same_text(got: &str, want: &str) -> bool {
    let Some(start) = want.find("<allocated") else { return got == want };
    let end = start + want[start..].find('>').unwrap() + 1;
    let Some(rest) = got.strip_prefix(&want[..start]) else { return false };
    let picked = rest.bytes().take_while(|b| b.is_ascii_digit() || *b == b'.').count();
    picked > 0 && same_text(&rest[picked..], &want[end..])
}

fn with_defaults(kind: Kind, value: &Value) -> Result<Object, Status> {
    let mut object = admission::decode(kind, value, &[])?;
    if object.meta().namespace.is_empty() && kind.info().namespaced {
        object.meta_mut().namespace = "default".into();
    }
    Ok(object)
}

/// A request's object from `object` (a tree) or `json` (a text).
pub fn sent(kind: Kind, input: &Value) -> Result<Object, Status> {
    let Some(text) = input["json"].as_str() else { return with_defaults(kind, &input["object"]) };
    admission::decode(kind, &serde_json::from_str(text).unwrap(), &duplicates::duplicate_fields(text))?;
    with_defaults(kind, &serde_json::from_str(text).unwrap())
}

pub fn kind_of(value: &Value) -> Kind {
    Kind::from_manifest(value["apiVersion"].as_str().unwrap(), value["kind"].as_str().unwrap()).unwrap()
}

/// Both objects of an update, with the server's bookkeeping.
pub fn old_and_new(kind: Kind, input: &Value) -> Result<(Object, Object), Status> {
    let mut old = with_defaults(kind, &input["old"])?;
    let mut new = with_defaults(kind, &input["new"])?;
    defaults::apply(&mut old);
    strategy::prepare_for_create(&mut old);
    old.meta_mut().creation_timestamp = Time(1);
    defaults::apply(&mut new);
    admission::check_name(&new, &old.meta().name, &old.meta().namespace)?;
    strategy::prepare_for_update(&mut new, &old, strategy::Part::Spec);
    Ok((old, new))
}

/// What the vector files say of a refusal. The stage is not part of an answer, so it is taken from the wanted one.
pub fn refused(status: &Status, want: &Value) -> Value {
    let mut out = Map::new();
    out.insert("accepted".into(), json!(false));
    out.insert("stage".into(), want["stage"].clone());
    let mut answer = json!({"code": status.code, "message": status.message});
    if !status.reason.is_empty() {
        answer["reason"] = json!(status.reason);
    }
    out.insert("status".into(), answer);
    if !status.causes.is_empty() {
        let errors: Vec<String> = status.causes.iter().map(|c| format!("{}: {}", c.field, c.message)).collect();
        out.insert("errors".into(), json!(errors));
    }
    if status.reason == "InternalError" {
        // The cause of an internal error has no field and the text behind the prefix.
        let why = status.message.trim_start_matches("Internal error occurred: ");
        out.insert("errors".into(), json!([format!(": {why}")]));
    }
    Value::Object(out)
}
