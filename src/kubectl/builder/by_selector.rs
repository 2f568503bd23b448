//! All objects of the kinds that are named, or those that a selector picks.

use super::words::{Words, mappings};
use super::{Ask, Found, Info, selected};
use crate::api::Kind;
use crate::kubectl::cx::{Cx, Pick};
use crate::kubectl::failure::Failure;
use crate::kubectl::flags::Parsed;
use crate::kubectl::resources::Mapping;

pub(super) fn by_selector(cx: &mut Cx, flags: &Parsed, ask: &Ask, words: &Words) -> Result<Found, Failure> {
    if !words.names.is_empty() {
        return Err(Failure::error("name cannot be provided when a selector is specified"));
    }
    if !words.tuples.is_empty() {
        return Err(Failure::error("selectors and the all flag cannot be used when passing resource/name arguments"));
    }
    if words.resources.is_empty() {
        return Err(Failure::error("at least one resource must be specified to use a selector"));
    }
    let mut found = Found { mappings: mappings(&words.resources, ask.single_type)?, ..Found::default() };
    let own = cx.namespace(flags);
    let namespace = (!flags.on("all-namespaces")).then_some(own.as_str());
    for mapping in found.mappings.clone() {
        let kind = match mapping {
            Mapping::Kind(kind) if built_in(kind, namespace.is_none()) && !selected(flags) => {
                return Err(Failure::error(format!("the lab does not model the {} that every cluster has", kind.info().plural)));
            }
            Mapping::Kind(kind) => kind,
            Mapping::Other(other) if other.filled => return Err(Mapping::unmodelled(other)),
            Mapping::Other(_) => continue,
        };
        cx.warn_endpoints([kind]);
        match Pick::of(flags, Some(kind)).and_then(|pick| cx.list(kind, namespace, &pick)) {
            Ok(objects) => found.infos.extend(objects.into_iter().map(Info::of)),
            Err(failure) => found.failures.push(failure),
        }
    }
    Ok(found)
}

/// Whether a real cluster has objects of a kind from the beginning that the lab does not have.
fn built_in(kind: Kind, everywhere: bool) -> bool {
    match kind {
        Kind::ClusterRole | Kind::ClusterRoleBinding => true,
        Kind::Role | Kind::RoleBinding => everywhere,
        _ => false,
    }
}
