//! Recorded answers of kubectl about typed objects: rows of `get`, `describe`, `rollout status` and `rollout history`.

use kube_service_lab::api::codec::Decoder;
use kube_service_lab::api::{Event, Kind, Object, Time};
use kube_service_lab::kubectl::describe::{World, describe};
use kube_service_lab::kubectl::print::rows;
use serde_json::Value;
use std::rc::Rc;

fn file(name: &str) -> Value {
    let path = format!("{}/tests/golden/vectors/{name}", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap()
}

fn object(value: &Value) -> Object {
    let text = |field: &str| value[field].as_str().unwrap_or_default();
    let kind = Kind::from_manifest(text("apiVersion"), text("kind")).unwrap_or_else(|| panic!("no such kind: {value}"));
    let mut d = Decoder::default();
    let object = Object::decode(kind, value, &mut d);
    assert!(d.type_error.is_none(), "{:?} in {value}", d.type_error);
    object.unwrap()
}

/// Runs every case, prints each mismatch, and asserts that there was none.
fn check_all(name: &str, run: impl Fn(&Value, &Value) -> Vec<(String, String)>) {
    let file = file(name);
    let cases = file["cases"].as_array().unwrap();
    let mut wrong = 0;
    for case in cases {
        let pairs = run(&file, case);
        if pairs.iter().any(|(expected, got)| expected != got) {
            wrong += 1;
            for (expected, got) in pairs.iter().filter(|(e, g)| e != g) {
                println!("== {}\n-- expected\n{expected}\n-- got\n{got}", case["name"]);
            }
        }
    }
    assert_eq!(wrong, 0, "{wrong} of {} cases of {name} differ", cases.len());
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn now(file: &Value, case: &Value) -> Time {
    let now = case["in"]["now"].as_str().or(file["now"].as_str()).unwrap();
    Time::parse(now).unwrap()
}

#[test]
fn rows_of_get() {
    check_all("print-rows.json", |file, case| {
        let now = now(file, case);
        let object = object(&case["in"]["object"]);
        let columns = rows::columns(object.kind());
        let cells = rows::cells(&object, now);
        assert_eq!(columns.len(), cells.len());
        let mut pairs: Vec<(String, String)> =
            columns.iter().zip(cells).map(|(c, cell)| (text(&case["out"]["cells"][c.name]), cell)).collect();
        let print = |wide| {
            let options = rows::GetOptions { wide, ..Default::default() };
            rows::table(std::slice::from_ref(&object), &options, now)
        };
        pairs.push((text(&case["out"]["text"]), print(false)));
        pairs.push((text(&case["out"]["textWide"]), print(true)));
        pairs
    });
}

/// The objects and events of a case.
struct Case {
    objects: Vec<Object>,
    events: Vec<Rc<Event>>,
}

impl World for Case {
    fn list(&self, kind: Kind, namespace: &str) -> Vec<Object> {
        let wanted = |o: &&Object| o.kind() == kind && (namespace.is_empty() || o.meta().namespace == namespace);
        self.objects.iter().filter(wanted).cloned().collect()
    }
    fn get(&self, kind: Kind, namespace: &str, name: &str) -> Option<Object> {
        self.list(kind, namespace).into_iter().find(|o| o.meta().name == name)
    }
    fn events_of(&self, _object: &Object) -> Vec<Rc<Event>> {
        self.events.clone()
    }
}

#[test]
fn descriptions() {
    check_all("describe.json", |file, case| {
        let list = |field: &str| case["in"][field].as_array().into_iter().flatten().map(object).collect::<Vec<_>>();
        let events = list("events").iter().filter_map(|e| e.as_::<Event>().cloned()).collect();
        let world = Case { objects: list("objects"), events };
        let expected = case["out"].as_str().or(case["out"]["text"].as_str()).unwrap();
        vec![(expected.to_owned(), describe(&world.objects[0], &world, now(file, case)))]
    });
}
