//! Which Pods of a Job have ended, and how. Kubernetes holds each Pod by a finalizer until it has been counted; here the
//! controller remembers, because a Pod that is deleted is gone at once.

use crate::api::Pod;
use crate::api::batch::Job;
use std::collections::BTreeSet;
use std::rc::Rc;

/// After a first failure the next Pod waits this long, and twice as long after each further one.
const BACKOFF: i64 = 10;
/// At most this long.
const BACKOFF_MOST: i64 = 600;

/// The Pods of one Job that have been counted.
#[derive(Clone, Debug, Default)]
pub struct Counted {
    job: String,
    succeeded: BTreeSet<String>,
    failed: BTreeSet<String>,
    /// Failures since the last Pod that ended well.
    failures: u32,
    last_failure: i64,
}

impl Counted {
    /// Counts what has ended. A Pod that is deleted before it ends has failed, too.
    pub fn count(&mut self, job: &Job, pods: &[Rc<Pod>]) {
        if self.job != job.meta.uid {
            *self = Counted { job: job.meta.uid.clone(), ..Counted::default() };
        }
        for pod in pods {
            let uid = &pod.meta.uid;
            if self.succeeded.contains(uid) || self.failed.contains(uid) {
                continue;
            }
            if pod.status.phase == "Succeeded" {
                self.succeeded.insert(uid.clone());
                self.failures = 0;
            } else if pod.status.phase == "Failed" || pod.meta.is_deleting() {
                self.failed.insert(uid.clone());
                // A suspended Job takes its own Pods away.
                if job.spec.suspend != Some(true) {
                    self.failures += 1;
                    self.last_failure = self.last_failure.max(end_of(pod));
                }
            }
        }
    }

    /// How many ended well.
    pub fn succeeded(&self) -> i32 {
        self.succeeded.len() as i32
    }

    /// How many did not.
    pub fn failed(&self) -> i32 {
        self.failed.len() as i32
    }

    /// How many seconds the next Pod has to wait.
    pub fn wait(&self, clock: i64) -> i64 {
        match self.failures {
            0 => 0,
            n => self.last_failure + BACKOFF.saturating_mul(1 << (n - 1).min(16)).min(BACKOFF_MOST) - clock,
        }
    }
}

/// When the last container of a Pod ended, or its deletion was asked for.
fn end_of(pod: &Pod) -> i64 {
    let ended = pod.status.container_statuses.iter().filter_map(|c| c.state.terminated.as_ref()).map(|t| t.finished_at.0).max();
    let asked = pod.meta.deletion_timestamp.map(|at| at.0 - pod.meta.deletion_grace_period_seconds.unwrap_or(0));
    ended.or(asked).unwrap_or(pod.meta.creation_timestamp.0)
}
