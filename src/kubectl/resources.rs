//! Which objects a command line names: kinds by any of their names, `kind/name`, `kind1,kind2`, `all`.

use super::failure::Failure;
use crate::api::Kind;
use crate::api::object::KINDS;

/// The kinds that `all` stands for, in kubectl's order.
const ALL: [Kind; 4] = [Kind::Pod, Kind::Service, Kind::Deployment, Kind::ReplicaSet];

/// What a command line names.
#[derive(Clone, Debug, PartialEq)]
pub struct Named {
    /// Kinds with the names asked for; no names: all objects of the kind.
    pub items: Vec<(Kind, Option<String>)>,
    /// Whether kinds were named in a way that needs the kind shown before each name.
    pub with_kind: bool,
    /// Whether exactly one object was named.
    pub single: bool,
}

impl Named {
    /// Whether objects were named, and not only kinds.
    pub fn by_name(&self) -> bool {
        self.items.iter().any(|(_, name)| name.is_some())
    }
}

/// The kind of a name on the command line: `po`, `pods`, `Pod`, `deployments.apps`, `deployments.v1.apps`.
pub fn kind(text: &str) -> Result<Kind, Failure> {
    let lower = text.to_ascii_lowercase();
    let (name, group) = lower.split_once('.').map_or((lower.as_str(), None), |(n, g)| (n, Some(g)));
    let found = KINDS.iter().find(|info| {
        let named =
            info.plural == name || info.singular == name || info.short.contains(&name) || info.name.eq_ignore_ascii_case(name);
        let grouped = group.is_none_or(|g| {
            let g = g.strip_prefix(&format!("{}.", info.version)).unwrap_or(if g == info.version { "" } else { g });
            info.group == g
        });
        named && grouped
    });
    found.map(|info| info.kind).ok_or_else(|| {
        Failure::error(match group {
            Some(group) => format!("the server doesn't have a resource type {name:?} in group {group:?}"),
            None => format!("the server doesn't have a resource type {name:?}"),
        })
    })
}

/// The kinds of one word: `deploy,svc`, `all`.
fn kinds(text: &str) -> Result<Vec<Kind>, Failure> {
    let mut found = vec![];
    for part in text.split(',') {
        if part == "all" {
            found.extend(ALL);
        } else {
            found.push(kind(part)?);
        }
    }
    Ok(found)
}

/// The objects that words name.
pub fn named(words: &[String]) -> Result<Named, Failure> {
    let Some(first) = words.first() else { return Ok(Named { items: vec![], with_kind: false, single: false }) };
    if words.iter().any(|w| w.contains('/')) {
        return slashed(words);
    }
    let kinds = kinds(first)?;
    let names = &words[1..];
    let with_kind = kinds.len() > 1 || first == "all";
    let mut items = vec![];
    for kind in &kinds {
        if names.is_empty() {
            items.push((*kind, None));
        }
        items.extend(names.iter().map(|n| (*kind, Some(n.clone()))));
    }
    let single = items.len() == 1 && !names.is_empty();
    Ok(Named { items, with_kind, single })
}

/// `kind/name …`: every word must have the form.
fn slashed(words: &[String]) -> Result<Named, Failure> {
    let mut items = vec![];
    for word in words {
        let parts: Vec<&str> = word.split('/').collect();
        match parts.as_slice() {
            [kind_name, name] if !kind_name.is_empty() && !name.is_empty() => {
                items.push((kind(kind_name)?, Some(name.to_string())))
            }
            [_] => {
                return Err(Failure::error(
                    "there is no need to specify a resource type as a separate argument when passing arguments in resource/name form (e.g. 'kubectl get resource/<resource_name>' instead of 'kubectl get resource resource/<resource_name>'",
                ));
            }
            [_, _] => return Err(Failure::error("arguments in resource/name form must have a single resource and name")),
            _ => return Err(Failure::error("arguments in resource/name form may not have more than one slash")),
        }
    }
    let first = items.first().map(|(k, _)| *k);
    let with_kind = items.iter().any(|(k, _)| Some(*k) != first);
    Ok(Named { single: items.len() == 1, items, with_kind })
}
