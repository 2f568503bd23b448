//! Go templates as kubectl runs them. The expected answers were checked against cli-runtime v0.37.2 and Go's `text/template`.

use kube_service_lab::kubectl::print::go_template::{self, GoTemplate};
use serde_json::{Value, json};

fn service() -> Value {
    json!({"kind": "Service", "n": null, "e": [], "b": true, "f": 1.5, "big": 12345678, "s": "hello", "zero": 0,
        "metadata": {"name": "web", "labels": {"app": "web", "x": "<y>"}, "annotations": {"enc": "aGVsbG8=", "bad": "a*b="}},
        "spec": {"replicas": 3, "ports": [{"port": 80, "name": "http"}, {"port": 443, "name": "https"}]}})
}

#[track_caller]
fn check(template: &str, expect: &str) {
    assert_eq!(go_template::print(template, &service()), (expect.to_owned(), Ok(())), "{template}");
}

#[track_caller]
fn check_error(template: &str, expect: &str) {
    let error = go_template::print(template, &service()).1.expect_err(template);
    let shown = error.replace(template, "T");
    let shown = shown.strip_prefix("error parsing template T, template: output:").unwrap_or(&shown);
    assert_eq!(shown.split("executing \"output\" at ").last().unwrap(), expect, "{template}");
}

#[test]
fn fields_and_values() {
    check("{{.kind}} {{.spec.replicas}} {{.f}} {{.big}} {{.b}}", "Service 3 1.5 12345678 true");
    check("{{.nope}} {{.nope.x}} {{.n}} {{.e}}", "<no value> <no value> <no value> []");
    check("{{.metadata.labels}} {{(index .spec.ports 1).name}}", "map[app:web x:<y>] https");
    check("{{$x := 1}}{{$x}}{{$x = 2}}{{$x}}{{$.kind}}", "12Service");
    check("{{1}} {{-1}} {{0x1F}} {{1.5}} {{'a'}} {{`raw\\n`}} {{\"\\u00e9\"}}", "1 -1 31 1.5 97 raw\\n é");
    check("a {{- .kind -}} b{{/* nothing */}}\n {{- \"x\" }}", "aServicebx");
}

#[test]
fn control() {
    check("{{range $i, $e := .spec.ports}}{{if $i}}, {{end}}{{.name}}{{end}}", "http, https");
    check("{{range $k, $v := .metadata.labels}}{{$k}}={{$v}};{{end}}", "app=web;x=<y>;");
    check("{{range .e}}x{{else}}none{{end}}{{range .n}}x{{end}}{{range 3}}{{.}}{{end}}", "none012");
    check("{{if .zero}}a{{else if .s}}b{{else}}c{{end}}{{with .nope}}x{{else with .s}}{{.}}{{end}}", "bhello");
    check("{{range .spec.ports}}{{if eq .name \"http\"}}{{continue}}{{end}}{{.name}}{{break}}{{end}}", "https");
    check("{{define \"t\"}}T{{.}}{{end}}{{template \"t\" .kind}}{{block \"b\" .spec}}[{{.replicas}}]{{end}}", "TService[3]");
}

#[test]
fn functions() {
    check(
        "{{eq .kind \"a\" \"Service\"}} {{ne 1 2}} {{gt .spec.replicas 2}} {{le .s .s}} {{eq .n nil}}",
        "true true true true true",
    );
    check("{{and .b .s}} {{or .zero .s}} {{not .b}} {{len .spec.ports}} {{len .s}}", "hello hello false 2 5");
    check("{{index .metadata \"labels\" \"app\"}} {{slice .s 1 3}} {{index .s 0}}", "web el 104");
    check(
        "{{printf \"%s %v %d %q|%5s|%-5s|%05.1f|%t\" .kind .f .zero .s \"a\" \"b\" .f .b}}",
        "Service 1.5 0 \"hello\"|    a|b    |001.5|true",
    );
    check(
        "{{printf \"%s %d\" 1}} {{printf \"x\" .s}} {{printf \"%v %T\" .n .spec}}",
        "%!s(int=1) %!d(MISSING) x%!(EXTRA string=hello) <nil> map[string]interface {}",
    );
    check("{{.kind | printf \"%s-%s\" \"a\" | len}} {{print 1 2 \"a\"}} {{.metadata.labels.x | html}}", "9 1 2a &lt;y&gt;");
    check("{{base64decode .metadata.annotations.enc}} {{exists .spec \"replicas\"}} {{exists .spec \"x\"}}", "hello true false");
}

