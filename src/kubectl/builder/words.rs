//! The words of a command line taken apart: kinds, names, and words of the form `kind/name`.
//!
//! Promises: words that do not go together are refused in kubectl's own words, before any kind is looked up.

use crate::kubectl::failure::Failure;
use crate::kubectl::resources::{self, Mapping};

/// Words taken apart.
#[derive(Default)]
pub(super) struct Words {
    /// Kinds, and the names that are asked for of them.
    pub resources: Vec<String>,
    pub names: Vec<String>,
    /// `kind/name` words.
    pub tuples: Vec<(String, String)>,
}

pub(super) fn take_apart(words: &[String]) -> Result<Words, Failure> {
    let mut words = words.to_vec();
    if words.len() > 1 && words[0].contains(',') {
        let kinds = unique(&words[0]);
        if kinds.len() > 1 {
            words = kinds.iter().flat_map(|kind| words[1..].iter().map(move |name| format!("{kind}/{name}"))).collect();
        }
    }
    let slashes = words.iter().filter(|w| w.contains('/')).count();
    if slashes > 0 && slashes < words.len() {
        return Err(Failure::error(
            "there is no need to specify a resource type as a separate argument when passing arguments in resource/name form (e.g. 'kubectl get resource/<resource_name>' instead of 'kubectl get resource resource/<resource_name>'",
        ));
    }
    if slashes > 0 {
        let tuples = words.iter().map(|w| tuple(w)).collect::<Result<_, _>>()?;
        return Ok(Words { tuples, ..Words::default() });
    }
    let Some((first, names)) = words.split_first() else { return Ok(Words::default()) };
    let expanded: Vec<String> = first
        .split(',')
        .flat_map(|word| match resources::category(word) {
            [] => vec![word.to_string()],
            of => of.iter().map(|r| r.to_string()).collect(),
        })
        .collect();
    Ok(Words { resources: unique(&expanded.join(",")), names: names.to_vec(), tuples: vec![] })
}

/// The parts between commas, each once.
fn unique(text: &str) -> Vec<String> {
    let mut parts: Vec<String> = vec![];
    for part in text.split(',') {
        if !parts.iter().any(|p| p == part) {
            parts.push(part.to_string());
        }
    }
    parts
}

fn tuple(word: &str) -> Result<(String, String), Failure> {
    let parts: Vec<&str> = word.split('/').collect();
    match parts.as_slice() {
        [kind, name] if !kind.is_empty() && !name.is_empty() && unique(kind).len() == 1 => {
            Ok((kind.to_string(), name.to_string()))
        }
        [_, _] => Err(Failure::error("arguments in resource/name form must have a single resource and name")),
        _ => Err(Failure::error("arguments in resource/name form may not have more than one slash")),
    }
}

/// The resources that words name, each once.
pub(super) fn mappings(words: &[String], single_type: bool) -> Result<Vec<Mapping>, Failure> {
    if words.len() > 1 && single_type {
        return Err(Failure::error("you may only specify a single resource type"));
    }
    let mut found = vec![];
    for word in words {
        let mapping = resources::mapping(word)?;
        if !found.contains(&mapping) {
            found.push(mapping);
        }
    }
    Ok(found)
}
