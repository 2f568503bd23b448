//! The Job controller: Pods that run to their end, as many times as wanted.
//!
//! Promises: it never acts on a cache that does not show its own last step. Source: `pkg/controller/job/job_controller.go`.
//! Left out: finalizers on Pods, Pod failure policies.

mod counted;
mod indexed_job_utils;

use super::hands::{Hands, pod_of};
use super::owners::controller_key;
use super::replicaset::{BURST, Expectations};
use super::{Cache, Context, Controller, Outcome, WorkQueue};
use crate::api::batch::{Job, JobCondition, JobStatus};
use crate::api::{Key, Kind, Pod};
use crate::apiserver::{Change, DeleteOptions, Status};
use crate::time::{Nanos, SECOND};
use counted::Counted;
use std::collections::BTreeMap;
use std::rc::Rc;

/// The Job controller.
#[derive(Clone, Debug, Default)]
pub struct JobController {
    seen: Expectations,
    counted: BTreeMap<Key, Counted>,
}

impl Controller for JobController {
    fn component(&self) -> &'static str {
        "job-controller"
    }

    fn max_retries(&self) -> Option<u32> {
        None
    }

    fn observe(&mut self, change: &Change, _cache: &Cache, queue: &mut WorkQueue, now: Nanos) {
        match change.kind() {
            Kind::Job => queue.add(change.object().key(), now),
            Kind::Pod => {
                if let Some((key, _)) = controller_key(change.object().meta(), Kind::Job) {
                    queue.add(key, now);
                }
            }
            _ => {}
        }
    }

    fn sync(&mut self, key: &Key, context: &mut Context) -> Outcome {
        let Some(job) = context.cache.get::<Job>(key).cloned() else {
            self.seen.forget(key);
            self.counted.remove(key);
            return Outcome::Done;
        };
        if !self.seen.caught_up(key, context.cache) {
            return Outcome::Retry("the cache does not show the last step yet".into());
        }
        if job.is_finished() {
            return expire(key, &job, context);
        }
        if job.meta.is_deleting() {
            return Outcome::Done;
        }
        let mut hands = Hands { owner: &*job, key, seen: &mut self.seen };
        match work(&mut hands, self.counted.entry(key.clone()).or_default(), context) {
            Ok(wait) => wait.map_or(Outcome::Done, |seconds| Outcome::After(seconds.max(1) as u64 * SECOND)),
            Err(status) => Outcome::Retry(status.message),
        }
    }
}

/// A finished Job goes when its time is over (the TTL controller's work).
fn expire(key: &Key, job: &Job, context: &mut Context) -> Outcome {
    let Some(ttl) = job.spec.ttl_seconds_after_finished else { return Outcome::Done };
    let ended = job.status.conditions.iter().filter(|c| Job::ends(c)).map(|c| c.last_transition_time.0).max().unwrap_or(0);
    let left = ended + i64::from(ttl) - context.clock.0;
    if left > 0 {
        return Outcome::After(left as u64 * SECOND);
    }
    match context.api.delete(Kind::Job, key, &DeleteOptions { uid: Some(job.meta.uid.clone()), ..DeleteOptions::default() }) {
        Err(status) if status.code != 404 => Outcome::Retry(status.message),
        _ => Outcome::Done,
    }
}

/// One step. Returns after how many seconds the next one is due without a change.
fn work(hands: &mut Hands<Job>, counted: &mut Counted, context: &mut Context) -> Result<Option<i64>, Status> {
    let (job, clock) = (hands.owner, context.clock);
    let pods = context.cache.owned_by::<Pod>(&job.meta.namespace, &job.meta.uid);
    let active: Vec<Rc<Pod>> = pods.iter().filter(|pod| pod.is_active()).cloned().collect();
    counted.count(job, &pods);
    let mut status = JobStatus {
        active: active.len() as i32,
        ready: Some(active.iter().filter(|pod| pod.is_ready()).count() as i32),
        terminating: Some(pods.iter().filter(|pod| pod.meta.is_deleting() && !pod.is_terminal()).count() as i32),
        succeeded: job.status.succeeded.max(counted.succeeded()),
        failed: job.status.failed.max(counted.failed()),
        // Pods are counted as soon as they are seen to have ended.
        uncounted_terminated_pods: Some(serde_json::json!({})),
        ..job.status.clone()
    };
    if indexed_job_utils::is_indexed(job) {
        let done = indexed_job_utils::completed(job, &pods, job.spec.completions.unwrap_or(0));
        status.succeeded = done.len() as i32;
        status.completed_indexes = indexed_job_utils::write(&done);
    }
    let suspended = job.spec.suspend == Some(true);
    if status.start_time.is_none() && !suspended {
        status.start_time = Some(clock);
    }
    let (limit, deadline) = (job.spec.backoff_limit.unwrap_or(6), job.spec.active_deadline_seconds);
    let restarts: i32 = active
        .iter()
        .filter(|pod| pod.spec.restart_policy == "OnFailure")
        .flat_map(|pod| &pod.status.container_statuses)
        .map(|c| c.restart_count)
        .sum();
    let age = status.start_time.map_or(0, |start| clock.0 - start.0);
    let target = job.status.conditions.iter().find(|c| c.type_ == "FailureTarget");
    let failure = if let Some(target) = target {
        Some((&*target.reason, &*target.message))
    } else if status.failed > limit || (restarts > 0 && restarts >= limit) {
        Some(("BackoffLimitExceeded", "Job has reached the specified backoff limit"))
    } else if deadline.is_some_and(|deadline| age >= deadline) {
        Some(("DeadlineExceeded", "Job was active longer than specified deadline"))
    } else {
        None
    };
    let complete = match job.spec.completions {
        Some(wanted) => status.succeeded >= wanted,
        None => status.succeeded > 0 && active.is_empty(),
    };
    let deleted = |name: &str| format!("Deleted pod: {name}");
    let mut wait = deadline.map(|deadline| deadline - age).filter(|left| *left > 0);
    if let Some((reason, message)) = failure {
        active.iter().try_for_each(|pod| hands.delete(context, pod, deleted))?;
        give_up(&mut status, active.len() as i32, reason, message, context);
        if status.conditions.iter().any(Job::ends) {
            context.recorder.note(context.api, job, "Warning", reason, message.into());
        }
    } else if complete {
        let message = "Reached expected number of succeeded pods";
        finish(&mut status, ["SuccessCriteriaMet", "Complete"], "CompletionsReached", message, context);
        status.completion_time = Some(clock);
        context.recorder.note(context.api, job, "Normal", "Completed", "Job completed".into());
    } else {
        let next = manage(hands, counted, &pods, &active, &status, context)?;
        wait = wait.into_iter().chain(next).min();
        suspend(&mut status, job, suspended, context);
    }
    if status != job.status {
        hands.write_status(context, Job { status, ..Job::clone(job) })?;
    }
    Ok(wait)
}

