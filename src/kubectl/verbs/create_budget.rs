//! `kubectl create poddisruptionbudget` and `kubectl create job` (`…/cmd/create/create_{pdb,job}.go`).

use super::create::{MAKE, make};
use crate::api::Kind;
use crate::kubectl::cx::Cx;
use crate::kubectl::failure::Failure;
use crate::kubectl::flags::{self, CHANGE, Flag, PRINT, Parsed, Takes};
use crate::kubectl::generate::{BudgetArgs, budget, job};
use crate::kubectl::resources;
use serde_json::json;

const OWN: &[Flag] =
    &[Flag("selector", None, Takes::Text), Flag("min-available", None, Takes::Text), Flag("max-unavailable", None, Takes::Text)];

/// `kubectl create poddisruptionbudget`.
pub(super) fn create_budget(cx: &mut Cx, args: &[String]) -> Result<(), Failure> {
    let flags =
        flags::parse(args, &[PRINT, CHANGE, MAKE, OWN]).map_err(|why| Failure::usage("create poddisruptionbudget", &why))?;
    let args = BudgetArgs {
        names: flags.words.clone(),
        selector: flags.text("selector"),
        min_available: flags.text("min-available"),
        max_unavailable: flags.text("max-unavailable"),
        namespace: flags.text("namespace"),
    };
    let value = budget(&args).map_err(Failure::error)?;
    make(cx, &flags, Kind::PodDisruptionBudget, &value, "failed to create poddisruptionbudgets:")
}

/// `kubectl create job`.
pub(super) fn create_job(cx: &mut Cx, args: &[String]) -> Result<(), Failure> {
    const IMAGE: &[Flag] = &[Flag("image", None, Takes::Text), Flag("from", None, Takes::Text)];
    let flags = flags::parse(args, &[PRINT, CHANGE, MAKE, IMAGE]).map_err(|why| Failure::usage("create job", &why))?;
    if let Some(from) = flags.get("from").filter(|from| !from.is_empty()) {
        return from_cron_job(cx, &flags, from);
    }
    let command = flags.rest.clone().unwrap_or_default();
    let value = job(&flags.words, &flags.text("image"), command, &flags.text("namespace")).map_err(Failure::error)?;
    make(cx, &flags, Kind::Job, &value, "failed to create job:")
}

/// `--from=cronjob/NAME`: what the CronJob would start, at once.
fn from_cron_job(cx: &mut Cx, flags: &Parsed, from: &str) -> Result<(), Failure> {
    let [name] = flags.words.as_slice() else {
        let text = format!("exactly one NAME is required, got {}", flags.words.len());
        return Err(Failure::help("create job", &text));
    };
    let (kind, source) = from.split_once('/').ok_or_else(|| Failure::error("from must be an existing cronjob"))?;
    if resources::kind(kind)? != Kind::CronJob {
        return Err(Failure::error("from must be an existing cronjob"));
    }
    let cron_job = cx.get(Kind::CronJob, &cx.namespace(flags), source)?.to_value();
    let (meta, template) = (&cron_job["metadata"], &cron_job["spec"]["jobTemplate"]);
    let owner = json!({
        "apiVersion": "batch/v1", "controller": true, "kind": "CronJob", "name": meta["name"], "uid": meta["uid"],
    });
    let mut job = json!({
        "apiVersion": "batch/v1", "kind": "Job", "spec": template["spec"], "status": {},
        "metadata": {
            "annotations": {"cronjob.kubernetes.io/instantiate": "manual"}, "name": name, "namespace": meta["namespace"],
            "ownerReferences": [owner],
        },
    });
    if template["metadata"]["labels"].is_object() {
        job["metadata"]["labels"] = template["metadata"]["labels"].clone();
    }
    make(cx, flags, Kind::Job, &job, "failed to create job:")
}
