//! YAML and JSON as kubectl reads and prints them: values, go-yaml's error words and lines, places, limits.
//! The expected answers were checked against kubectl 1.37.2's own decoder.

use kube_service_lab::manifest::{self, limits, yaml};
use serde_json::{Value, json};

fn value(text: &str) -> Value {
    let read = manifest::read(text);
    assert_eq!(read.problems, [], "{text:?}");
    assert_eq!(read.documents.len(), 1, "{text:?}");
    read.documents[0].value.clone()
}

#[track_caller]
fn check(text: &str, expect: Value) {
    assert_eq!(value(text), expect, "{text:?}");
}

/// kubectl's message without `error converting YAML to JSON: `, and the real place.
#[track_caller]
fn check_error(text: &str, message: &str, place: (usize, usize)) {
    let read = manifest::read(text);
    let problem = read.problems.first().unwrap_or_else(|| panic!("{text:?} was read as {:?}", read.documents));
    let shown = problem.message.strip_prefix("error converting YAML to JSON: ").unwrap_or(&problem.message);
    assert_eq!((shown, (problem.line, problem.column)), (message, place), "{text:?}");
}

#[test]
fn scalars_are_yaml_1_1() {
    check("[y, Yes, on, TRUE, n, No, OFF, false]", json!([true, true, true, true, false, false, false, false]));
    check("[yEs, oN, nO, tRue]", json!(["yEs", "oN", "nO", "tRue"]));
    check("[0755, 0o17, 0x1F, 0b101, 1_000, +5, -0b1, 08, 09]", json!([493, 15, 31, 5, 1000, 5, -1, 8, 9]));
    check("[1.5, .5, 1., 1e3, 1.0, 1e-7, 99999999999999999999]", json!([1.5, 0.5, 1, 1000, 1, 1e-7, 1e20]));
    check("[~, null, Null, '', \"null\"]", json!([null, null, null, "", "null"]));
    check("[12:30, 190:20:30, 1e400, 0x, _1, =]", json!(["12:30", "190:20:30", "1e400", "0x", "_1", "="]));
    check("a: 2026-11-23T17:02:20Z\nb: 2026-11-23\n", json!({"a": "2026-11-23T17:02:20Z", "b": "2026-11-23"}));
    check("[!!str 3, !!int '12', !!float 3, ! 12, !!binary aGk=]", json!(["3", 12, 3, "12", "hi"]));
    check("true: 1\n2: 2\n1.5: 3\n", json!({"true": 1, "2": 2, "1.5": 3}));
}

#[test]
fn styles_and_folding() {
    check(
        "a: |\n  x\n\n  y\n\nb: >\n  folded\n  text\n\n  para\n   more\n",
        json!({"a": "x\n\ny\n", "b": "folded text\npara\n more\n"}),
    );
    check("a: |+\n  x\n\n\nb: |-\n  y\n\n", json!({"a": "x\n\n\n", "b": "y"}));
    check("a: plain\n  multi\n\n  line\nb: x # c", json!({"a": "plain multi\nline", "b": "x"}));
    check("a: \"esc \\\n   break \\u00e9\"\nb: 'it''s'", json!({"a": "esc break é", "b": "it's"}));
    check("a:\n- b: c\n  d: e\n- f\ng: h", json!({"a": [{"b": "c", "d": "e"}, "f"], "g": "h"}));
    check("{a: b, c: [x: w, z], \"d\":e}", json!({"a": "b", "c": [{"x": "w"}, "z"], "d": "e"}));
    check("a: b\r\nc: d\r\n", json!({"a": "b", "c": "d"}));
}

#[test]
fn anchors_and_merges() {
    check("a: &x {b: c}\nd: {<<: *x, e: f}\ng: *x\n", json!({"a": {"b": "c"}, "d": {"b": "c", "e": "f"}, "g": {"b": "c"}}));
    check("d: {<<: [{a: 1}, {a: 2, b: 3}]}", json!({"d": {"a": 1, "b": 3}}));
    check("<<: {a: 2, b: 3}\na: 1\n", json!({"a": 1, "b": 3}));
    check("\"<<\": {a: 1}", json!({"<<": {"a": 1}}));
    check_error("a: *x", "yaml: unknown anchor 'x' referenced", (1, 4));
    check_error("a: &a [*a]", "yaml: anchor 'a' value contains itself", (1, 8));
    check_error("d: {<<: 5}", "yaml: map merge requires map or sequence of maps as the value", (1, 9));
}

