//! `kubectl help`, `-h`: what the commands are for and how they are typed, in the lab's own words.

use super::{COMMANDS, Verb};
use crate::kubectl::cx::Cx;
use crate::kubectl::failure::Failure;
use crate::kubectl::flags::{self, Takes};
use crate::sorting::Arrange;

/// A command's purpose, how it is typed, and lines to try.
struct Help(&'static str, &'static str, &'static str, &'static [&'static str]);

const HELP: &[Help] = &[
    Help("api-versions", "List the API groups and versions that the cluster knows", "", &["kubectl api-versions"]),
    Help("alpha", "Commands that are being tried out", "", &["kubectl alpha"]),
    Help("attach", "Attach to a running container", "POD", &["kubectl attach web-1"]),
    Help("auth", "Ask what one may do", "SUBCOMMAND", &["kubectl auth can-i create pods"]),
    Help(
        "autoscale",
        "Let the number of Pods follow the load",
        "(TYPE NAME | TYPE/NAME) --max=COUNT",
        &["kubectl autoscale deployment web --max=5"],
    ),
    Help("certificate", "Approve or deny certificate requests", "SUBCOMMAND", &["kubectl certificate approve NAME"]),
    Help("completion", "Print a shell's completion script", "SHELL", &["kubectl completion bash"]),
    Help("cp", "Copy files to and from containers", "SOURCE TARGET", &["kubectl cp web-1:/tmp/a a"]),
    Help("debug", "Add a container to a Pod to look around", "POD", &["kubectl debug web-1"]),
    Help(
        "edit",
        "Change an object's text in an editor",
        "(TYPE NAME | TYPE/NAME)",
        &["KUBE_EDITOR='sed -i s/1.27/1.28/' kubectl edit deployment web"],
    ),
    Help("kuberc", "Change kubectl's preferences", "SUBCOMMAND", &["kubectl kuberc set"]),
    Help("kustomize", "Build a kustomization", "DIR", &["kubectl kustomize ."]),
    Help("options", "List the flags that every command has", "", &["kubectl options"]),
    Help("plugin", "List plugins", "SUBCOMMAND", &["kubectl plugin list"]),
    Help(
        "port-forward",
        "Forward a local port to a Pod",
        "(POD | TYPE/NAME) PORT",
        &["kubectl port-forward service/web 8080:80"],
    ),
    Help("proxy", "Answer requests to the API server on a local port", "", &["kubectl proxy"]),
    Help("top", "Show how much CPU and memory is used", "SUBCOMMAND", &["kubectl top pods"]),
    Help(
        "annotate",
        "Change the annotations of objects",
        "(TYPE NAME | TYPE/NAME) KEY=VALUE… KEY-",
        &["kubectl annotate deployment/web kubernetes.io/change-cause='image 1.28'"],
    ),
    Help("api-resources", "List the kinds of objects that the cluster knows", "", &["kubectl api-resources -o wide"]),
    Help(
        "apply",
        "Make the cluster's objects as files say",
        "-f FILE",
        &["kubectl apply -f web.yaml", "kubectl apply -f - <<EOF"],
    ),
    Help("cluster-info", "Show where the cluster's own services are", "", &["kubectl cluster-info"]),
    Help("config", "Show kubectl's own settings", "SUBCOMMAND", &["kubectl config current-context"]),
    Help("cordon", "Let no new Pods come to a node", "NODE", &["kubectl cordon node-2"]),
    Help(
        "create",
        "Make an object from a file or from flags",
        "-f FILE | SUBCOMMAND",
        &["kubectl create deployment web --image=nginx:1.27 --replicas=3", "kubectl create service clusterip web --tcp=80:80"],
    ),
    Help(
        "delete",
        "Delete objects",
        "(TYPE NAME | TYPE/NAME | -f FILE | -l SELECTOR)",
        &["kubectl delete pod web-1", "kubectl delete pods -l app=web"],
    ),
    Help(
        "describe",
        "Show objects with what belongs to them and what happened to them",
        "(TYPE [NAME] | TYPE/NAME)",
        &["kubectl describe service web"],
    ),
    Help("diff", "Show what apply would change", "-f FILE", &["kubectl diff -f web.yaml"]),
    Help("drain", "Empty a node: cordon it and evict its Pods", "NODE", &["kubectl drain node-2 --ignore-daemonsets --force"]),
    Help("events", "List what happened", "[--for TYPE/NAME]", &["kubectl events --for deployment/web"]),
    Help(
        "exec",
        "Run a command in a container",
        "(POD | TYPE/NAME) [-c CONTAINER] -- COMMAND",
        &["kubectl exec web-1 -- hostname"],
    ),
    Help("explain", "Say what the fields of a kind mean", "TYPE[.FIELD…]", &["kubectl explain service.spec.ports"]),
    Help(
        "expose",
        "Make a Service in front of an existing workload",
        "(TYPE NAME | TYPE/NAME) --port=PORT",
        &["kubectl expose deployment web --port=80"],
    ),
    Help(
        "get",
        "Show objects",
        "(TYPE [NAME] | TYPE/NAME) [-o FORMAT]",
        &["kubectl get pods -o wide", "kubectl get endpointslices -l kubernetes.io/service-name=web"],
    ),
    Help("help", "Say how a command is used", "[COMMAND]", &["kubectl help get"]),
    Help(
        "label",
        "Change the labels of objects",
        "(TYPE NAME | TYPE/NAME) KEY=VALUE… KEY-",
        &["kubectl label pod web-1 app=debug --overwrite"],
    ),
    Help(
        "logs",
        "Show what a container printed",
        "(POD | TYPE/NAME) [-c CONTAINER]",
        &["kubectl logs deployment/web", "kubectl logs -f -l app=web"],
    ),
    Help(
        "patch",
        "Change fields of an object",
        "(TYPE NAME | TYPE/NAME) -p PATCH",
        &["kubectl patch service web -p '{\"spec\":{\"type\":\"NodePort\"}}'"],
    ),
    Help("replace", "Put an object from a file in the place of the old one", "-f FILE", &["kubectl replace --force -f web.yaml"]),
    Help("rollout", "Look after the rollout of a Deployment", "SUBCOMMAND", &["kubectl rollout status deployment/web"]),
    Help("run", "Start one Pod", "NAME --image=IMAGE", &["kubectl run client --image=busybox:1.37"]),
    Help(
        "scale",
        "Say how many Pods a workload shall have",
        "(TYPE NAME | TYPE/NAME) --replicas=COUNT",
        &["kubectl scale deployment web --replicas=5"],
    ),
    Help("set", "Change one aspect of an object", "SUBCOMMAND", &["kubectl set image deployment/web nginx=nginx:1.28"]),
    Help(
        "taint",
        "Change what keeps Pods off a node",
        "nodes NODE KEY=VALUE:EFFECT… KEY-",
        &["kubectl taint nodes node-2 spot=yes:NoSchedule"],
    ),
    Help("uncordon", "Let new Pods come to a node again", "NODE", &["kubectl uncordon node-2"]),
    Help("version", "Show the versions of kubectl and the cluster", "", &["kubectl version --client"]),
    Help(
        "wait",
        "Wait until objects are in a state",
        "(TYPE NAME | TYPE/NAME) --for=CONDITION",
        &["kubectl wait --for=condition=Ready pod -l app=web"],
    ),
];

/// `kubectl help [COMMAND]`.
pub fn help(cx: &mut Cx, args: &[String]) -> Result<(), Failure> {
    let text = match args.first() {
        None => overview(),
        Some(name) => match COMMANDS.iter().find(|v| v.name == name) {
            Some(verb) => about(verb),
            None => return Err(super::unknown(name)),
        },
    };
    cx.line(text);
    Ok(())
}

/// `-h` behind a command: kubectl's own words where the lab knows them.
pub fn asked(cx: &mut Cx, command: &String, sub: Option<&String>) -> Result<(), Failure> {
    let known = match sub {
        Some(sub) => super::groups::help(&format!("{command} {sub}")).map(|known| known.text),
        None if command == "rollout" => Some(super::rollout_flags::HELP.to_string()),
        None => super::groups::help(command).map(|known| known.text),
    };
    match known {
        Some(text) => cx.line(text),
        None => return help(cx, std::slice::from_ref(command)),
    }
    Ok(())
}

/// The help of a command, as what is said when it is used without its subcommand.
pub fn of(name: &str) -> Failure {
    if let Some(known) = super::groups::help(name) {
        return known;
    }
    COMMANDS.iter().find(|v| v.name == name).map_or_else(|| super::unknown(name), |verb| Failure::plain(about(verb)))
}

/// What a command says to words that are none of its subcommands (`RequireNoArguments`); without words, its help.
pub fn unknown_sub(command: &str, args: &[String]) -> Failure {
    match flags::parse(args, &[]) {
        Ok(parsed) if parsed.words.is_empty() => {
            super::groups::help(command).unwrap_or_else(|| of(command.split(' ').next().unwrap_or_default()))
        }
        Ok(parsed) => Failure::help(command, &format!("unknown command {:?}", parsed.words.join(" "))),
        Err(why) => Failure::usage(command, &why),
    }
}

fn overview() -> String {
    let mut all: Vec<&Help> = HELP.iter().collect();
    all.arrange_by_key(|h| h.0);
    let rows: Vec<String> = all.iter().map(|h| format!("  {:<14}{}", h.0, h.1)).collect();
    format!(
        "kubectl talks to the cluster's API server.\n\nAvailable Commands:\n{}\n\nUsage:\n  kubectl [flags] [options]\n\nUse \"kubectl <command> --help\" for more information about a given command.",
        rows.join("\n")
    )
}

fn about(verb: &Verb) -> String {
    let Some(Help(name, purpose, usage, examples)) = HELP.iter().find(|h| h.0 == verb.name) else { return overview() };
    let mut text = format!("{purpose}.");
    text.push_str("\n\nExamples:");
    examples.iter().for_each(|line| text.push_str(&format!("\n  {line}")));
    if !verb.subs.is_empty() {
        text.push_str("\n\nAvailable Commands:");
        verb.subs.iter().for_each(|sub| text.push_str(&format!("\n  {sub}")));
    }
    if !verb.flags.is_empty() {
        text.push_str("\n\nOptions:");
        for flag in verb.flags.iter().copied().flatten() {
            let short = flag.1.map_or("    ".to_string(), |c| format!("-{c}, "));
            let value = match flag.2 {
                Takes::Bool => "=false",
                Takes::Int | Takes::Int32 => "=0",
                Takes::Duration => "=0s",
                Takes::List | Takes::Many => "=[]",
                Takes::Text | Takes::Optional(_) => "=''",
            };
            text.push_str(&format!("\n    {short}--{}{value}", flag.0));
        }
    }
    let usage = if usage.is_empty() { String::new() } else { format!(" {usage}") };
    text.push_str(&format!("\n\nUsage:\n  kubectl {name}{usage} [options]"));
    text
}
