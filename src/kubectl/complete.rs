//! What the word at the end of a command line may become: commands, flags, kinds, names.

use super::config::NAME;
use super::cx::Backend;
use super::explain;
use super::flags::{Flag, GLOBAL, Takes};
use super::resources;
use super::verbs::{COMMANDS, Verb, other};
use crate::api::object::KINDS;
use crate::api::{Kind, Object};
use crate::sorting::Arrange;

/// Suggestions that one call gives at most.
const MOST: usize = 100;

/// Whole words that the last word of `line` may become, sorted; the last word is empty when the line ends with a blank.
/// Names are those of the cluster, in the namespace that `-n` names.
pub fn complete(line: &str, backend: &dyn Backend) -> Vec<String> {
    let mut words: Vec<&str> = line.split_whitespace().collect();
    let last = if line.ends_with(char::is_whitespace) || words.is_empty() { "" } else { words.pop().unwrap_or("") };
    if matches!(words.first(), Some(&("kubectl" | "k"))) {
        words.remove(0);
    }
    let mut found = candidates(&words, last, backend);
    found.retain(|word| word.starts_with(last) && word != last);
    found.arrange();
    found.dedup();
    found.truncate(MOST);
    found
}

fn candidates(words: &[&str], last: &str, backend: &dyn Backend) -> Vec<String> {
    let Some(verb) = words.iter().find_map(|w| COMMANDS.iter().find(|v| v.name == *w)) else {
        return COMMANDS.iter().map(|v| v.name).filter(|name| !other::is_missing(name)).map(str::to_string).collect();
    };
    let flag = |word: &&str| flags(verb).find(|f| named(f, word));
    if let Some(flag) = words.last().and_then(flag).filter(|f| takes_word(f)) {
        return values(flag.0, backend);
    }
    if let Some((name, _)) = last.strip_prefix("--").and_then(|l| l.split_once('=')) {
        return values(name, backend).into_iter().map(|value| format!("--{name}={value}")).collect();
    }
    if last.starts_with('-') {
        return flags(verb).map(|f| format!("--{}{}", f.0, if takes_word(f) { "=" } else { "" })).collect();
    }
    let place = Place { namespace: namespace(words), backend };
    let mut plain: Vec<&str> = vec![];
    let mut skip = false;
    for word in words.iter().skip_while(|w| **w != verb.name).skip(1) {
        let after_flag = std::mem::replace(&mut skip, flag(word).is_some_and(takes_word));
        if !after_flag && !word.starts_with('-') {
            plain.push(word);
        }
    }
    place.words(verb, &plain, last)
}

fn flags(verb: &Verb) -> impl Iterator<Item = &'static Flag> {
    verb.flags.iter().copied().flatten().chain(GLOBAL)
}

fn named(flag: &Flag, word: &str) -> bool {
    word.strip_prefix("--") == Some(flag.0) || flag.1.is_some_and(|c| word.len() == 2 && word == format!("-{c}"))
}

fn takes_word(flag: &Flag) -> bool {
    !matches!(flag.2, Takes::Bool | Takes::Optional(_))
}

fn namespace(words: &[&str]) -> String {
    let after = words.iter().position(|w| matches!(*w, "-n" | "--namespace")).and_then(|i| words.get(i + 1)).copied();
    let inline =
        words.iter().find_map(|w| w.strip_prefix("--namespace=").or_else(|| w.strip_prefix("-n").filter(|n| !n.is_empty())));
    after.or(inline).unwrap_or("default").to_string()
}

/// Values that a flag takes.
fn values(flag: &str, backend: &dyn Backend) -> Vec<String> {
    let fixed: &[&str] = match flag {
        "namespace" => return names(Kind::Namespace, "", backend),
        "output" => &["custom-columns=", "go-template=", "json", "jsonpath=", "name", "wide", "yaml"],
        "dry-run" => &["client", "none", "server"],
        "cascade" => &["background", "foreground", "orphan"],
        "type" => &["ClusterIP", "ExternalName", "LoadBalancer", "NodePort", "json", "merge", "strategic"],
        "field-selector" => &[
            "involvedObject.name=",
            "metadata.name=",
            "reason=",
            "spec.nodeName=",
            "spec.type=",
            "status.phase=",
            "type=Warning",
        ],
        "sort-by" => &[".lastTimestamp", ".metadata.creationTimestamp", ".metadata.name", ".spec.nodeName"],
        "types" => &["Normal", "Warning"],
        "for" => &["condition=Available", "condition=Ready", "create", "delete", "jsonpath="],
        "restart" => &["Always", "Never", "OnFailure"],
        "image" => &["busybox:1.37", "nginx:1.27", "nginx:1.28", "nginx:1.29"],
        _ => &[],
    };
    fixed.iter().map(ToString::to_string).collect()
}

