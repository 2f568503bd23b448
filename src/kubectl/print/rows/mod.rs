//! The rows of `kubectl get`: which columns a kind has and what stands in their cells.
//!
//! Promises: the cells that the API server's table generator makes (`pkg/printers/internalversion/printers.go`), always in the wide
//! form; ages count whole seconds of the clock that is handed in. Must not know: where objects come from, how columns are aligned.

mod node;
mod plain;
mod pod;
mod service;
mod workload;

pub(crate) use node::roles;
pub(crate) use service::host_port;

use super::duration;
use super::table::{self, Row, Table};
use crate::api::{IntOrString, Kind, MicroTime, Object, Time};

/// A column of a kind; `wide` ones are shown only with `-o wide`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// Heading as the server names it (`Up-to-date`); kubectl prints it in capitals.
    pub name: &'static str,
    /// Whether it needs `-o wide`.
    pub wide: bool,
}

const fn always(name: &'static str) -> Column {
    Column { name, wide: false }
}

const fn wide(name: &'static str) -> Column {
    Column { name, wide: true }
}

const POD: &[Column] = &[
    always("Name"),
    always("Ready"),
    always("Status"),
    always("Restarts"),
    always("Age"),
    wide("IP"),
    wide("Node"),
    wide("Nominated Node"),
    wide("Readiness Gates"),
];
const SERVICE: &[Column] = &[
    always("Name"),
    always("Type"),
    always("Cluster-IP"),
    always("External-IP"),
    always("Port(s)"),
    always("Age"),
    wide("Selector"),
];
const ENDPOINTS: &[Column] = &[always("Name"), always("Endpoints"), always("Age")];
const ENDPOINT_SLICE: &[Column] = &[always("Name"), always("AddressType"), always("Ports"), always("Endpoints"), always("Age")];
const DEPLOYMENT: &[Column] = &[
    always("Name"),
    always("Ready"),
    always("Up-to-date"),
    always("Available"),
    always("Age"),
    wide("Containers"),
    wide("Images"),
    wide("Selector"),
];
const REPLICA_SET: &[Column] = &[
    always("Name"),
    always("Desired"),
    always("Current"),
    always("Ready"),
    always("Age"),
    wide("Containers"),
    wide("Images"),
    wide("Selector"),
];
const NODE: &[Column] = &[
    always("Name"),
    always("Status"),
    always("Roles"),
    always("Age"),
    always("Version"),
    wide("Internal-IP"),
    wide("External-IP"),
    wide("OS-Image"),
    wide("Kernel-Version"),
    wide("Container-Runtime"),
];
const EVENT: &[Column] = &[
    always("Last Seen"),
    always("Type"),
    always("Reason"),
    always("Object"),
    wide("Subobject"),
    wide("Source"),
    always("Message"),
    wide("First Seen"),
    wide("Count"),
    wide("Name"),
];
const NAMESPACE: &[Column] = &[always("Name"), always("Status"), always("Age")];
const LEASE: &[Column] = &[always("Name"), always("Holder"), always("Age")];
const CONFIG_MAP: &[Column] = &[always("Name"), always("Data"), always("Age")];
const SECRET: &[Column] = &[always("Name"), always("Type"), always("Data"), always("Age")];

const SERVICE_ACCOUNT: &[Column] = &[always("Name"), always("Age")];
const BUDGET: &[Column] =
    &[always("Name"), always("Min Available"), always("Max Unavailable"), always("Allowed Disruptions"), always("Age")];

const DAEMON_SET: &[Column] = &[
    always("Name"),
    always("Desired"),
    always("Current"),
    always("Ready"),
    always("Up-to-date"),
    always("Available"),
    always("Node Selector"),
    always("Age"),
    wide("Containers"),
    wide("Images"),
    wide("Selector"),
];
const REVISION: &[Column] = &[always("Name"), always("Controller"), always("Revision"), always("Age")];
const STATEFUL_SET: &[Column] = &[always("Name"), always("Ready"), always("Age"), wide("Containers"), wide("Images")];
const JOB: &[Column] = &[
    always("Name"),
    always("Status"),
    always("Completions"),
    always("Duration"),
    always("Age"),
    wide("Containers"),
    wide("Images"),
    wide("Selector"),
];

/// The columns of a kind, in order.
pub fn columns(kind: Kind) -> &'static [Column] {
    match kind {
        Kind::Pod => POD,
        Kind::Service => SERVICE,
        Kind::Endpoints => ENDPOINTS,
        Kind::EndpointSlice => ENDPOINT_SLICE,
        Kind::Deployment => DEPLOYMENT,
        Kind::ReplicaSet => REPLICA_SET,
        Kind::Node => NODE,
        Kind::Namespace => NAMESPACE,
        Kind::Event => EVENT,
        Kind::Lease => LEASE,
        Kind::ConfigMap => CONFIG_MAP,
        Kind::Secret => SECRET,
        Kind::ServiceAccount => SERVICE_ACCOUNT,
        Kind::PodDisruptionBudget => BUDGET,
        Kind::DaemonSet => DAEMON_SET,
        Kind::StatefulSet => STATEFUL_SET,
        Kind::Job => JOB,
        Kind::ControllerRevision => REVISION,
        plain => plain::columns(plain),
    }
}

