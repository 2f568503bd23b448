//! Every object that was ever recorded is read and written again without a change.

use kube_service_lab::api::codec::Decoder;
use kube_service_lab::api::{Kind, Object};
use serde_json::Value;

#[test]
fn recorded_objects_survive_a_round_trip() {
    let mut count = 0;
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/transcripts");
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if !path.to_string_lossy().ends_with(".objects.json") {
            continue;
        }
        let snapshots: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        for recorded in snapshots.as_array().unwrap().iter().flat_map(|s| s["objects"].as_array().unwrap()) {
            let text = |field: &str| recorded[field].as_str().unwrap();
            let kind =
                Kind::from_manifest(text("apiVersion"), text("kind")).unwrap_or_else(|| panic!("unknown kind {}", text("kind")));
            let mut d = Decoder::default();
            let object = Object::decode(kind, recorded, &mut d).unwrap();
            assert_eq!((&d.unknown, &d.type_error), (&vec![], &None), "{}", path.display());
            assert_eq!(&object.to_value(), recorded, "{}", path.display());
            count += 1;
        }
    }
    assert!(count > 500, "only {count} recorded objects were found");
}
