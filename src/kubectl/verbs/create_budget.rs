//! `kubectl create poddisruptionbudget` and `kubectl create job` (`…/cmd/create/create_{pdb,job}.go`).

use super::create::{MAKE, make};
use crate::api::Kind;
use crate::kubectl::cx::Cx;
use crate::kubectl::failure::Failure;
use crate::kubectl::flags::{self, CHANGE, Flag, PRINT, Takes};
use crate::kubectl::generate::{BudgetArgs, budget, job};

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
    if flags.has("from") {
        return Err(Failure::error("the lab has no CronJobs to make a Job from"));
    }
    let command = flags.rest.clone().unwrap_or_default();
    let value = job(&flags.words, &flags.text("image"), command, &flags.text("namespace")).map_err(Failure::error)?;
    make(cx, &flags, Kind::Job, &value, "failed to create job:")
}