#[test]
fn errors_have_go_yamls_words_and_lines() {
    let v = "mapping values are not allowed in this context";
    check_error("a: b: c\n", &format!("yaml: {v}"), (1, 5));
    check_error("apiVersion: v1\nmetadata:\n  name: x\n   labels: {}\n", &format!("yaml: line 4: {v}"), (4, 10));
    check_error("a:\n\tname: x", "yaml: line 2: found character that cannot start any token", (2, 1));
    check_error("a: 1\nkey\nother: x\n", "yaml: line 3: could not find expected ':'", (3, 1));
    check_error("a:\n- b\nx", "yaml: line 4: could not find expected ':'", (4, 1));
    check_error("- a\nb: c", "yaml: line 1: did not find expected '-' indicator", (2, 1));
    check_error("a:\n  b: c\n d: e\n", "yaml: line 2: did not find expected key", (3, 2));
    check_error("a: [1, 2\nb: 3\n", "yaml: line 1: did not find expected ',' or ']'", (2, 2));
    check_error("a: {b: 1\nc: 2\n", "yaml: line 1: did not find expected ',' or '}'", (2, 2));
    check_error("a: \"x\n", "yaml: line 2: found unexpected end of stream", (2, 1));
    check_error("a: \"\\q\"", "yaml: found unknown escape character", (1, 5));
    check_error("a: ]\n", "yaml: did not find expected node content", (1, 4));
    check_error("a: \u{1}", "yaml: control characters are not allowed", (1, 4));
    check_error("? [a]\n: b", "yaml: invalid map key: []interface {}{\"a\"}", (1, 3));
    check_error("a: !!int x", "yaml: cannot decode !!str `x` as a !!int", (1, 4));
    check_error("a: .inf", "json: unsupported value: +Inf", (1, 4));
}

#[test]
fn documents_are_split_by_lines_of_dashes() {
    let read = manifest::read("a: 1\n---\n# nothing\n---\nb: 2\n--- # c\n---\nc:\n  d: 3\n");
    let values: Vec<Value> = read.documents.iter().map(|d| d.value.clone()).collect();
    assert_eq!(values, [json!({"a": 1}), json!({"b": 2}), json!({"c": {"d": 3}})]);
    assert_eq!(read.documents[2].position("c.d"), Some((9, 3)));
    check_error("a: b\n---\nc: [\n", "yaml: line 1: did not find expected node content", (4, 1));
    check_error("a: b\n---foo\nc: d", "invalid Yaml document separator: foo", (2, 4));
    let read = manifest::read("a: 1\n---\nb: [\n---\nc: 3\n");
    assert_eq!((read.documents.len(), read.problems.len()), (1, 1));
    assert_eq!(manifest::read("\n# c\n---\nnull\n").documents.len(), 0);
}

#[test]
fn json_is_tried_first() {
    check("{\"a\": [1, 2.5, \"\\u00e9\\ud83d\\ude00\"]}", json!({"a": [1, 2.5, "é😀"]}));
    check("{a: b}", json!({"a": "b"}));
    assert_eq!(manifest::read("{\"a\":1} {\"b\":2}\n{}").documents.len(), 3);
    assert_eq!(manifest::read("{\"a\":1}\n---\nb: 2").documents.len(), 2);
    check_error("{\"a\": 1", "unexpected EOF", (1, 8));
    check_error("{\n  \"a\": 1\n  \"b\": [}\n", "json: offset 14: invalid character '\"' after object key:value pair", (3, 3));
}

#[test]
fn keys_set_twice_are_hints() {
    let read = manifest::read("a: 1\nb: 2\na: 3\n");
    assert_eq!(read.documents[0].value, json!({"a": 3, "b": 2}));
    assert_eq!(read.problems, []);
    assert_eq!((read.hints[0].line, read.hints[0].column), (3, 1));
    assert_eq!(read.hints[0].message, "yaml: unmarshal errors:\n  line 3: key \"a\" already set in map");
}

#[test]
fn fields_are_found_by_their_path() {
    let text = "kind: Service\nmetadata:\n  labels: {app.kubernetes.io/name: web, x: y}\nspec:\n  ports:\n  - port: 80\n    name: a\n  - targetPort: 1\n";
    let read = manifest::read(text);
    let document = &read.documents[0];
    for (path, place) in [
        ("kind", (1, 1)),
        ("metadata.labels", (3, 3)),
        ("metadata.labels[app.kubernetes.io/name]", (3, 12)),
        ("metadata.labels.app.kubernetes.io/name", (3, 12)),
        ("spec.ports[0].name", (7, 5)),
        ("spec.ports[1]", (8, 5)),
        ("spec.ports[1].port", (8, 5)),
        ("spec.ports[7]", (5, 3)),
        ("status", (1, 1)),
    ] {
        assert_eq!(document.position(path), Some(place), "{path}");
    }
}

