//! `kubectl create` of kinds that nobody in the lab acts on (`…/cmd/create/create_{cronjob,quota,role,…}.go`).

use super::create::{DryRun, MAKE, make, send};
use crate::api::Kind;
use crate::kubectl::cx::Cx;
use crate::kubectl::failure::Failure;
use crate::kubectl::flags::{self, CHANGE, Flag, PRINT, Parsed, Takes};
use crate::kubectl::generate::{self, Bound, IngressArgs};
use crate::kubectl::resources;
use serde_json::{Value, json};

const fn text(name: &'static str) -> Flag {
    Flag(name, None, Takes::Text)
}

const fn list(name: &'static str) -> Flag {
    Flag(name, None, Takes::List)
}

/// Takes the words after `create WHAT` apart.
fn parsed(args: &[String], what: &str, own: &[Flag]) -> Result<Parsed, Failure> {
    flags::parse(args, &[own, PRINT, CHANGE, MAKE]).map_err(|why| Failure::usage(&format!("create {what}"), &why))
}

/// Flags that must be there, in the order of their names.
fn required(flags: &Parsed, names: &[&str]) -> Result<(), Failure> {
    let missing: Vec<String> = names.iter().filter(|name| !flags.has(name)).map(|name| format!("{name:?}")).collect();
    if missing.is_empty() { Ok(()) } else { Err(Failure::error(format!("required flag(s) {} not set", missing.join(", ")))) }
}

/// The command for a word after `create`, if it is one of these.
pub(super) fn create_more(cx: &mut Cx, what: &str, args: &[String]) -> Option<Result<(), Failure>> {
    Some(match what {
        "cronjob" | "cj" => cron_job(cx, args),
        "quota" | "resourcequota" => quota(cx, args),
        "role" => role(cx, args, Kind::Role),
        "clusterrole" => role(cx, args, Kind::ClusterRole),
        "rolebinding" => binding(cx, args, Kind::RoleBinding),
        "clusterrolebinding" => binding(cx, args, Kind::ClusterRoleBinding),
        "ingress" | "ing" => ingress(cx, args),
        "priorityclass" | "pc" => priority_class(cx, args),
        "token" => token(cx, args),
        _ => return None,
    })
}

fn cron_job(cx: &mut Cx, args: &[String]) -> Result<(), Failure> {
    let flags = parsed(args, "cronjob", const { &[text("image"), text("schedule"), text("restart")] })?;
    required(&flags, &["image", "schedule"])?;
    let own = (flags.text("image"), flags.text("schedule"), flags.text("restart"));
    let command = flags.rest.clone().unwrap_or_default();
    let value = generate::cron_job(&flags.words, (&own.0, &own.1, &own.2), command, &flags.text("namespace"));
    make(cx, &flags, Kind::CronJob, &value.map_err(Failure::error)?, "failed to create cronjob:")
}

fn quota(cx: &mut Cx, args: &[String]) -> Result<(), Failure> {
    let flags = parsed(args, "quota", const { &[text("hard"), text("scopes")] })?;
    let value = generate::quota(&flags.words, &flags.text("hard"), &flags.text("scopes"), &flags.text("namespace"));
    make(cx, &flags, Kind::ResourceQuota, &value.map_err(Failure::error)?, "failed to create quota:")
}

fn one_name(flags: &Parsed, what: &str) -> Result<String, Failure> {
    match flags.words.as_slice() {
        [name] => Ok(name.clone()),
        other => Err(Failure::help(&format!("create {what}"), &format!("exactly one NAME is required, got {}", other.len()))),
    }
}

fn role(cx: &mut Cx, args: &[String], kind: Kind) -> Result<(), Failure> {
    const OWN: &[Flag] = &[list("verb"), list("resource"), Flag("resource-name", None, Takes::Many)];
    const CLUSTER: &[Flag] = &[list("non-resource-url"), Flag("aggregation-rule", None, Takes::Many)];
    let what = kind.info().singular;
    let sets = [OWN, PRINT, CHANGE, MAKE, if kind == Kind::ClusterRole { CLUSTER } else { &[] }];
    let flags = flags::parse(args, &sets).map_err(|why| Failure::usage(&format!("create {what}"), &why))?;
    let name = one_name(&flags, what)?;
    if flags.has("aggregation-rule") {
        return aggregated(cx, &flags, &name);
    }
    let (verbs, urls) = (flags.all("verb"), flags.all("non-resource-url"));
    if verbs.is_empty() {
        return Err(Failure::error("at least one verb must be specified"));
    }
    for verb in verbs.iter().filter(|verb| !VERBS.contains(&verb.as_str()) && urls.is_empty()) {
        cx.line(format!("Warning: '{verb}' is not a standard resource verb"));
    }
    let mut named = vec![];
    for word in flags.all("resource") {
        let (resource, sub) = word.split_once('/').map_or((word.as_str(), None), |(r, s)| (r, Some(s)));
        let entry = match resource {
            "*" => (String::new(), "*".to_string()),
            resource => {
                // This command says so without its usual first word.
                let nowhere = |failure: Failure| Failure::plain(failure.text.trim_start_matches("error: "));
                let found = resources::mapping(resource).map_err(nowhere)?.resource();
                let (plural, group) = found.split_once('.').map_or((found.as_str(), ""), |(p, g)| (p, g));
                (group.to_string(), plural.to_string())
            }
        };
        let entry = (entry.0, sub.map_or(entry.1.clone(), |sub| format!("{}/{sub}", entry.1)));
        if !named.contains(&entry) {
            named.push(entry);
        }
    }
    if named.is_empty() && (kind == Kind::Role || urls.is_empty()) {
        let or = if kind == Kind::Role {
            "at least one resource must be specified"
        } else {
            "one of resource or nonResourceURL must be specified"
        };
        return Err(Failure::error(or));
    }
    let place = if kind == Kind::Role { flags.text("namespace") } else { String::new() };
    let value = generate::role(kind.info().name, &name, (&verbs, &named, &flags.all("resource-name")), &urls, &place);
    let (dry, place) = (DryRun::of(&flags)?, cx.namespace(&flags));
    Ok(send(cx, kind, &value, &place, &flags, dry, "created")?)
}