/// The cells of an object, one for each of its kind's [`columns`].
pub fn cells(object: &Object, now: Time) -> Vec<String> {
    let name = object.meta().name.clone();
    let age = since(object.meta().creation_timestamp, now);
    match object {
        Object::Pod(pod) => pod::cells(pod, now),
        Object::Service(service) => service::cells(service, now),
        Object::Endpoints(endpoints) => vec![name, service::endpoints(endpoints), age],
        Object::EndpointSlice(slice) => service::slice_cells(slice, now),
        Object::Deployment(deployment) => workload::deployment_cells(deployment, now),
        Object::ReplicaSet(set) => workload::replica_set_cells(set, now),
        Object::Node(n) => node::cells(n, now),
        Object::Event(event) => node::event_cells(event, now),
        Object::Namespace(namespace) => vec![name, namespace.status.phase.clone(), age],
        Object::Lease(lease) => vec![name, lease.spec.holder_identity.clone().unwrap_or_default(), age],
        Object::ConfigMap(map) => vec![name, (map.data.len() + map.binary_data.len()).to_string(), age],
        Object::Secret(secret) => vec![name, secret.type_.clone(), secret.data.len().to_string(), age],
        Object::ServiceAccount(_) => vec![name, age],
        Object::DaemonSet(set) => workload::daemon_set_cells(set, now),
        Object::StatefulSet(set) => workload::stateful_set_cells(set, now),
        Object::Job(job) => workload::job_cells(job, now),
        Object::ControllerRevision(revision) => workload::revision_cells(revision, now),
        Object::Plain(plain) => plain::cells(plain, now),
        Object::PodDisruptionBudget(budget) => {
            let shown = |value: &Option<IntOrString>| value.as_ref().map_or("N/A".into(), IntOrString::to_string);
            let (least, most) = (shown(&budget.spec.min_available), shown(&budget.spec.max_unavailable));
            vec![name, least, most, budget.status.disruptions_allowed.to_string(), age]
        }
    }
}

/// What the flags of `kubectl get` ask for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GetOptions {
    /// `-o wide`
    pub wide: bool,
    /// `--show-labels`
    pub show_labels: bool,
    /// `-L`
    pub label_columns: Vec<String>,
    /// `--all-namespaces`
    pub all_namespaces: bool,
    /// `--no-headers`
    pub no_headers: bool,
    /// Names get their kind as prefix (`service/web`): when a command lists several kinds.
    pub with_kind: bool,
    /// First column EVENT with this text: `--output-watch-events`.
    pub event: Option<String>,
    /// kubectl makes the table itself, and knows of no kind more than its metadata (`--server-print=false`).
    pub by_client: bool,
}

impl GetOptions {
    /// The same for the table printer, for objects of this kind.
    pub fn for_kind(&self, kind: Kind) -> table::Options {
        table::Options {
            no_headers: self.no_headers,
            wide: self.wide,
            with_namespace: self.all_namespaces && kind.info().namespaced,
            kind: self.with_kind.then(|| kind.qualified()),
            show_labels: self.show_labels,
            column_labels: self.label_columns.clone(),
            event: self.event.clone(),
        }
    }
}

/// The table that the server would send for objects of one kind.
pub fn server_table(kind: Kind, objects: &[Object], now: Time) -> Table {
    let column = |c: &Column| table::Column { name: c.name.to_owned(), priority: i32::from(c.wide) };
    let row = |o: &Object| Row { cells: cells(o, now), namespace: o.meta().namespace.clone(), labels: o.meta().labels.clone() };
    Table { columns: columns(kind).iter().map(column).collect(), rows: objects.iter().map(row).collect() }
}

/// What kubectl itself makes of objects (`tableprinter.go`, `printObjectMeta`).
fn client_table(objects: &[Object], now: Time) -> Table {
    let age = |o: &Object| since(o.meta().creation_timestamp, now);
    let cells = |o: &Object| vec![o.meta().name.clone(), age(o)];
    let row = |o: &Object| Row { cells: cells(o), namespace: o.meta().namespace.clone(), labels: o.meta().labels.clone() };
    Table { columns: ["Name", "Age"].map(table::Column::new).to_vec(), rows: objects.iter().map(row).collect() }
}

/// The table of objects of one kind.
pub fn rows_of(kind: Kind, objects: &[Object], options: &GetOptions, now: Time) -> Table {
    if options.by_client { client_table(objects, now) } else { server_table(kind, objects, now) }
}

/// One block of `kubectl get`: objects of one kind, in the order given. Empty without objects.
pub fn table(objects: &[Object], options: &GetOptions, now: Time) -> String {
    match objects.first() {
        Some(first) => table::print(&rows_of(first.kind(), objects, options, now), &options.for_kind(first.kind())),
        None => String::new(),
    }
}

/// How long ago, as `kubectl get` writes it; `<unknown>` for a time that was never set.
pub fn since(time: Time, now: Time) -> String {
    if time.is_zero() {
        "<unknown>".to_owned()
    } else {
        duration::human(now.0.saturating_sub(time.0).saturating_mul(1_000_000_000))
    }
}

/// The same for times with microseconds.
pub fn since_micro(time: MicroTime, now: Time) -> String {
    if time.0 == 0 {
        return "<unknown>".to_owned();
    }
    let micros = now.0.saturating_mul(1_000_000).saturating_sub(time.0);
    duration::human(micros.saturating_mul(1000))
}

/// `text`, or `fallback` when it is empty.
fn or<'a>(text: &'a str, fallback: &'a str) -> &'a str {
    if text.is_empty() { fallback } else { text }
}

/// Lists that show at most three items, then how many more there are.
fn first_three(items: &[String]) -> String {
    let shown = items.iter().take(3).map(String::as_str).collect::<Vec<_>>().join(",");
    if items.len() > 3 { format!("{shown} + {} more...", items.len() - 3) } else { shown }
}
