//! Node, with the Pods on it and what they ask for.

use super::{Writer, containers};
use crate::api::pod_resources::{self, Amounts, add, parsed};
use crate::api::quantity::Amount;
use crate::api::{Lease, Node, Pod, Time};
use crate::kubectl::print::rows::{roles, since};

pub(super) fn node(node: &Node, lease: Option<&Lease>, pods: &[&Pod], now: Time, out: &mut Writer) {
    let roles = roles(node).join(",");
    out.field(0, "Name", &node.meta.name);
    out.field(0, "Roles", if roles.is_empty() { "<none>" } else { &roles });
    out.labels("Labels", &node.meta.labels);
    out.annotations("Annotations", &node.meta.annotations);
    out.field(0, "CreationTimestamp", super::moment(node.meta.creation_timestamp));
    out.taints("Taints", &node.spec.taints);
    out.field(0, "Unschedulable", node.spec.unschedulable);
    describe_lease(&node.meta.name, lease, out);
    conditions(node, out);
    out.line(0, "Addresses:");
    node.status.addresses.iter().for_each(|a| out.field(1, &a.type_, &a.address));
    for (title, amounts) in [("Capacity:", &node.status.capacity), ("Allocatable:", &node.status.allocatable)] {
        if !amounts.is_empty() {
            out.line(0, title);
            containers::amounts(amounts, 1, out);
        }
    }
    system_info(node, out);
    let mut unless_empty = |title: &str, value: &str| {
        if !value.is_empty() {
            out.field(0, title, value);
        }
    };
    unless_empty("PodCIDR", &node.spec.pod_cidr);
    unless_empty("PodCIDRs", &node.spec.pod_cidrs.join(","));
    unless_empty("ProviderID", &node.spec.provider_id);
    resources(node, pods, now, out);
}

fn describe_lease(name: &str, lease: Option<&Lease>, out: &mut Writer) {
    let Some(lease) = lease else {
        out.field(0, "Lease", format!("Failed to get lease: leases.coordination.k8s.io {name:?} not found"));
        return;
    };
    let time =
        |t: Option<crate::api::MicroTime>| t.map_or_else(|| "<unset>".to_owned(), |t| Time(t.0.div_euclid(1_000_000)).rfc1123z());
    out.line(0, "Lease:");
    out.field(1, "HolderIdentity", lease.spec.holder_identity.as_deref().unwrap_or("<unset>"));
    out.field(1, "AcquireTime", time(lease.spec.acquire_time));
    out.field(1, "RenewTime", time(lease.spec.renew_time));
}

fn conditions(node: &Node, out: &mut Writer) {
    for (i, c) in node.status.conditions.iter().enumerate() {
        if i == 0 {
            out.line(0, "Conditions:");
            out.line(1, "Type\tStatus\tLastHeartbeatTime\tLastTransitionTime\tReason\tMessage");
            out.line(1, "----\t------\t-----------------\t------------------\t------\t-------");
        }
        let (heartbeat, transition) = (super::moment(c.last_heartbeat_time), super::moment(c.last_transition_time));
        out.line(1, &format!("{} \t{} \t{heartbeat} \t{transition} \t{} \t{}", c.type_, c.status, c.reason, c.message));
    }
}

fn system_info(node: &Node, out: &mut Writer) {
    let info = &node.status.node_info;
    let lines = [
        ("Machine ID", &info.machine_id),
        ("System UUID", &info.system_uuid),
        ("Boot ID", &info.boot_id),
        ("Kernel Version", &info.kernel_version),
        ("OS Image", &info.os_image),
        ("Operating System", &info.operating_system),
        ("Architecture", &info.architecture),
        ("Container Runtime Version", &info.container_runtime_version),
        ("Kubelet Version", &info.kubelet_version),
    ];
    out.line(0, "System Info:");
    lines.into_iter().for_each(|(title, value)| out.field(1, title, value));
}

fn resources(node: &Node, pods: &[&Pod], now: Time, out: &mut Writer) {
    out.field(0, "Non-terminated Pods", format!("({} in total)", pods.len()));
    out.line(1, "Namespace\tName\t\tCPU Requests\tCPU Limits\tMemory Requests\tMemory Limits\tAge");
    out.line(1, "---------\t----\t\t------------\t----------\t---------------\t-------------\t---");
    let status = &node.status;
    let allocatable = parsed(if status.allocatable.is_empty() { &status.capacity } else { &status.allocatable });
    let (mut requests, mut limits) = (Amounts::new(), Amounts::new());
    for pod in pods {
        let (request, limit) = (pod_resources::requests(pod), pod_resources::limits(pod));
        let cell = |amounts: &Amounts, name: &str| share(amounts.get(name), allocatable.get(name), name);
        out.line(
            1,
            &format!(
                "{}\t{}\t\t{}\t{}\t{}\t{}\t{}",
                pod.meta.namespace,
                pod.meta.name,
                cell(&request, "cpu"),
                cell(&limit, "cpu"),
                cell(&request, "memory"),
                cell(&limit, "memory"),
                since(pod.meta.creation_timestamp, now)
            ),
        );
        request.iter().for_each(|(name, amount)| add(&mut requests, name, amount));
        limit.iter().for_each(|(name, amount)| add(&mut limits, name, amount));
    }
    allocated(&allocatable, &requests, &limits, out);
}

fn allocated(allocatable: &Amounts, requests: &Amounts, limits: &Amounts, out: &mut Writer) {
    out.line(0, "Allocated resources:\n  (Total limits may be over 100 percent, i.e., overcommitted.)");
    out.line(1, "Resource\tRequests\tLimits");
    out.line(1, "--------\t--------\t------");
    let standard = ["cpu", "memory", "ephemeral-storage"];
    let huge = allocatable.keys().map(String::as_str).filter(|name| name.starts_with("hugepages-"));
    for name in standard.into_iter().chain(huge) {
        let cell = |amounts: &Amounts| share(amounts.get(name), allocatable.get(name), name);
        out.line(1, &format!("{name}\t{}\t{}", cell(requests), cell(limits)));
    }
    let is_other = |name: &&String| !standard.contains(&name.as_str()) && *name != "pods" && !name.starts_with("hugepages-");
    for name in allocatable.keys().filter(is_other) {
        let cell = |amounts: &Amounts| amounts.get(name).map_or_else(|| "0".to_owned(), Amount::canonical);
        out.line(1, &format!("{name}\t{}\t{}", cell(requests), cell(limits)));
    }
}

/// An amount and its share of what there is, cut to whole percent.
fn share(amount: Option<&Amount>, of: Option<&Amount>, name: &str) -> String {
    let measure = |a: &Amount| if name == "cpu" { a.milli_value() } else { a.value() };
    let (part, whole) = (amount.map_or(0, measure), of.map_or(0, measure));
    // Go divides as doubles and cuts; plain division and multiplication are the same everywhere.
    let percent = if whole == 0 { 0 } else { (part as f64 / whole as f64 * 100.0) as i64 };
    format!("{} ({percent}%)", amount.map_or_else(|| "0".to_owned(), Amount::canonical))
}
