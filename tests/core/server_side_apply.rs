//! Server-side apply: who owns which field, and what is said when two want the same one.

use kube_service_lab::cluster::Settings;
use kube_service_lab::lab::Lab;
use kube_service_lab::time::SECOND;

fn run(lab: &mut Lab, line: &str) -> String {
    let id = lab.kubectl(line);
    lab.advance(lab.now() + 2 * SECOND, u64::MAX);
    lab.output(id).unwrap().text.trim_end().to_string()
}

fn apply(lab: &mut Lab, flags: &str, manifest: &str) -> String {
    run(lab, &format!("kubectl apply --server-side {flags} -f - <<'EOF'\n{manifest}\nEOF"))
}

const WEB: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, labels: {app: web}}\nspec:\n  replicas: 2\n  selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: web}}\n    spec: {containers: [{name: web, image: nginx:1.27}]}";
const DONE: &str = "deployment.apps/web serverside-applied";

fn service(name: &str, labels: &str, ports: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Service\nmetadata: {{name: {name}, labels: {{{labels}}}}}\nspec: {{selector: {{app: web}}, ports: [{ports}]}}"
    )
}

#[test]
fn what_others_have_set_since_is_a_conflict() {
    let mut lab = Lab::with_settings(Settings::default(), 5);
    assert_eq!(apply(&mut lab, "", WEB), DONE);
    run(&mut lab, "kubectl scale deployment web --replicas=4");
    let text = apply(&mut lab, "", WEB);
    let first =
        "error: Apply failed with 1 conflict: conflict with \"kubectl\" with subresource \"scale\" using apps/v1: .spec.replicas";
    assert_eq!(text.lines().next(), Some(first));
    assert!(text.contains("\n  command with the `--force-conflicts` flag.\n") && text.ends_with("/#conflicts"), "{text}");
    run(&mut lab, "kubectl set image deployment/web web=nginx:1.28");
    let text = apply(&mut lab, "--field-manager=ci", WEB);
    let lines: Vec<&str> = text.lines().take(4).collect();
    let expected = [
        "error: Apply failed with 2 conflicts: conflicts with \"kubectl\" with subresource \"scale\" using apps/v1:",
        "- .spec.replicas",
        "conflicts with \"kubectl-set\" using apps/v1:",
        "- .spec.template.spec.containers[name=\"web\"].image",
    ];
    assert_eq!(lines, expected);
    assert_eq!(apply(&mut lab, "--force-conflicts", WEB), DONE);
    let seen = run(&mut lab, "kubectl get deploy web -o jsonpath='{.spec.replicas} {.metadata.managedFields[*].manager}'");
    assert_eq!(seen, "2 kubectl kube-controller-manager");
}

#[test]
fn what_the_file_names_no_more_goes_but_not_what_others_own() {
    let mut lab = Lab::with_settings(Settings::default(), 5);
    apply(&mut lab, "", &service("web", "a: b, c: d", "{port: 80}"));
    apply(&mut lab, "--field-manager=ci", &service("web", "c: d", "{port: 80}"));
    assert_eq!(apply(&mut lab, "", &service("web", "", "{port: 80}")), "service/web serverside-applied");
    assert_eq!(run(&mut lab, "kubectl get svc web -o jsonpath='{.metadata.labels}'"), "{\"c\":\"d\"}");
    apply(&mut lab, "", &service("one", "", "{port: 80}"));
    assert_eq!(apply(&mut lab, "", &service("one", "", "{port: 81}")), "service/one serverside-applied");
    assert_eq!(run(&mut lab, "kubectl get svc one -o jsonpath='{.spec.ports[*].port}'"), "81");
    // Another's part of an element keeps the element, with the fields by which it is known.
    run(&mut lab, "kubectl patch svc one -p '{\"spec\":{\"ports\":[{\"port\":81,\"targetPort\":8080}]}}'");
    let text = apply(&mut lab, "", &service("one", "", "{port: 82, name: b}"));
    assert_eq!(text, "The Service \"one\" is invalid: spec.ports[0].name: Required value");
}

#[test]
fn objects_of_the_client_side_are_taken_over() {
    let mut lab = Lab::with_settings(Settings::default(), 5);
    run(&mut lab, &format!("kubectl apply -f - <<'EOF'\n{}\nEOF", service("cs", "a: b, c: d", "{port: 80}")));
    // The port that was applied may change; the default beside it is another manager's.
    let text = apply(&mut lab, "", &service("cs", "a: z", "{port: 80, targetPort: 8080}"));
    let conflict = "conflict with \"kubectl-client-side-apply\" using v1: .spec.ports[port=80,protocol=\"TCP\"].targetPort";
    assert!(text.starts_with(&format!("error: Apply failed with 1 conflict: {conflict}\n")), "{text}");
    assert_eq!(apply(&mut lab, "", &service("cs", "a: z", "{port: 80}")), "service/cs serverside-applied");
    let seen = run(&mut lab, "kubectl get svc cs -o jsonpath='{.metadata.labels} {.metadata.managedFields[*].manager}'");
    assert_eq!(seen, "{\"a\":\"z\"} kubectl-last-applied kubectl");
    let text = run(&mut lab, &format!("kubectl apply -f - <<'EOF'\n{}\nEOF", service("cs", "a: w", "{port: 80}")));
    assert_eq!(text, "service/cs configured");
}

#[test]
fn what_is_no_object_is_refused_in_the_words_of_typed_objects() {
    let mut lab = Lab::with_settings(Settings::default(), 5);
    let text = apply(&mut lab, "", &service("bad", "a: b", "{port: 80}, {port: 80}").replace("selector", "selectors"));
    let expected = "Error from server: failed to create typed patch object (default/bad; /v1, Kind=Service): errors:\n  .spec.selectors: field not declared in schema\n  .spec.ports: duplicate entries for key [port=80,protocol=\"TCP\"]";
    assert_eq!(text, expected);
    let text = apply(&mut lab, "", &WEB.replace("nginx:1.27}", "nginx:1.27, env: [{name: A, value: 1}]}"));
    let place = ".spec.template.spec.containers[name=\"web\"].env[name=\"A\"].value";
    assert_eq!(
        text,
        format!(
            "Error from server: failed to create typed patch object (default/web; apps/v1, Kind=Deployment): {place}: expected string, got &value.valueUnstructured{{Value:1}}"
        )
    );
}

#[test]
fn the_annotation_of_apply_is_set_by_hand() {
    let mut lab = Lab::with_settings(Settings::default(), 5);
    run(&mut lab, "kubectl create deployment d --image=nginx:1.27");
    let manifest = WEB.replace("name: web, labels", "name: d, labels");
    let set = |flags: &str| format!("kubectl apply set-last-applied {flags} -f - <<'EOF'\n{manifest}\nEOF");
    let text = run(&mut lab, &set(""));
    let none = "error: no last-applied-configuration annotation found on resource: d, to create the annotation, run the command with --create-annotation";
    assert_eq!(text, none);
    assert_eq!(run(&mut lab, &set("--create-annotation=true")), "deployment.apps/d configured");
    assert_eq!(run(&mut lab, &set("")), "set-last-applied d: no changes required.");
}
