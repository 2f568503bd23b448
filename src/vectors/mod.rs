//! Recorded answers of Kubernetes' own functions, held against ours: `ksl vectors` and the tests run them through this room.
//!
//! Promises: every case of a file is run and counts as passed or failed, none is left out; a case that cannot be read is a failed
//! case with a reason, never a panic; a value that the server picks at random equals any value, the same name the same value.
//! Native only: the page has no vectors. Must not know: a running cluster, the lab, the screen.
//! The formats are described in `tests/golden/vectors/README.md`.

mod admit;
mod bands;
mod bench;
mod categorize;
mod compare;
mod deletion_rank;
mod endpoints;
mod input;
mod names;
mod print;
pub mod proxy;
mod report;
mod rollout_math;
mod rollout_status;
mod rollout_traces;
mod services;
mod slices;
mod slices_compare;
mod workloads;

pub use compare::Difference;
pub use report::{Outcome, Report};

use compare::Comparison;
use serde_json::Value;

/// Runs one case of a file and notes every difference. An `Err` says why the case could not be run.
type Runner = fn(file: &Value, case: &Value, found: &mut Comparison) -> Result<(), String>;

/// A kind of vector file: the name that its files begin with, the function that it says it recorded, and who runs its cases.
struct Format {
    name: &'static str,
    function: &'static str,
    run: Runner,
}

const fn format(name: &'static str, function: &'static str, run: Runner) -> Format {
    Format { name, function, run }
}

const FORMATS: &[Format] = &[
    format("categorize-endpoints", "pkg/proxy.CategorizeEndpoints", categorize::run),
    format(
        "deployment-validation",
        "registry/apps/deployment: decode (strict), defaulting, strategy validation",
        workloads::validation,
    ),
    format("describe", "k8s.io/kubectl/pkg/describe", print::description),
    format("endpoints-controller", "pkg/controller/endpoint (*Controller).syncService", endpoints::controller),
    format(
        "endpoints-validation",
        "registry/discovery/endpointslice and registry/core/endpoint: decode (strict), defaulting, strategy validation",
        workloads::validation,
    ),
    format("endpointslice-mirroring", "pkg/controller/endpointslicemirroring (*Controller).syncEndpoints", endpoints::mirroring),
    format("endpointslice-reconcile", "k8s.io/endpointslice.(*Reconciler).Reconcile", slices::run),
    format("human-duration", "k8s.io/apimachinery/pkg/util/duration.HumanDuration / ShortHumanDuration", print::human_duration),
    format("ip-port-bands", "pkg/registry/core/service/ipallocator, portallocator", bands::run),
    format("iptables-rules", "pkg/proxy/iptables.(*Proxier).syncProxyRules", proxy::iptables),
    format(
        "label-selectors",
        "k8s.io/apimachinery/pkg/labels.Parse, metav1.LabelSelectorAsSelector, metav1.FormatLabelSelector",
        names::selectors,
    ),
    format("names-and-labels", "k8s.io/apimachinery/pkg/util/validation.* and resource.ParseQuantity", names::rules),
    format("nftables-rules", "pkg/proxy/nftables.(*Proxier).syncProxyRules", proxy::nftables),
    format("pod-deletion-rank", "pkg/controller.ActivePodsWithRanks", deletion_rank::run),
    format("print-rows", "pkg/printers/internalversion through the server-side table generator", print::row),
    format(
        "rollout-math",
        "pkg/controller/deployment and pkg/controller/deployment/util (see \"call\" of each case)",
        rollout_math::run,
    ),
    format(
        "rollout-status",
        "k8s.io/kubectl/pkg/polymorphichelpers DeploymentStatusViewer.Status, DeploymentHistoryViewer.ViewHistory",
        rollout_status::run,
    ),
    format(
        "rollout-traces",
        "pkg/controller/deployment syncDeployment + pkg/controller/replicaset syncReplicaSet in a loop",
        rollout_traces::run,
    ),
    format("service-defaults", "v1 defaulting + allocation of a new Service", services::defaults),
    format(
        "service-validation",
        "registry/core/service: decode (strict), defaulting, allocation, strategy validation",
        services::validation,
    ),
    format("table-printer", "k8s.io/cli-runtime/pkg/printers.NewTablePrinter(...).PrintObj(*metav1.Table)", print::table_text),
];

/// The format of a file: by the function that it names, or else by its own name (without folder), whichever begins like it.
fn format_of(name: &str, file: &Value) -> Option<&'static Format> {
    let by_name = || FORMATS.iter().filter(|f| name.starts_with(f.name)).max_by_key(|f| f.name.len());
    FORMATS.iter().find(|f| file["function"] == f.function).or_else(by_name)
}

/// Runs all cases of a vector file. `name`: its file name without folder; `text`: what stands in it.
/// An `Err` means that it is no vector file; a function that we do not model is a report in which every case failed.
pub fn run(name: &str, text: &str) -> Result<Report, String> {
    let file: Value = serde_json::from_str(text).map_err(|e| format!("not JSON: {e}"))?;
    let Some(cases) = file["cases"].as_array() else { return Err("no vector file: it has no list `cases`".into()) };
    let Some(format) = format_of(name, &file) else {
        let function = file["function"].as_str().unwrap_or("it names none");
        return Ok(Report::unmodelled(function, cases));
    };
    let outcome = |(index, case): (usize, &Value)| {
        let mut found = Comparison::default();
        let stopped = (format.run)(&file, case, &mut found).err();
        Outcome { case: report::name_of(index, case), differences: found.finish(), stopped }
    };
    Ok(Report { unmodelled: None, outcomes: cases.iter().enumerate().map(outcome).collect() })
}
