//! HorizontalPodAutoscaler and CronJob: bounds, references, and when a CronJob runs.
//!
//! Sources: `pkg/apis/{autoscaling,batch}/validation/validation.go`; what is wrong with a schedule in the words of its parser.

use super::field::FieldError;
use super::workloads::job_spec;
use crate::api::batch::JobSpec;
use crate::api::plain::{Plain, typed};

pub(super) fn autoscaler(plain: &Plain, errors: &mut Vec<FieldError>) {
    for field in ["kind", "name"] {
        if plain.at(&["spec", "scaleTargetRef", field]).as_str().is_none_or(str::is_empty) {
            errors.push(FieldError::required(format!("spec.scaleTargetRef.{field}"), ""));
        }
    }
    let least = plain.at(&["spec", "minReplicas"]).as_i64();
    if let Some(least) = least.filter(|n| *n < 1) {
        errors.push(FieldError::invalid("spec.minReplicas", &least, "must be greater than or equal to 1"));
    }
    let most = plain.at(&["spec", "maxReplicas"]).as_i64().unwrap_or(0);
    if most < 1 {
        errors.push(FieldError::invalid("spec.maxReplicas", &most, "must be greater than 0"));
    }
    if least.is_some_and(|least| most < least) {
        errors.push(FieldError::invalid("spec.maxReplicas", &most, "must be greater than or equal to `minReplicas`"));
    }
}

pub(super) fn cron_job(plain: &Plain, errors: &mut Vec<FieldError>) {
    match plain.at(&["spec", "schedule"]).as_str() {
        None | Some("") => errors.push(FieldError::required("spec.schedule", "")),
        Some(schedule) => {
            if let Err(why) = parse(schedule) {
                errors.push(FieldError::invalid("spec.schedule", schedule, why));
            }
        }
    }
    let policy = plain.at(&["spec", "concurrencyPolicy"]).as_str().unwrap_or("Allow");
    let policies = ["Allow", "Forbid", "Replace"];
    if !policies.contains(&policy) {
        errors.push(FieldError::not_supported("spec.concurrencyPolicy", policy, &policies));
    }
    let spec: JobSpec = typed(plain.at(&["spec", "jobTemplate", "spec"]));
    job_spec(&spec, "spec.jobTemplate.spec", errors);
}

/// The fields of a schedule, with their bounds and names.
const FIELDS: [(i64, i64, &[&str]); 5] = [
    (0, 59, &[]),
    (0, 23, &[]),
    (1, 31, &[]),
    (1, 12, &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]),
    (0, 6, &["sun", "mon", "tue", "wed", "thu", "fri", "sat"]),
];

/// Whether a schedule can be read; what its parser says if not.
fn parse(schedule: &str) -> Result<(), String> {
    if schedule.starts_with('@') {
        let known = ["@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"];
        let known = known.contains(&schedule) || schedule.starts_with("@every ");
        return if known { Ok(()) } else { Err(format!("unrecognized descriptor: {schedule}")) };
    }
    let fields: Vec<&str> = schedule.split_whitespace().collect();
    if fields.len() != FIELDS.len() {
        return Err(format!("expected exactly 5 fields, found {}: [{}]", fields.len(), fields.join(" ")));
    }
    fields
        .iter()
        .zip(FIELDS)
        .try_for_each(|(field, bounds)| field.split(',').filter(|part| !part.is_empty()).try_for_each(|part| range(part, bounds)))
}

fn range(text: &str, (min, max, names): (i64, i64, &[&str])) -> Result<(), String> {
    let (span, step) = match text.split('/').collect::<Vec<_>>()[..] {
        [span] => (span, None),
        [span, step] => (span, Some(step)),
        _ => return Err(format!("too many slashes: {text}")),
    };
    let value = |word: &str| match names.iter().position(|name| word.eq_ignore_ascii_case(name)) {
        Some(at) => Ok(at as i64 + min),
        None => number(word),
    };
    let (start, end) = match span.split('-').collect::<Vec<_>>()[..] {
        ["*" | "?", ..] => (min, max),
        [one] => (value(one)?, if step.is_some() { max } else { value(one)? }),
        [start, end] => (value(start)?, value(end)?),
        _ => return Err(format!("too many hyphens: {text}")),
    };
    let step = step.map_or(Ok(1), number)?;
    if start < min {
        return Err(format!("beginning of range ({start}) below minimum ({min}): {text}"));
    }
    if end > max {
        return Err(format!("end of range ({end}) above maximum ({max}): {text}"));
    }
    if start > end {
        return Err(format!("beginning of range ({start}) beyond end of range ({end}): {text}"));
    }
    if step == 0 { Err(format!("step of range should be a positive number: {text}")) } else { Ok(()) }
}

fn number(word: &str) -> Result<i64, String> {
    match word.parse::<i64>() {
        Ok(number) if number < 0 => Err(format!("negative number ({number}) not allowed: {word}")),
        Ok(number) => Ok(number),
        Err(_) => Err(format!("failed to parse int from {word}: strconv.Atoi: parsing {word:?}: invalid syntax")),
    }
}
