//! A Job of completion mode Indexed: every Pod has one of the numbers 0 to completions − 1, and each number has to end well once.
//!
//! Source: `pkg/controller/job/indexed_job_utils.go`. Left out: back-off limits for each index, success policies.

use super::pod_of;
use crate::api::Pod;
use crate::api::batch::Job;
use crate::api::pod::EnvVar;
use serde_json::json;
use std::collections::BTreeSet;
use std::rc::Rc;

/// The label and the annotation that hold a Pod's number.
const INDEX: &str = "batch.kubernetes.io/job-completion-index";

/// The variable that tells it to a Pod's containers.
const VARIABLE: &str = "JOB_COMPLETION_INDEX";

/// Whether the Job's Pods are numbered.
pub fn is_indexed(job: &Job) -> bool {
    job.spec.completion_mode.as_deref() == Some("Indexed")
}

/// The number of a Pod, if it has one that the Job wants.
fn index_of(pod: &Pod, completions: i32) -> Option<i32> {
    let index = pod.meta.annotations.get(INDEX)?.parse().ok()?;
    (0..completions).contains(&index).then_some(index)
}

/// The numbers that have ended well: those that the status tells of, and those of Pods that have.
pub fn completed(job: &Job, pods: &[Rc<Pod>], completions: i32) -> BTreeSet<i32> {
    let told = read(&job.status.completed_indexes);
    let ended = pods.iter().filter(|pod| pod.status.phase == "Succeeded").filter_map(|pod| index_of(pod, completions));
    told.into_iter().filter(|index| *index < completions).chain(ended).collect()
}

/// Pods for the lowest `count` numbers that neither have ended well nor have a Pod.
pub fn new_pods(job: &Job, pods: &[Rc<Pod>], active: &[Rc<Pod>], count: usize, completions: i32) -> Vec<Pod> {
    let mut taken = completed(job, pods, completions);
    taken.extend(active.iter().filter_map(|pod| index_of(pod, completions)));
    (0..completions).filter(|index| !taken.contains(index)).take(count).map(|index| pod_of_index(job, index)).collect()
}

/// The Pod of a number, which it has in its name, host name, label, annotation and variable.
fn pod_of_index(job: &Job, index: i32) -> Pod {
    let mut pod = pod_of(job, &job.spec.template);
    let name = &job.meta.name;
    pod.meta.generate_name = format!("{name}-{index}-");
    pod.spec.hostname = format!("{name}-{index}");
    pod.meta.labels.insert(INDEX.into(), index.to_string());
    pod.meta.annotations.insert(INDEX.into(), index.to_string());
    for container in pod.spec.init_containers.iter_mut().chain(&mut pod.spec.containers) {
        if container.env.iter().all(|var| var.name != VARIABLE) {
            let source = json!({"fieldRef": {"fieldPath": format!("metadata.labels['{INDEX}']")}});
            container.env.push(EnvVar { name: VARIABLE.into(), value: String::new(), value_from: Some(source) });
        }
    }
    pod
}

/// Numbers as a status holds them: `0,2-5`; two that follow each other as `1,2`.
pub fn write(indexes: &BTreeSet<i32>) -> String {
    let mut spans: Vec<(i32, i32)> = vec![];
    for index in indexes {
        match spans.last_mut() {
            Some((_, last)) if *last + 1 == *index => *last = *index,
            _ => spans.push((*index, *index)),
        }
    }
    let words = spans.iter().map(|(first, last)| match last - first {
        0 => first.to_string(),
        1 => format!("{first},{last}"),
        _ => format!("{first}-{last}"),
    });
    words.collect::<Vec<_>>().join(",")
}

fn read(text: &str) -> BTreeSet<i32> {
    let span = |word: &str| {
        let (first, last) = word.split_once('-').unwrap_or((word, word));
        Some(first.parse::<i32>().ok()?..=last.parse::<i32>().ok()?)
    };
    text.split(',').filter_map(span).flatten().collect()
}