/// A role of all rules that roles with certain labels have.
fn aggregated(cx: &mut Cx, flags: &Parsed, name: &str) -> Result<(), Failure> {
    if ["verb", "resource", "resource-name", "non-resource-url"].iter().any(|flag| flags.has(flag)) {
        let text = "aggregation rule must be specified without nonResourceURLs, verbs, resources or resourceNames";
        return Err(Failure::error(text));
    }
    let pairs = flags.all("aggregation-rule");
    let labels: serde_json::Map<String, Value> =
        pairs.iter().flat_map(|p| p.split(',')).filter_map(|p| p.split_once('=')).map(|(k, v)| (k.into(), v.into())).collect();
    let value = json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": name},
        "aggregationRule": {"clusterRoleSelectors": [{"matchLabels": labels}]}, "rules": null,
    });
    Ok(send(cx, Kind::ClusterRole, &value, "", flags, DryRun::of(flags)?, "created")?)
}

/// Verbs that kubectl knows.
const VERBS: [&str; 14] = [
    "*",
    "get",
    "delete",
    "list",
    "create",
    "update",
    "patch",
    "watch",
    "proxy",
    "deletecollection",
    "use",
    "bind",
    "escalate",
    "impersonate",
];

fn binding(cx: &mut Cx, args: &[String], kind: Kind) -> Result<(), Failure> {
    const OWN: &[Flag] = &[text("clusterrole"), text("role"), list("user"), list("group"), list("serviceaccount")];
    let what = kind.info().singular;
    let flags = parsed(args, what, OWN)?;
    let (cluster, own) = (flags.text("clusterrole"), flags.text("role"));
    if kind == Kind::ClusterRoleBinding {
        required(&flags, &["clusterrole"])?;
    }
    let name = one_name(&flags, what)?;
    if cluster.is_empty() == own.is_empty() {
        return Err(Failure::error("exactly one of clusterrole or role must be specified"));
    }
    let role = if cluster.is_empty() { ("Role", own.as_str()) } else { ("ClusterRole", cluster.as_str()) };
    let bound = Bound { users: flags.all("user"), groups: flags.all("group"), accounts: flags.all("serviceaccount") };
    let place = if kind == Kind::RoleBinding { flags.text("namespace") } else { String::new() };
    let value = generate::binding(kind.info().name, &name, role, &bound, &place).map_err(Failure::error)?;
    make(cx, &flags, kind, &value, &format!("failed to create {what}:"))
}

fn ingress(cx: &mut Cx, args: &[String]) -> Result<(), Failure> {
    const OWN: &[Flag] =
        &[Flag("rule", None, Takes::Many), text("class"), text("default-backend"), Flag("annotation", None, Takes::Many)];
    let flags = parsed(args, "ingress", OWN)?;
    let args = IngressArgs {
        names: flags.words.clone(),
        rules: flags.all("rule"),
        class: flags.get("class").map(str::to_string),
        default_backend: flags.text("default-backend"),
        annotations: flags.all("annotation"),
        namespace: flags.text("namespace"),
    };
    let value = generate::ingress(&args).map_err(Failure::error)?;
    make(cx, &flags, Kind::Ingress, &value, "failed to create ingress:")
}

fn priority_class(cx: &mut Cx, args: &[String]) -> Result<(), Failure> {
    const OWN: &[Flag] = &[
        Flag("value", None, Takes::Int32),
        Flag("global-default", None, Takes::Bool),
        text("description"),
        text("preemption-policy"),
    ];
    let flags = parsed(args, "priorityclass", OWN)?;
    let how = (flags.int("value").unwrap_or(0), flags.on("global-default"));
    let value = generate::priority_class(&flags.words, how, &flags.text("description"), &flags.text("preemption-policy"));
    make(cx, &flags, Kind::PriorityClass, &value.map_err(Failure::error)?, "failed to create priorityclass:")
}

/// Nobody in the lab could use a token: only what is wrong with the question is answered.
fn token(cx: &mut Cx, args: &[String]) -> Result<(), Failure> {
    const OWN: &[Flag] = &[list("audience"), Flag("duration", None, Takes::Duration), text("bound-object-kind")];
    let flags = parsed(args, "token", OWN)?;
    let name = one_name(&flags, "token")?;
    let account = cx.get(Kind::ServiceAccount, &cx.namespace(&flags), &name);
    account.map_err(|_| Failure::error(format!("failed to create token: serviceaccounts {name:?} not found")))?;
    Err(Failure::error("the lab's API server makes no tokens"))
}
