//! `kubectl drain`: nothing new comes to the node, what is there is evicted; then it waits until all of it is gone.
//!
//! Source: `staging/src/k8s.io/kubectl/pkg/drain/{drain,filters}.go`, `…/cmd/drain/drain.go`.

mod draining;
mod filters;

pub use draining::Draining;

use super::cordon;
use super::create::DryRun;
use crate::api::selector::Selector;
use crate::kubectl::cx::Cx;
use crate::kubectl::failure::Failure;
use crate::kubectl::flags::{self, Flag, Flags, Parsed, Takes};
use crate::kubectl::wait::Wait;
use crate::time::Nanos;

pub(super) const FLAGS: Flags = &[&[
    Flag("force", None, Takes::Bool),
    Flag("ignore-daemonsets", None, Takes::Bool),
    Flag("delete-emptydir-data", None, Takes::Bool),
    Flag("grace-period", None, Takes::Int),
    Flag("timeout", None, Takes::Duration),
    Flag("selector", Some('l'), Takes::Text),
    Flag("pod-selector", None, Takes::Text),
    Flag("disable-eviction", None, Takes::Bool),
    Flag("skip-wait-for-delete-timeout", None, Takes::Int),
    Flag("chunk-size", None, Takes::Int),
    Flag("dry-run", None, Takes::Optional("unchanged")),
]];

/// What the flags say.
#[derive(Clone, Debug, PartialEq)]
struct Options {
    force: bool,
    ignore_daemon_sets: bool,
    delete_local_data: bool,
    evict: bool,
    grace: Option<i64>,
    timeout: Option<Nanos>,
    /// A Pod that was asked to go longer ago than this (seconds) is not waited for; 0: all are.
    skip_after: i64,
    pods: Option<Selector>,
    dry: DryRun,
}

/// `kubectl drain`.
pub fn drain(cx: &mut Cx, args: &[String]) -> Result<(), Failure> {
    let flags = flags::parse(args, FLAGS).map_err(|why| Failure::usage("drain", &why))?;
    let nodes = cordon::nodes(cx, &flags, "drain")?;
    let options = options(&flags)?;
    cordon::set_all(cx, &nodes, true, options.dry)?;
    let now = cx.backend.read().now();
    let draining = Draining::new(options, nodes, now);
    cx.wait = Some(Wait::Drain(draining));
    Ok(())
}

fn options(flags: &Parsed) -> Result<Options, Failure> {
    let pods = match flags.get("pod-selector") {
        Some(text) => Some(
            Selector::parse(text).map_err(|_| Failure::error("--pod-selector=<pod_selector> must be a valid label selector"))?,
        ),
        None => None,
    };
    Ok(Options {
        force: flags.on("force"),
        ignore_daemon_sets: flags.on("ignore-daemonsets"),
        delete_local_data: flags.on("delete-emptydir-data"),
        evict: !flags.on("disable-eviction"),
        grace: flags.int("grace-period").filter(|g| *g >= 0),
        timeout: flags.span("timeout").filter(|t| *t > 0).and_then(|t| u64::try_from(t).ok()),
        skip_after: flags.int("skip-wait-for-delete-timeout").unwrap_or(0),
        pods,
        dry: DryRun::of(flags)?,
    })
}
