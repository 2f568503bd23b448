//! What kubectl decides by itself, before or beside the server: as a real kubectl without a cluster, or with a toy server, says it.

use crate::kubectl_words::run;
use kube_service_lab::cluster::Settings;
use kube_service_lab::lab::Lab;

fn lab() -> Lab {
    Lab::with_settings(Settings::default(), 7)
}

fn all(lab: &mut Lab, cases: &[(&str, &str)]) {
    for (line, expected) in cases {
        assert_eq!(run(lab, &format!("kubectl {line}")).0, *expected, "{line}");
    }
}

#[test]
fn rights_are_asked_with_warnings() {
    let usage = "error: you must specify two arguments: verb resource or verb resource/resourceName.\nSee 'kubectl auth can-i -h' for help and examples.";
    all(
        &mut lab(),
        &[
            ("auth can-i get pods/log", "yes"),
            ("auth can-i get nodes", "Warning: resource 'nodes' is not namespace scoped\n\nyes"),
            ("auth can-i get nodes -A", "yes"),
            (
                "auth can-i get clusterroles",
                "Warning: resource 'clusterroles' is not namespace scoped in group 'rbac.authorization.k8s.io'\n\nyes",
            ),
            ("auth can-i frob pods", "Warning: verb 'frob' is not a known verb\n\nyes"),
            ("auth can-i list podz.foo", "Warning: the server doesn't have a resource type 'podz' in group 'foo'\n\nyes"),
            ("auth can-i get /healthz", "yes"),
            ("auth can-i get pods -q", ""),
            ("auth can-i", usage),
            ("auth can-i --list get", "error: list option must be specified with no arguments"),
        ],
    );
}

#[test]
fn containers_cannot_be_reached_but_the_words_are_checked() {
    let ports =
        "error: TYPE/NAME and list of ports are required for port-forward\nSee 'kubectl port-forward -h' for help and examples";
    all(
        &mut lab(),
        &[
            ("port-forward", ports),
            ("port-forward pod/x", ports),
            ("port-forward pod/x 80", "Error from server (NotFound): pods \"x\" not found"),
            (
                "port-forward cm/kube-root-ca.crt 80",
                "error: cannot attach to *v1.ConfigMap: selector for *v1.ConfigMap not implemented",
            ),
            ("cp a", "error: source and destination are required"),
            ("cp a b", "error: one of src or dest must be a remote file specification"),
            ("cp a:b c:d", "error: one of src or dest must be a local file specification"),
            ("cp x y:z", "error: x doesn't exist in local filesystem"),
            ("cp y:z x", "Error from server (NotFound): pods \"y\" not found"),
            ("top pods a b", "error: pod [NAME | -l label]\nSee 'kubectl top pod -h' for help and examples"),
            ("completion tcsh", "error: Unsupported shell type \"tcsh\".\nSee 'kubectl completion -h' for help and examples"),
        ],
    );
}

#[test]
fn raw_requests_stand_alone() {
    all(
        &mut lab(),
        &[
            ("get --raw /healthz", "ok"),
            ("get --raw x", "error: --raw must be a valid URL path: parse \"x\": invalid URI for request"),
            ("get pods --raw /x", "error: arguments may not be passed when --raw is specified"),
            ("get --raw /x -o json", "error: --raw and --output are mutually exclusive"),
            ("get --raw /nosuch", "Error from server (NotFound): the server could not find the requested resource"),
            ("get --raw /api/v1/namespaces/default/pods/x", "Error from server (NotFound): pods \"x\" not found"),
        ],
    );
}

#[test]
fn a_pod_that_is_there_and_one_that_is_not() {
    let mut lab = lab();
    all(
        &mut lab,
        &[
            ("run p --image=nginx:1.27 --port=80 --expose", "pod/p created\nservice/p created"),
            ("patch pod p -p '{\"spec\":{\"activeDeadlineSeconds\":90}}' --dry-run=client", "pod/p patched"),
            ("exec p -c side -- ls", "error: container side is not valid for pod p out of: p"),
            ("logs nosuch --tail=-5", "error: error from server (NotFound): pods \"nosuch\" not found in namespace \"default\""),
        ],
    );
}

#[test]
fn who_is_bound_and_what_roles_allow() {
    let mut lab = lab();
    all(
        &mut lab,
        &[
            ("create role r --verb=get,list --resource=deployments.apps,pods", "role.rbac.authorization.k8s.io/r created"),
            ("create role s --verb=get --resource=foo", "the server doesn't have a resource type \"foo\""),
            ("create rolebinding b --role=r --user=ann", "rolebinding.rbac.authorization.k8s.io/b created"),
            ("set subject rolebinding b --user=ann", ""),
            ("set subject rolebinding b --group=devs", "rolebinding.rbac.authorization.k8s.io/b subjects updated"),
            ("get rolebinding b -o jsonpath={.subjects[*].name}", "ann devs"),
            ("set subject rolebinding b --serviceaccount=bot", "error: serviceaccount must be <namespace>:<name>"),
            (
                "set subject cm kube-root-ca.crt --user=x",
                "error: configmaps/kube-root-ca.crt setting subjects is only supported for RoleBinding/ClusterRoleBinding",
            ),
        ],
    );
    let role = run(&mut lab, "kubectl describe role r").0;
    assert!(role.find("pods  ") < role.find("deployments.apps  "), "{role}");
}

#[test]
fn mistyped_words_get_hints_in_kubectls_own_order() {
    let none = "error: must specify one of -f and -k";
    all(
        &mut lab(),
        &[
            ("gett pods", "error: unknown command \"gett\" for \"kubectl\"\n\nDid you mean this?\n\tset\n\tget"),
            ("get pods -wz", "error: unknown shorthand flag: 'z' in -z\nSee 'kubectl get --help' for usage."),
            (
                "get pods --request-timeout=x",
                "error: Invalid timeout value. Timeout must be a single integer in seconds, or an integer followed by a corresponding time unit (e.g. 1s | 2m | 3h)",
            ),
            ("diff", none),
            (
                "taint nodes node-1 a=b:NoSchedule a-",
                "error: can not both modify and remove the following taint(s) in the same command: a=",
            ),
        ],
    );
}
