//! The objects that a command line names one by one, in its order.

use super::words::{Words, mappings};
use super::{Ask, Found, Info, NOTHING};
use crate::kubectl::cx::{Cx, key};
use crate::kubectl::failure::Failure;
use crate::kubectl::flags::Parsed;
use crate::kubectl::resources::{self, Mapping};

pub(super) fn by_name(cx: &mut Cx, flags: &Parsed, ask: &Ask, words: Words) -> Result<Found, Failure> {
    let items: Vec<(Mapping, String)> = if !words.tuples.is_empty() {
        let kinds: Vec<String> = words.tuples.iter().map(|(kind, _)| kind.clone()).collect();
        let kinds = kinds.iter().map(|k| resources::mapping(k)).collect::<Result<Vec<_>, _>>()?;
        if ask.single_type && kinds.iter().any(|k| *k != kinds[0]) {
            return Err(Failure::error("you may only specify a single resource type"));
        }
        kinds.into_iter().zip(words.tuples.into_iter().map(|(_, name)| name)).collect()
    } else if !words.names.is_empty() {
        if words.resources.len() > 1 {
            return Err(Failure::error("you must specify only one resource"));
        }
        let mapping = mappings(&words.resources, ask.single_type)?[0];
        words.names.into_iter().map(|name| (mapping, name)).collect()
    } else {
        mappings(&words.resources, false)?;
        let nothing = if words.resources.is_empty() { NOTHING } else { "resource(s) were provided, but no name was specified" };
        return Err(Failure::error(nothing));
    };
    if flags.on("all-namespaces") && items.iter().any(|(m, _)| m.namespaced()) {
        return Err(Failure::error("a resource cannot be retrieved by name across all namespaces"));
    }
    let mut found = Found { single: items.len() == 1, by_name: true, ..Found::default() };
    let namespace = cx.namespace(flags);
    for (mapping, name) in items {
        found.note(mapping);
        let kind = match mapping {
            Mapping::Kind(kind) => kind,
            Mapping::Other(other) if other.filled => return Err(Mapping::unmodelled(other)),
            Mapping::Other(_) => {
                found.failures.push(Failure::not_there(&mapping.resource(), &name));
                continue;
            }
        };
        let key = key(kind, &namespace, &name);
        if ask.names_only {
            found.infos.push(Info { kind, key, object: None, source: None, value: None });
            continue;
        }
        cx.warn_endpoints([kind]);
        match cx.get(kind, &key.namespace, &name) {
            Ok(object) => found.infos.push(Info::of(object)),
            Err(failure) => found.failures.push(failure),
        }
    }
    Ok(found)
}
