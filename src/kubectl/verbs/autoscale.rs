//! `kubectl autoscale` (`…/cmd/autoscale/autoscale.go`). Nobody measures load in the lab: what is made only keeps a workload between its bounds.

use super::create::DryRun;
use super::output::Output;
use crate::api::Kind;
use crate::kubectl::builder::{self, Ask};
use crate::kubectl::cx::Cx;
use crate::kubectl::failure::Failure;
use crate::kubectl::flags::{self, CHANGE, FILES, Flag, Flags, PRINT, Parsed, Takes};
use serde_json::{Value, json};

pub(super) const FLAGS: Flags = &[
    PRINT,
    FILES,
    CHANGE,
    &[
        Flag("min", None, Takes::Int32),
        Flag("max", None, Takes::Int32),
        Flag("cpu", None, Takes::Text),
        Flag("memory", None, Takes::Text),
        Flag("cpu-percent", None, Takes::Int32),
        Flag("name", None, Takes::Text),
        Flag("save-config", None, Takes::Bool),
    ],
];

const HPA: Kind = Kind::HorizontalPodAutoscaler;

/// `kubectl autoscale`.
pub fn autoscale(cx: &mut Cx, args: &[String]) -> Result<(), Failure> {
    let flags = flags::parse(args, FLAGS).map_err(|why| Failure::usage("autoscale", &why))?;
    if flags.has("cpu-percent") {
        cx.line("Flag --cpu-percent has been deprecated, Use --cpu with percentage or resource quantity format (e.g., '70%' for utilization or '500m' for milliCPU).");
    }
    let Some(max) = flags.int("max") else { return Err(Failure::error("required flag(s) \"max\" not set")) };
    let dry = DryRun::of(&flags)?;
    Output::of(cx, &flags)?;
    let min = flags.int("min").unwrap_or(-1);
    if max < 1 {
        return Err(Failure::error(format!("--max=MAXPODS is required and must be at least 1, max: {max}")));
    }
    if max < min {
        let why = format!("--max=MAXPODS must be larger or equal to --min=MINPODS, max: {max}, min: {min}");
        return Err(Failure::error(why));
    }
    let found = builder::find(cx, &flags, &Ask::of(&flags.words))?;
    let mut failures = found.failures;
    for info in found.infos {
        let done = match info.kind {
            Kind::Deployment | Kind::ReplicaSet | Kind::StatefulSet => {
                let value = autoscaler(&flags, info.kind, &info.key.name, (min, max));
                super::create::send(cx, HPA, &value, &info.key.namespace, &flags, dry, "autoscaled").map_err(Failure::from)
            }
            kind => {
                let info = kind.info();
                let of = if info.group.is_empty() { info.name.to_string() } else { format!("{}.{}", info.name, info.group) };
                let resource = format!("{}/{}, Resource={}", info.group, info.version, info.plural);
                let why = format!("could not find scale subresource for {resource} in discovery information");
                Err(Failure::error(format!("cannot autoscale a {of}: {why}")))
            }
        };
        failures.extend(done.err());
    }
    Failure::result(failures)
}

fn autoscaler(flags: &Parsed, kind: Kind, target: &str, (min, max): (i64, i64)) -> Value {
    let name = flags.get("name").filter(|n| !n.is_empty()).unwrap_or(target);
    let percent = flags.int("cpu-percent").filter(|p| *p >= 0).map(|p| format!("{p}%"));
    let wanted = [("cpu", flags.get("cpu").map(str::to_string).or(percent)), ("memory", flags.get("memory").map(str::to_string))];
    let metric = |(resource, amount): (&str, Option<String>)| {
        let amount = amount.filter(|a| !a.is_empty())?;
        let share = amount.strip_suffix('%').and_then(|p| p.parse::<i32>().ok());
        let target = match share {
            Some(share) => json!({"averageUtilization": share, "type": "Utilization"}),
            None => json!({"averageValue": amount, "type": "AverageValue"}),
        };
        Some(json!({"resource": {"name": resource, "target": target}, "type": "Resource"}))
    };
    let metrics: Vec<Value> = wanted.into_iter().filter_map(metric).collect();
    let of = json!({"apiVersion": kind.api_version(), "kind": kind.info().name, "name": target});
    let mut value = json!({
        "apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": {"name": name},
        "spec": {"maxReplicas": max, "scaleTargetRef": of}, "status": {"currentMetrics": null, "desiredReplicas": 0},
    });
    if min > 0 {
        value["spec"]["minReplicas"] = json!(min);
    }
    if !metrics.is_empty() {
        value["spec"]["metrics"] = json!(metrics);
    }
    if let Some(namespace) = flags.get("namespace") {
        value["metadata"]["namespace"] = json!(namespace);
    }
    value
}
