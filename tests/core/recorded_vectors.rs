//! Every file of recorded answers is run, whole, by the functions that `ksl vectors` calls: each case must pass.

use kube_service_lab::vectors;
use serde_json::Value;
use std::collections::BTreeSet;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/vectors");

fn read(name: &str) -> String {
    std::fs::read_to_string(format!("{FOLDER}/{name}")).unwrap()
}

fn every_case_passes(name: &str) {
    let text = read(name);
    let report = vectors::run(name, &text).unwrap();
    assert!(report.is_good(), "{name}\n{report}");
    let file: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(file["cases"].as_array().map(Vec::len), Some(report.passed()), "{name}: every case is run");
    assert!(report.passed() > 0, "{name} has no cases");
}

macro_rules! files {
    ($($test:ident $file:literal)*) => {
        const FILES: &[&str] = &[$($file),*];
        $(#[test] fn $test() { every_case_passes($file); })*
    };
}

files! {
    categorize_endpoints "categorize-endpoints.json"
    deployment_validation "deployment-validation.json"
    describe "describe.json"
    endpoints_controller "endpoints-controller.json"
    endpoints_validation "endpoints-validation.json"
    endpointslice_mirroring "endpointslice-mirroring.json"
    endpointslice_reconcile "endpointslice-reconcile.json"
    endpointslice_reconcile_large "endpointslice-reconcile-large.json"
    endpointslice_reconcile_random "endpointslice-reconcile-random.json"
    human_duration "human-duration.json"
    ip_port_bands "ip-port-bands.json"
    iptables_rules "iptables-rules.json"
    label_selectors "label-selectors.json"
    names_and_labels "names-and-labels.json"
    nftables_rules "nftables-rules.json"
    pod_deletion_rank "pod-deletion-rank.json"
    print_rows "print-rows.json"
    rollout_math "rollout-math.json"
    rollout_status "rollout-status.json"
    rollout_traces "rollout-traces.json"
    service_defaults "service-defaults.json"
    service_validation "service-validation.json"
    table_printer "table-printer.json"
}

#[test]
fn no_file_is_forgotten() {
    let names = std::fs::read_dir(FOLDER).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let there: BTreeSet<String> = names.filter(|name| name.ends_with(".json")).collect();
    assert_eq!(there, FILES.iter().map(|name| name.to_string()).collect());
}

/// A vector file with its first case answered otherwise.
fn with_another_answer(name: &str, change: impl Fn(&mut Value)) -> String {
    let mut file: Value = serde_json::from_str(&read(name)).unwrap();
    change(&mut file["cases"][0]["out"]);
    file.to_string()
}

#[test]
fn a_wrong_answer_is_told_with_its_place() {
    let text = with_another_answer("human-duration.json", |out| out["HumanDuration"] = "long".into());
    let report = vectors::run("human-duration.json", &text).unwrap();
    assert_eq!((report.failed(), report.is_good()), (1, false));
    let told = report.to_string();
    assert!(told.starts_with("FAIL ") && told.contains("  HumanDuration\n    expected  \"long\"\n    got       \""), "{told}");
    assert!(told.ends_with(&format!("{} passed, 1 failed\n", report.passed())), "{told}");
}

#[test]
fn what_is_no_vector_file_is_said_to_be_none() {
    assert!(vectors::run("x.json", "{").is_err_and(|why| why.starts_with("not JSON: ")));
    assert!(vectors::run("x.json", "[]").is_err_and(|why| why.contains("no list `cases`")));
    let report = vectors::run("x.json", r#"{"function": "pkg/x.F", "cases": [{"name": "a"}, {}]}"#).unwrap();
    assert!(!report.is_good());
    assert_eq!(report.to_string(), "Kube Service Lab does not model this function: pkg/x.F\n0 passed, 2 failed\n");
}

#[test]
fn a_case_of_nonsense_fails_and_the_others_are_run() {
    let nonsense = [
        r#"{}"#,
        r#"{"in": 7, "out": []}"#,
        r#"{"in": {"steps": [{}]}, "out": {}}"#,
        r#"{"name": 5, "in": {"object": []}}"#,
        "null",
    ];
    for name in FILES {
        let text = format!(r#"{{"cases": [{}]}}"#, nonsense.join(","));
        let report = vectors::run(name, &text).unwrap();
        assert_eq!((report.passed(), report.failed()), (0, nonsense.len()), "{name}\n{report}");
    }
}
