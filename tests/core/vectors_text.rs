//! The recorded answers of Kubernetes' own text functions: ages and tables.

use kube_service_lab::kubectl::print::{duration, table};
use serde_json::Value;
use std::collections::BTreeMap;

fn cases(file: &str) -> Vec<Value> {
    let path = format!("{}/tests/golden/vectors/{file}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap();
    let file: Value = serde_json::from_str(&text).unwrap();
    file["cases"].as_array().unwrap().clone()
}

/// Runs every case, prints each mismatch, and asserts that there was none.
fn check_all(file: &str, run: impl Fn(&Value) -> Value) {
    let cases = cases(file);
    let mut wrong = 0;
    for case in &cases {
        let got = run(&case["in"]);
        if got != case["out"] {
            wrong += 1;
            println!("{}:\n expected {}\n got      {}", case["name"], case["out"], got);
        }
    }
    assert_eq!(wrong, 0, "{wrong} of {} cases of {file} differ", cases.len());
}

#[test]
fn human_durations() {
    check_all("human-duration.json", |input| {
        let ns = input["milliseconds"].as_i64().unwrap() * 1_000_000;
        serde_json::json!({"HumanDuration": duration::human(ns), "ShortHumanDuration": duration::short_human(ns)})
    });
}

fn text(v: &Value) -> String {
    v.as_str().map_or_else(|| v.to_string(), str::to_owned)
}

fn row(cells: &Value, metadata: &Value) -> table::Row {
    let labels: BTreeMap<String, String> =
        metadata["labels"].as_object().into_iter().flatten().map(|(k, v)| (k.clone(), text(v))).collect();
    let namespace = metadata["namespace"].as_str().unwrap_or_default().to_owned();
    table::Row { cells: cells.as_array().unwrap().iter().map(text).collect(), namespace, labels }
}

#[test]
fn table_printer() {
    check_all("table-printer.json", |input| {
        let columns = input["columns"].as_array().unwrap();
        let columns =
            columns.iter().map(|c| table::Column { name: text(&c["name"]), priority: c["priority"].as_i64().unwrap() as i32 });
        let rows = input["rows"].as_array().into_iter().flatten().enumerate();
        let rows = rows.map(|(i, cells)| row(cells, &input["metadataPerRow"][i]));
        let table = table::Table { columns: columns.collect(), rows: rows.collect() };
        let flag = |name: &str| input["options"][name].as_bool().unwrap_or(false);
        let options = table::Options {
            no_headers: flag("noHeaders"),
            wide: flag("wide"),
            with_namespace: flag("withNamespace"),
            show_labels: flag("showLabels"),
            column_labels: input["options"]["columnLabels"].as_array().into_iter().flatten().map(text).collect(),
            ..Default::default()
        };
        serde_json::json!({"text": table::print(&table, &options)})
    });
}
