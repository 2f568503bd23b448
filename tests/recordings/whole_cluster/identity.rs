//! What must hold at every moment: who an object is, and that its versions only grow.

use kube_service_lab::api::object::KINDS;
use kube_service_lab::api::{Kind, Object};
use kube_service_lab::lab::Lab;
use std::collections::{BTreeMap, BTreeSet};

/// An object as it was seen last.
struct Seen {
    what: String,
    version: u64,
    generation: i64,
}

/// All objects ever seen, by uid.
#[derive(Default)]
pub struct Memory {
    objects: BTreeMap<String, Seen>,
}

fn name(object: &Object) -> String {
    format!("{} {}", object.kind().info().name, object.key())
}

impl Memory {
    /// Looks at all objects but Events.
    pub fn look(&mut self, lab: &Lab) -> Result<(), String> {
        let store = lab.cluster().api().store();
        let mut versions = BTreeSet::new();
        let mut uids = BTreeSet::new();
        for object in KINDS.iter().filter(|k| k.kind != Kind::Event).flat_map(|k| store.list(k.kind, None)) {
            let (meta, what) = (object.meta(), name(object));
            let version: u64 = meta.resource_version.parse().map_err(|_| format!("{what}: no resourceVersion"))?;
            if version > store.version() || !versions.insert(version) {
                return Err(format!("{what}: resourceVersion {version} is not its own (the store is at {})", store.version()));
            }
            if meta.uid.is_empty() || !uids.insert(meta.uid.clone()) {
                return Err(format!("{what}: uid {:?} is not its own", meta.uid));
            }
            let observed = observed_generation(object).unwrap_or(0);
            if observed > meta.generation {
                return Err(format!("{what}: generation {observed} was observed, but it is {}", meta.generation));
            }
            let seen = Seen { what: what.clone(), version, generation: meta.generation };
            let Some(before) = self.objects.insert(meta.uid.clone(), seen) else { continue };
            if before.what != what {
                return Err(format!("{what}: its uid was that of {}", before.what));
            }
            if before.version > version || before.generation > meta.generation {
                return Err(format!(
                    "{what}: from version {} to {version}, generation {} to {}",
                    before.version, before.generation, meta.generation
                ));
            }
        }
        Ok(())
    }
}

fn observed_generation(object: &Object) -> Option<i64> {
    match object {
        Object::Deployment(d) => Some(d.status.observed_generation),
        Object::ReplicaSet(rs) => Some(rs.status.observed_generation),
        _ => None,
    }
}