fn names(kind: Kind, namespace: &str, backend: &dyn Backend) -> Vec<String> {
    let place = if kind.info().namespaced { Some(namespace) } else { None };
    backend.read().store().list(kind, place).map(|o: &Object| o.meta().name.clone()).collect()
}

/// The fields that a path of `explain` may go on with.
fn paths(last: &str) -> Vec<String> {
    let Some((head, _)) = last.rsplit_once('.') else { return vec![] };
    let mut parts = head.split('.');
    let Ok(kind) = resources::kind(parts.next().unwrap_or_default()) else { return vec![] };
    let path: Vec<&str> = parts.collect();
    explain::fields(kind, &path).iter().map(|field| format!("{head}.{field}")).collect()
}

/// Where names are looked up.
struct Place<'a> {
    namespace: String,
    backend: &'a dyn Backend,
}

impl Place<'_> {
    /// What may stand after the words that are no flags.
    fn words(&self, verb: &Verb, plain: &[&str], last: &str) -> Vec<String> {
        if verb.name == "create" && matches!(plain, ["service" | "svc"]) {
            return ["clusterip", "externalname", "loadbalancer", "nodeport"].map(str::to_string).to_vec();
        }
        if verb.name == "config" && matches!(plain, ["use-context" | "use" | "set-context" | "delete-context" | "rename-context"])
        {
            return vec![NAME.to_string()];
        }
        let plain = match (verb.subs, plain) {
            ([], words) => words,
            (subs, []) => return subs.iter().map(ToString::to_string).collect(),
            (_, [_, rest @ ..]) => rest,
        };
        match verb.name {
            "cordon" | "uncordon" | "drain" => self.names(Kind::Node),
            "taint" if plain.is_empty() => vec!["nodes".into()],
            "taint" if plain.len() == 1 => self.names(Kind::Node),
            "logs" | "exec" if plain.is_empty() => {
                let mut found = self.slashed(last, &[Kind::Deployment, Kind::Service]);
                found.extend(self.names(Kind::Pod));
                found
            }
            "rollout" => self.kind_then_name(plain, last, &[Kind::Deployment]),
            "scale" => self.kind_then_name(plain, last, &[Kind::Deployment, Kind::ReplicaSet]),
            "expose" => self.kind_then_name(plain, last, &[Kind::Deployment, Kind::Pod, Kind::ReplicaSet, Kind::Service]),
            "set" => self.kind_then_name(plain, last, &[Kind::Deployment, Kind::Pod, Kind::ReplicaSet, Kind::Service]),
            "explain" if plain.is_empty() && last.contains('.') => paths(last),
            "explain" if plain.is_empty() => KINDS.iter().map(|k| k.plural.to_string()).collect(),
            "annotate" | "delete" | "describe" | "get" | "label" | "patch" | "wait" => {
                let all: Vec<Kind> = KINDS.iter().map(|k| k.kind).collect();
                self.kind_then_name(plain, last, &all)
            }
            "help" if plain.is_empty() => COMMANDS.iter().map(|v| v.name.to_string()).collect(),
            _ => vec![],
        }
    }

    fn names(&self, kind: Kind) -> Vec<String> {
        names(kind, &self.namespace, self.backend)
    }

    /// A kind, then names of that kind; or both in one word.
    fn kind_then_name(&self, plain: &[&str], last: &str, kinds: &[Kind]) -> Vec<String> {
        match plain.first() {
            Some(word) if !word.contains('/') => resources::kind(word).map(|kind| self.names(kind)).unwrap_or_default(),
            Some(_) => self.slashed(last, kinds),
            None => {
                let mut found = self.slashed(last, kinds);
                found.extend(kinds.iter().map(|k| k.info().plural.to_string()));
                found
            }
        }
    }

    /// `kind/name`, once the kind and the slash have been typed.
    fn slashed(&self, last: &str, kinds: &[Kind]) -> Vec<String> {
        match last.split_once('/') {
            Some((word, _)) => match resources::kind(word) {
                Ok(kind) => self.names(kind).into_iter().map(|name| format!("{word}/{name}")).collect(),
                Err(_) => vec![],
            },
            None if last.is_empty() => vec![],
            None => kinds.iter().map(|k| format!("{}/", k.info().singular)).collect(),
        }
    }
}