#[test]
fn too_much_is_refused() {
    let refused = |text: &str| manifest::read(text).problems.first().map(|p| p.message.clone()).unwrap_or_default();
    assert!(refused(&"a".repeat(limits::MAX_TEXT_BYTES + 1)).contains("too long"));
    for deep in ["[", "[{a: ", "- ", "{\"a\":"] {
        assert!(refused(&deep.repeat(10_000)).contains("exceeded max depth"), "{deep}");
    }
    let indented: String = (0..1_000).map(|i| format!("{}a:\n", " ".repeat(i))).collect();
    assert!(refused(&indented).contains("exceeded max depth"));
    assert!(refused(&"- a\n".repeat(limits::MAX_VALUES + 1)).contains("values"));
    // One long line: finding columns may not cost a walk along it each time.
    assert!(refused(&format!("{{\"a\":[{}1]}}", "1,".repeat(500_000))).contains("values"));
    assert!(refused(&"{}".repeat(limits::MAX_DOCUMENTS + 1)).contains("documents"));
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for i in 1..9 {
        let previous = format!("*a{}, ", i - 1).repeat(9);
        bomb.push_str(&format!("a{i}: &a{i} [{previous}]\n"));
    }
    assert!(refused(&bomb).contains("excessive aliasing"));
    let mut chain = "a0: &a0 x\n".to_owned();
    for i in 1..2_000 {
        chain.push_str(&format!("a{i}: &a{i} [*a{}]\n", i - 1));
    }
    assert!(!refused(&chain).is_empty());
}

#[test]
fn printed_as_kubectl_does() {
    let object = json!({
        "metadata": {"creationTimestamp": "2026-11-23T17:02:20Z", "labels": {"app": "web"}, "uid": "", "annotations": {"a": "x\ny\n", "b": "true"}},
        "spec": {"ports": [{"port": 80, "name": "80"}, {"nested": [[1, 2], []]}], "selector": {}, "list": []},
        "status": null, "message": "it's: done", "percent": "25%", "ratio": 0.5
    });
    let text = "message: 'it''s: done'\nmetadata:\n  annotations:\n    a: |\n      x\n      y\n    b: \"true\"\n  creationTimestamp: \"2026-11-23T17:02:20Z\"\n  labels:\n    app: web\n  uid: \"\"\npercent: 25%\nratio: 0.5\nspec:\n  list: []\n  ports:\n  - name: \"80\"\n    port: 80\n  - nested:\n    - - 1\n      - 2\n    - []\n  selector: {}\nstatus: null\n";
    assert_eq!(yaml::print(&object), text);
    assert_eq!(value(text), object);
}

#[test]
fn recorded_objects_are_printed_as_recorded_and_read_again() {
    for name in ["17-apply-flows", "34-kubectl-variety"] {
        let path = format!("{}/tests/golden/transcripts/{name}.transcript", env!("CARGO_MANIFEST_DIR"));
        let transcript = std::fs::read_to_string(path).unwrap();
        let outputs = transcript.split("\n$ ").filter(|step| step.lines().next().unwrap().ends_with("-o yaml"));
        let mut count = 0;
        for output in outputs {
            let text: String = output.lines().skip(1).take_while(|l| !l.is_empty()).map(|l| format!("{l}\n")).collect();
            assert_eq!(yaml::print(&value(&text)), text);
            count += 1;
        }
        assert!(count >= 2, "{name}");
    }
}

#[test]
fn json_is_printed_as_go_does() {
    let object = json!({"b": [], "a": {"x": "<&>", "y": [1, 1.5, null]}, "c": {}});
    assert_eq!(
        manifest::json::print(&object),
        "{\n    \"a\": {\n        \"x\": \"\\u003c\\u0026\\u003e\",\n        \"y\": [\n            1,\n            1.5,\n            null\n        ]\n    },\n    \"b\": [],\n    \"c\": {}\n}\n"
    );
    assert_eq!(manifest::json::compact(&object), r#"{"a":{"x":"\u003c\u0026\u003e","y":[1,1.5,null]},"b":[],"c":{}}"#);
}
