//! Whatever text comes from outside: readers never panic, and what is printed can be read again.

use kube_service_lab::kubectl::print::custom_columns::CustomColumns;
use kube_service_lab::kubectl::print::{go_template, jsonpath};
use kube_service_lab::manifest::diff::{Change, diff, unified};
use kube_service_lab::manifest::highlight::highlight;
use kube_service_lab::manifest::{self, json, yaml};
use proptest::prelude::*;
use serde_json::Value;

const MANIFEST: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, labels: {\"a\": 'b'}}\nspec:\n  replicas: 3 # three\n  template:\n    spec:\n      containers:\n      - name: web\n        image: nginx:1.27\n        args: [\"-x\", *a, &b c, !!str 5]\n        text: |-\n          line\n           more\n        folded: >\n          a\n          b\n---\n? key\n: value\n<<: {x: 1}\n";

fn config() -> ProptestConfig {
    ProptestConfig {
        cases: std::env::var("PROPTEST_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(300),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// Text of the pieces that YAML, JSONPath and templates are made of.
fn pieces(of: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(of), 0..24).prop_map(|parts| parts.concat())
}

/// The manifest with some bytes replaced, removed or doubled.
fn mutated() -> impl Strategy<Value = String> {
    let change = (
        0..MANIFEST.len(),
        0..4usize,
        prop::sample::select(&[":", " ", "\n", "-", "\t", "[", "}", "'", "\"", "|", "&a ", "*a", "#", "é", "\u{0}", "---\n"][..]),
    );
    prop::collection::vec(change, 1..6).prop_map(|changes| {
        let mut text = MANIFEST.to_owned();
        for (at, kind, piece) in changes {
            let at = at.min(text.len().saturating_sub(1));
            if !text.is_char_boundary(at) || !text.is_char_boundary(at + 1) {
                continue;
            }
            match kind {
                0 => text.insert_str(at, piece),
                1 => text.replace_range(at..=at, piece),
                2 => text.replace_range(at..=at, ""),
                _ => text.truncate(at + 1),
            }
        }
        text
    })
}

fn strings() -> impl Strategy<Value = String> {
    let known = prop::sample::select(
        &[
            "",
            "80",
            "true",
            "null",
            "~",
            "- a",
            "a: b",
            "# c",
            "2026-11-23",
            "0x1f",
            "1e3",
            "a\nb\n",
            "\n",
            " x",
            "x ",
            "a\n\n b",
            "'",
            "\"",
            "*a",
            "<<",
            "12:30",
            "a\tb",
            "é😀",
            "\u{1}",
            "a\u{2028}b",
        ][..],
    );
    prop_oneof![known.prop_map(str::to_owned), "\\PC{0,12}", "[a-z .:#\n-]{0,100}"]
}

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        prop::sample::select(&[0.5, 1e21, 1e-7, -2.25, 123456.75][..]).prop_map(Value::from),
        strings().prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 48, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            // go-yaml writes the key `<<` without quotes, and would itself read it as a merge.
            prop::collection::btree_map(strings().prop_filter("merge key", |key| key != "<<"), inner, 0..6)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

fn look_at_everything(text: &str) {
    let read = manifest::read(text);
    for document in &read.documents {
        // YAML 1.1 knows more line breaks than one.
        let lines = text.chars().filter(|c| "\n\r\u{85}\u{2028}\u{2029}".contains(*c)).count() + 2;
        for path in ["spec.ports[0].port", "metadata.name", "a", "[0]", "spec.template.spec.containers[0].args[1]"] {
            let place = document.position(path);
            assert!(place.is_none_or(|(line, column)| line <= lines && column >= 1), "{place:?}");
        }
        let _ = yaml::print(&document.value);
    }
    assert!(read.problems.len() <= 1);
    assert!(read.problems.iter().all(|p| p.line >= 1 && p.column >= 1 && !p.message.is_empty()));
    let mut last = 0;
    for (start, end, _) in highlight(text) {
        assert!(last <= start && start < end, "{start} {end}");
        assert!(text.is_char_boundary(start) && text.is_char_boundary(end));
        last = end;
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn readers_take_any_text(text in "\\PC{0,200}|[ -~\n\t]{0,200}") {
        look_at_everything(&text);
    }

    #[test]
    fn readers_take_mutated_manifests(text in mutated()) {
        look_at_everything(&text);
    }

    #[test]
    fn readers_take_yaml_pieces(text in pieces(&["a", ": ", ":", "- ", "-", "\n", "  ", "    ", "[", "]", "{", "}", ",", "? ", "|", ">-\n", "'", "\"", "\\", "#", " ", "&x ", "*x", "!!int ", "%", "\t", "---\n", "...", "<<", "1", "true", "\u{85}"])) {
        look_at_everything(&text);
    }

    #[test]
    fn readers_take_json_pieces(text in pieces(&["{", "}", "[", "]", "\"a\"", ":", ",", "1", "-", "e", ".", "0", "true", "nul", "\"", "\\u12", "\\ud83d", " ", "\n"])) {
        look_at_everything(&format!("{{{text}"));
    }

    #[test]
    fn what_yaml_prints_it_reads(value in values()) {
        let text = yaml::print(&value);
        match yaml::parse(&text) {
            Ok(parsed) => prop_assert_eq!(parsed.value, value, "{}", text),
            Err(error) => prop_assert!(false, "{}\n{}", error.message, text),
        }
    }

    #[test]
    fn what_json_prints_it_reads(value in values()) {
        for text in [json::print(&value), json::compact(&value)] {
            let read = json::read_one(&text);
            prop_assert_eq!(read.unwrap().unwrap().value, value.clone());
        }
    }

    #[test]
    fn jsonpath_takes_any_template(text in pieces(&["{", "}", ".", "[", "]", "*", "items", "..", "[0]", "[?(", "@", ")", "==", "\"a\"", "'b'", "range ", "end", " ", ",", ":", "-1", "\\", "$", "\n", "{range .items[*]}", "{end}", "é"]), value in values()) {
        let _ = jsonpath::print(&text, &value);
        let _ = jsonpath::relaxed(&text).map(|full| jsonpath::print(&full, &value));
        let _ = CustomColumns::parse(&text, false).map(|columns| columns.print(&value));
    }

    #[test]
    fn go_templates_take_any_text(text in pieces(&["{{", "}}", "{{- ", " -}}", ".", ".a", " ", "if ", "{{if .}}", "{{else}}", "{{end}}", "{{range .}}", "{{with .a}}", "\"a\"", "1", "(", ")", "|", "$x", " := ", "eq ", "len ", "index ", "slice ", "printf ", "\"%v %d %5.2f\"", "\n", "{{.}}", "nil", "true", ",", "/*", "*/", "'a'", "1.5", "-", "é"]), value in values()) {
        let _ = go_template::print(&text, &value);
    }

    #[test]
    fn a_diff_leads_from_old_to_new(old in "([a-c]\n?){0,30}", new in "([a-c]\n?){0,30}") {
        let lines = diff(&old, &new);
        let side = |other: Change| lines.iter().filter(|(change, _)| *change != other).map(|(_, line)| *line).collect::<String>();
        prop_assert_eq!(side(Change::Added), old.clone());
        prop_assert_eq!(side(Change::Removed), new.clone());
        prop_assert_eq!(unified(&old, &new, "a", "b").is_empty(), old == new);
    }
}
