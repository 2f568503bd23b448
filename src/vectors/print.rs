//! What kubectl prints: ages, tables, rows of `get`, `describe`.

use super::Comparison;
use super::input::{kind_of, list, number, object, text};
use crate::api::{Event, Kind, Object, Time};
use crate::kubectl::describe::{World, describe};
use crate::kubectl::print::{duration, rows, table};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::rc::Rc;

/// human-duration.
pub fn human_duration(_file: &Value, case: &Value, found: &mut Comparison) -> Result<(), String> {
    let milliseconds = number(&case["in"], "milliseconds")?;
    let ns = milliseconds.checked_mul(1_000_000).ok_or("too long: Go has no such duration")?;
    let got = json!({"HumanDuration": duration::human(ns), "ShortHumanDuration": duration::short_human(ns)});
    found.same("", &case["out"], &got);
    Ok(())
}

/// A cell or a label as text.
fn word(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn table_row(cells: &Value, metadata: &Value) -> table::Row {
    let labels = metadata["labels"].as_object().into_iter().flatten();
    let labels: BTreeMap<String, String> = labels.map(|(k, v)| (k.clone(), word(v))).collect();
    let namespace = metadata["namespace"].as_str().unwrap_or_default().to_owned();
    table::Row { cells: cells.as_array().into_iter().flatten().map(word).collect(), namespace, labels }
}

/// table-printer.
pub fn table_text(_file: &Value, case: &Value, found: &mut Comparison) -> Result<(), String> {
    let input = &case["in"];
    let mut columns = Vec::new();
    for column in list(input, "columns") {
        let priority = super::input::int32(column, "priority")?.unwrap_or(0);
        columns.push(table::Column { name: text(column, "name")?.to_string(), priority });
    }
    let rows = list(input, "rows").iter().enumerate();
    let rows = rows.map(|(i, cells)| table_row(cells, &input["metadataPerRow"][i])).collect();
    let flag = |name: &str| input["options"][name].as_bool().unwrap_or(false);
    let options = table::Options {
        no_headers: flag("noHeaders"),
        wide: flag("wide"),
        with_namespace: flag("withNamespace"),
        show_labels: flag("showLabels"),
        column_labels: list(&input["options"], "columnLabels").iter().map(word).collect(),
        ..Default::default()
    };
    found.same("", &case["out"], &json!({"text": table::print(&table::Table { columns, rows }, &options)}));
    Ok(())
}

/// The clock of a case, or else of its file.
fn now(file: &Value, case: &Value) -> Result<Time, String> {
    let now = case["in"]["now"].as_str().or(file["now"].as_str()).ok_or("no clock `now`")?;
    Time::parse(now).ok_or_else(|| format!("now is no time: {now}"))
}

fn any_object(value: &Value) -> Result<Object, String> {
    object(kind_of(value)?, value)
}

/// print-rows: the cells of one object, and it printed alone.
pub fn row(file: &Value, case: &Value, found: &mut Comparison) -> Result<(), String> {
    let now = now(file, case)?;
    let object = any_object(&case["in"]["object"])?;
    let (columns, cells) = (rows::columns(object.kind()), rows::cells(&object, now));
    if columns.len() != cells.len() {
        return Err(format!("{} columns, but {} cells", columns.len(), cells.len()));
    }
    let cells: Map<String, Value> = columns.iter().zip(cells).map(|(c, cell)| (c.name.to_string(), json!(cell))).collect();
    let print = |wide| {
        let options = rows::GetOptions { wide, ..Default::default() };
        rows::table(std::slice::from_ref(&object), &options, now)
    };
    // Numbers stand as numbers in the recording; printed they are the same text.
    let as_text = |(name, cell): (&String, &Value)| (name.clone(), json!(word(cell)));
    let mut expected = case["out"].clone();
    if let Some(cells) = expected["cells"].as_object() {
        expected = json!({"cells": cells.iter().map(as_text).collect::<Map<_, _>>(), "text": expected["text"], "textWide": expected["textWide"]});
    }
    found.same("", &expected, &json!({"cells": cells, "text": print(false), "textWide": print(true)}));
    Ok(())
}

/// The objects and events that `describe` finds.
struct Found {
    objects: Vec<Object>,
    events: Vec<Rc<Event>>,
}

impl World for Found {
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

/// describe: the first object, described.
pub fn description(file: &Value, case: &Value, found: &mut Comparison) -> Result<(), String> {
    let all = |field: &str| list(&case["in"], field).iter().map(any_object).collect::<Result<Vec<_>, _>>();
    let events = all("events")?.iter().filter_map(|e| e.as_::<Event>().cloned()).collect();
    let world = Found { objects: all("objects")?, events };
    let first = world.objects.first().ok_or("no object to describe")?;
    let expected = if case["out"].is_string() { &case["out"] } else { &case["out"]["text"] };
    found.same("", expected, &json!(describe(first, &world, now(file, case)?)));
    Ok(())
}
