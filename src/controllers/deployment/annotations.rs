//! What a Deployment notes on its ReplicaSets: revision, earlier revisions, sizes, and its own annotations.
//!
//! Source: `pkg/controller/deployment/util/deployment_util.go`.

use super::fenceposts::{max_surge, replicas};
use crate::api::well_known::{DESIRED_REPLICAS, MAX_REPLICAS, REVISION, REVISION_HISTORY, is_private};
use crate::api::{Deployment, ReplicaSet};
use std::rc::Rc;

/// The history annotation is kept below this many characters.
const HISTORY_LIMIT: usize = 2000;

/// The revision of a ReplicaSet (0 when it has none, `None` when it is no number).
pub fn revision(rs: &ReplicaSet) -> Option<i64> {
    rs.meta.annotations.get(REVISION).map_or(Some(0), |text| text.parse().ok())
}

/// The highest revision.
pub fn max_revision(replica_sets: &[Rc<ReplicaSet>]) -> i64 {
    replica_sets.iter().filter_map(|rs| revision(rs)).max().unwrap_or(0).max(0)
}

/// A number noted on a ReplicaSet (32-bit).
pub fn number(rs: &ReplicaSet, annotation: &str) -> Option<i32> {
    rs.meta.annotations.get(annotation).and_then(|text| text.parse::<i64>().ok()).map(|n| n as i32)
}

/// Notes the Deployment's annotations, the revision and, on a ReplicaSet that is about to be created, the sizes.
/// Returns whether anything changed.
pub fn set_on_new(deployment: &Deployment, rs: &mut ReplicaSet, new_revision: i64, exists: bool) -> bool {
    let mut changed = copy_annotations(deployment, rs);
    let noted = rs.meta.annotations.get(REVISION).cloned();
    let Some(old_revision) = revision(rs) else { return false };
    if old_revision < new_revision {
        rs.meta.annotations.insert(REVISION.into(), new_revision.to_string());
        changed = true;
        if let Some(noted) = noted {
            remember_revision(rs, noted);
        }
    }
    if !exists {
        changed |= set_sizes(deployment, rs);
    }
    changed
}

fn copy_annotations(deployment: &Deployment, rs: &mut ReplicaSet) -> bool {
    let mut changed = false;
    for (key, value) in deployment.meta.annotations.iter().filter(|(key, _)| !is_private(key)) {
        if rs.meta.annotations.get(key) != Some(value) {
            rs.meta.annotations.insert(key.clone(), value.clone());
            changed = true;
        }
    }
    changed
}

/// Appends a revision that the ReplicaSet had; the oldest give way when the list grows too long.
fn remember_revision(rs: &mut ReplicaSet, revision: String) {
    let history = rs.meta.annotations.entry(REVISION_HISTORY.into()).or_default();
    if history.is_empty() {
        *history = revision;
        return;
    }
    *history = format!("{history},{revision}");
    while history.len() > HISTORY_LIMIT {
        let Some((_, rest)) = history.split_once(',') else { break };
        *history = rest.to_string();
    }
}

fn sizes(deployment: &Deployment) -> [(&'static str, String); 2] {
    let desired = replicas(deployment);
    [(DESIRED_REPLICAS, desired.to_string()), (MAX_REPLICAS, desired.saturating_add(max_surge(deployment)).to_string())]
}

/// Notes the Deployment's sizes. Returns whether anything changed.
pub fn set_sizes(deployment: &Deployment, rs: &mut ReplicaSet) -> bool {
    let mut changed = false;
    for (key, value) in sizes(deployment) {
        if rs.meta.annotations.get(key) != Some(&value) {
            rs.meta.annotations.insert(key.into(), value);
            changed = true;
        }
    }
    changed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reused_replica_set_remembers_its_revisions() {
        let (deployment, mut rs) = (Deployment::default(), ReplicaSet::default());
        for (revision, history) in [(1, None), (3, Some("1")), (5, Some("1,3"))] {
            assert!(set_on_new(&deployment, &mut rs, revision, true));
            assert_eq!(rs.meta.annotations.get(REVISION_HISTORY).map(String::as_str), history);
        }
        assert!(!set_on_new(&deployment, &mut rs, 4, true));
        for revision in 6..2000 {
            set_on_new(&deployment, &mut rs, revision, true);
        }
        let history = &rs.meta.annotations[REVISION_HISTORY];
        assert!(history.len() <= 2000 && history.ends_with(",1998"), "{history}");
    }
}