/// Starts Pods or ends them, so that as many are active as should be. Returns when to look again after a failure.
fn manage(
    hands: &mut Hands<Job>,
    counted: &Counted,
    pods: &[Rc<Pod>],
    active: &[Rc<Pod>],
    status: &JobStatus,
    context: &mut Context,
) -> Result<Option<i64>, Status> {
    let job = hands.owner;
    let parallel = job.spec.parallelism.unwrap_or(1).max(0);
    let wanted = match job.spec.completions {
        _ if job.spec.suspend == Some(true) => 0,
        Some(completions) => parallel.min(completions - status.succeeded),
        None if status.succeeded > 0 => active.len() as i32,
        None => parallel,
    };
    let missing = wanted - active.len() as i32;
    for pod in active.iter().take(usize::try_from(-missing).unwrap_or(0)) {
        hands.delete(context, pod, |name| format!("Deleted pod: {name}"))?;
    }
    if missing <= 0 {
        return Ok(None);
    }
    let left = counted.wait(context.clock.0);
    if left > 0 {
        return Ok(Some(left));
    }
    let count = missing.min(BURST as i32) as usize;
    let new = match job.spec.completions.filter(|_| indexed_job_utils::is_indexed(job)) {
        Some(completions) => indexed_job_utils::new_pods(job, pods, active, count, completions),
        None => {
            let mut pod = pod_of(job, &job.spec.template);
            pod.meta.generate_name = format!("{}-", job.meta.name);
            vec![pod; count]
        }
    };
    for pod in new {
        hands.create(context, pod, |name| format!("Created pod: {name}"))?;
    }
    // More than one burst: the rest follows at once.
    Ok((missing > BURST as i32).then_some(1))
}

fn condition(type_: &str, status: &str, reason: &str, message: &str, context: &Context) -> JobCondition {
    JobCondition {
        type_: type_.into(),
        status: status.into(),
        last_probe_time: context.clock,
        last_transition_time: context.clock,
        reason: reason.into(),
        message: message.into(),
    }
}

/// The Job's Pods are being taken away; when the last has ended the Job has failed.
fn give_up(status: &mut JobStatus, deleted: i32, reason: &str, message: &str, context: &Context) {
    let terminating = status.terminating.unwrap_or(0) + deleted;
    (status.active, status.ready, status.terminating) = (0, Some(0), Some(terminating));
    status.failed += deleted;
    let known = status.conditions.iter().any(|c| c.type_ == "FailureTarget");
    let mut add = |type_: &str| status.conditions.push(condition(type_, "True", reason, message, context));
    if !known {
        add("FailureTarget");
    }
    if terminating == 0 {
        add("Failed");
    }
}

fn finish(status: &mut JobStatus, types: [&str; 2], reason: &str, message: &str, context: &Context) {
    status.conditions.extend(types.map(|type_| condition(type_, "True", reason, message, context)));
    (status.active, status.ready) = (0, Some(0));
}

/// Notes that the Job was suspended or goes on.
fn suspend(status: &mut JobStatus, job: &Job, suspended: bool, context: &mut Context) {
    let known = status.conditions.iter().position(|c| c.type_ == "Suspended");
    let is = known.is_some_and(|at| status.conditions[at].status == "True");
    if is == suspended {
        return;
    }
    let (word, reason, message) = match suspended {
        true => ("True", "JobSuspended", "Job suspended"),
        false => ("False", "JobResumed", "Job resumed"),
    };
    let new = condition("Suspended", word, reason, message, context);
    match known {
        Some(at) => status.conditions[at] = new,
        None => status.conditions.push(new),
    }
    if suspended {
        status.start_time = None;
    }
    let event = if suspended { "Suspended" } else { "Resumed" };
    context.recorder.note(context.api, job, "Normal", event, message.into());
}
