//! kubectl's JSONPath and custom columns. The expected answers were checked against client-go v0.37.2.

use kube_service_lab::kubectl::print::custom_columns::CustomColumns;
use kube_service_lab::kubectl::print::jsonpath::{self, JsonPath, relaxed};
use serde_json::{Value, json};

fn list() -> Value {
    json!({"kind": "List", "metadata": {"labels": {"app.kubernetes.io/name": "web"}}, "n": null, "empty": [], "f": 1.5, "big": 12345678,
    "items": [
        {"metadata": {"name": "web"}, "spec": {"ports": [{"port": 80, "name": "http"}, {"port": 443, "name": "https"}], "type": "NodePort", "ok": true}},
        {"metadata": {"name": "db"}, "spec": {"ports": [{"port": 5432, "name": "pg"}], "type": "ClusterIP", "ok": false}},
        {"metadata": {"name": "<n>"}, "spec": {"ports": []}}
    ]})
}

#[track_caller]
fn check(template: &str, expect: &str) {
    assert_eq!(jsonpath::print(template, &list()), Ok(expect.to_owned()), "{template}");
}

/// The error's first words, without the object that kubectl shows behind them.
#[track_caller]
fn check_error(template: &str, expect: &str) {
    let error = jsonpath::print(template, &list()).expect_err(template);
    let shown = error.split(". Printing more").next().unwrap();
    let shown = shown.split("Error executing template: ").last().unwrap();
    assert_eq!(shown, expect, "{template}");
}

#[test]
fn fields_indices_and_slices() {
    check("{.items[*].metadata.name}", "web db <n>");
    check("{.items[0].metadata}{.kind}", "{\"name\":\"web\"}List");
    check("{.items[2].metadata}", "{\"name\":\"\\u003cn\\u003e\"}");
    check("{.items[-1].metadata.name} {.items[0:2].spec.type} {.items[::2].metadata.name}", "<n> NodePort ClusterIP web <n>");
    check("{.items[0]['metadata.name','spec.type']}", "web NodePort");
    check("{.items[0,2].metadata.name}", "web <n>");
    check("{.metadata.labels.app\\.kubernetes\\.io/name}{.metadata.labels['app\\.kubernetes\\.io/name']}", "webweb");
    check("{..port}", "80 443 5432");
    check("{.n}|{.n.x}|{.nope.x[0]}|{.empty}|{.f}|{.big}|{.items[0].spec.ok}", "null|||[]|1.5|12345678|true");
}

#[test]
fn ranges_and_texts() {
    check("{range .items[*]}{.metadata.name}{\"\\n\"}{end}", "web\ndb\n<n>\n");
    check(
        "{range .items[*]}{.metadata.name}:{range .spec.ports[*]} {.port}{end}{\"\\t\"}{end}done",
        "web: 80 443\tdb: 5432\t<n>:\tdone",
    );
    check("{range .nope[*]}x{.a}{end}after", "after");
    check("{.kind} is {'it\\'s'} {\"\\u00e9\"}\\n", "List is it's é\\n");
}

#[test]
fn filters() {
    check("{.items[?(@.spec.type==\"NodePort\")].metadata.name}", "web");
    check("{.items[?(@.spec.type != 'NodePort')].metadata.name}", "db");
    check("{.items[?(@.spec.ok==true)].metadata.name}", "web");
    check("{.items[?(@.spec.ok)].metadata.name}", "web db");
    check("{.items[*].spec.ports[?(@.port>=443)].name}", "https pg");
    check("{.items[*].spec.ports[?(@.port<100)].name}", "http");
    check_error("{.items[*].spec.ports[?(@.port==\"80\")]}", "incompatible types for comparison");
    check_error("{.items[?(@.metadata==1)]}", "invalid type for comparison");
    check_error(
        "{.metadata[?(@.a)]}",
        "map[labels:map[app.kubernetes.io/name:web]] is not array or slice and cannot be filtered",
    );
}

#[test]
fn errors_are_kubectls() {
    check_error("{.items", "error parsing jsonpath {.items, unclosed action");
    check_error("{.items[0}", "error parsing jsonpath {.items[0}, unterminated array");
    check_error("{.items[a]}", "error parsing jsonpath {.items[a]}, invalid array index a");
    check_error("{(}", "error parsing jsonpath {(}, unrecognized character in action: U+0028 '('");
    check_error("{\"a}", "error parsing jsonpath {\"a}, unterminated quoted string");
    check_error("{.items[?(@.a==1)", "error parsing jsonpath {.items[?(@.a==1), unclosed array expect ]");
    check_error("{name}", "unrecognized identifier name");
    check_error("{end}", "not in range, nothing to end");
    check_error("{.items[5]}", "array index out of bounds: index 5, length 3");
    check_error("{.kind[0]}", "string is not array or slice");
    let mut strict = JsonPath::parse("{.nope}").unwrap();
    strict.allow_missing_keys = false;
    assert!(strict.print(&list()).unwrap_err().contains("nope is not found"));
}

#[test]
fn bad_templates_cost_little() {
    for part in ["{range .items[*]}", "[?(", "{.items[?(@.a", "..*", "[0,0]", "['a',"] {
        let _ = jsonpath::print(&part.repeat(3_000), &list());
        let _ = jsonpath::print(&format!("{{{}}}", part.repeat(300)), &list());
    }
}

#[test]
fn relaxed_expressions() {
    for (expression, full) in
        [("metadata.name", "{.metadata.name}"), (".a", "{.a}"), ("{a}", "{.a}"), ("{.a[0]}", "{.a[0]}"), ("", "")]
    {
        assert_eq!(relaxed(expression), Ok(full.to_owned()));
    }
    for bad in ["{", "{}", "{a", "{a}{b}"] {
        assert!(relaxed(bad).unwrap_err().starts_with("unexpected path string, expected a 'name1.name2'"), "{bad}");
    }
}

#[test]
fn as_json() {
    let path = JsonPath::parse("{.items[*].metadata.name}").unwrap();
    assert_eq!(path.print_json(&list()).unwrap(), "[\n    \"web\",\n    \"db\",\n    \"\\u003cn\\u003e\"\n]\n");
}

#[test]
fn custom_columns() {
    let columns = CustomColumns::parse("NAME:.metadata.name,PORTS:{.spec.ports[*].port},X:.x", false).unwrap();
    let text = "NAME   PORTS    X\nweb    80,443   <none>\ndb     5432     <none>\n<n>    <none>   <none>\n";
    assert_eq!(columns.print(&list()), (text.to_owned(), Ok(())));
    let object = &list()["items"][1];
    assert_eq!(CustomColumns::parse("S:spec.ports", true).unwrap().print(object).0, "[map[name:pg port:5432]]\n");
    let out_of_bounds = CustomColumns::parse("A:.spec.ports[5]", false).unwrap().print(object);
    assert_eq!(out_of_bounds, ("A\n".to_owned(), Err("array index out of bounds: index 5, length 1".to_owned())));
    assert_eq!(
        CustomColumns::parse("A", false).unwrap_err(),
        "unexpected custom-columns spec: A, expected <header>:<json-path-expr>"
    );
    assert_eq!(CustomColumns::parse("", false).unwrap_err(), "custom-columns format specified but no custom columns given");
    let file = CustomColumns::parse_file("N  T\n.metadata.name  .spec.type\n").unwrap();
    assert_eq!(file.print(object).0, "N     T\ndb    ClusterIP\n");
}