#[test]
fn errors_are_gos() {
    check_error("{{.kind", "1: unclosed action");
    check_error("a\n{{foo}}", "2: function \"foo\" not defined");
    check_error("{{if .b}}x", "1: unexpected EOF");
    check_error("x{{end}}", "1: unexpected {{end}}");
    check_error("{{$x}}", "1: undefined variable \"$x\"");
    check_error("{{.a-b}}", "1: bad character U+002D '-'");
    check_error("{{}}", "1: missing value for command");
    check_error("{{1 | 2}}", "1: non executable command in pipeline stage 2");
    check_error("{{.s.x}}", "<.s.x>: can't evaluate field x in type interface {}");
    check_error("{{with .s}}{{.x}}{{end}}", "<.x>: can't evaluate field x in type string");
    check_error("{{.n.x}}", "<.n.x>: nil pointer evaluating interface {}.x");
    check_error("{{range .s}}{{end}}", "<.s>: range can't iterate over hello");
    check_error("{{eq .s 1}}", "<eq .s 1>: error calling eq: incompatible types for comparison: string and int");
    check_error("{{index .spec.ports 5}}", "<index .spec.ports 5>: error calling index: index out of range: 5");
    check_error("{{len .f}}", "<len .f>: error calling len: len of type float64");
    check_error("{{.kind .s}}", "<.kind>: kind is not a method but has arguments");
    check_error("x{{template \"x\"}}", "<{{template \"x\"}}>: template \"x\" not defined");
}

#[test]
fn an_error_keeps_what_was_printed() {
    let (out, error) = go_template::print("{{.kind}}\n{{.s.x}}", &json!({"kind": "K", "s": "a", "p": 1}));
    let message = "template: output:2:4: executing \"output\" at <.s.x>: can't evaluate field x in type interface {}";
    assert_eq!(error.unwrap_err(), format!("error executing template \"{{{{.kind}}}}\\n{{{{.s.x}}}}\": {message}"));
    assert_eq!(
        out,
        format!(
            "K\nError executing template: {message}. Printing more information for debugging the template:\n\ttemplate was:\n\t\t{{{{.kind}}}}\n{{{{.s.x}}}}\n\
             \traw data was:\n\t\t{{\"kind\":\"K\",\"p\":1,\"s\":\"a\"}}\n\tobject given to template engine was:\n\t\tmap[kind:K p:1 s:a]\n\n"
        )
    );
    let mut strict = GoTemplate::parse("{{.nope}}").unwrap();
    strict.allow_missing_keys = false;
    assert!(strict.print(&service()).1.unwrap_err().ends_with("<.nope>: map has no entry for key \"nope\""));
}

#[test]
fn bad_templates_cost_little() {
    for template in ["{{if 1}}", "{{(", "{{range 1000}}", "{{if 1}}{{else if 1}}", "{{define \"x\"}}", "{{with 1}}"] {
        let _ = go_template::print(&template.repeat(5_000), &service());
    }
    let loops = format!("{}x{}", "{{range 1000}}".repeat(20), "{{end}}".repeat(20));
    assert!(go_template::print(&loops, &service()).1.unwrap_err().contains("too much work"));
    let calls = "{{define \"a\"}}{{template \"a\"}}{{end}}{{template \"a\"}}";
    assert!(go_template::print(calls, &service()).1.unwrap_err().contains("exceeded maximum template depth"));
    let _ = go_template::print(
        "{{printf \"%9999d %.9999f\" 1 1.5}}{{range 1000}}{{printf \"%9999d\" 1}}{{end}}{{printf \"%.99999f\" 1.5}}",
        &service(),
    );
}
