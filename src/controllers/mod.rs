//! The control loops of kube-controller-manager and the scheduler, one file each, with Kubernetes' own names.
//!
//! Promises: a controller sees the cluster only through its informer cache, which is told of changes later.
//! Must not know: kube-proxy, the network, clients, the screen.

pub mod cache;
pub mod clock;
pub mod daemonset;
pub mod deployment;
pub mod disruption;
pub mod endpoints;
pub mod endpointslice;
pub mod endpointslice_mirroring;
pub mod garbage_collector;
mod hands;
mod history;
pub mod job;
pub mod kubernetes_service;
pub mod namespace;
pub mod node_lifecycle;
mod owners;
pub mod pod_gc;
pub mod podautoscaler;
mod port_order;
pub mod replicaset;
pub mod scheduler;
pub mod service_accounts;
pub mod statefulset;
pub mod taint_eviction;
pub mod workqueue;

pub use cache::Cache;
pub use workqueue::WorkQueue;

use crate::api::{Key, Time};
use crate::apiserver::{ApiServer, Change, Recorder};
use crate::time::{Nanos, Stream};

/// What a controller may use while it works on one key: its process' cache to read, the API server to write to.
pub struct Context<'a> {
    /// Virtual time.
    pub now: Nanos,
    /// The same moment as objects carry it, in whole seconds.
    pub clock: Time,
    /// What the process knows of the cluster: it may be behind.
    pub cache: &'a Cache,
    /// Where writes go. Reads of the API server itself are for the few uncached checks that Kubernetes has.
    pub api: &'a mut ApiServer,
    /// The controller's own event recorder.
    pub recorder: &'a mut Recorder,
    /// The controller's own random numbers.
    pub random: &'a mut Stream,
}

/// What is to happen with a key after a sync.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// Nothing until something changes.
    Done,
    /// Sync again after this span.
    After(Nanos),
    /// It failed: sync again, later each time.
    Retry(String),
}

/// Any controller can be copied with the cluster it belongs to (every `Clone` controller has this by itself).
pub trait CloneController {
    /// A copy of this controller.
    fn clone_box(&self) -> Box<dyn Controller>;
}

impl<T: Controller + Clone + 'static> CloneController for T {
    fn clone_box(&self) -> Box<dyn Controller> {
        Box::new(self.clone())
    }
}

impl Clone for Box<dyn Controller> {
    fn clone(&self) -> Self {
        self.clone_box()
    }
}

/// A control loop.
pub trait Controller: CloneController {
    /// The name under which it records events (`deployment-controller`).
    fn component(&self) -> &'static str;
    /// The recorder it writes events with.
    fn recorder(&self) -> Recorder {
        Recorder::new(self.component(), "")
    }
    /// A watch delivered a change (already in the cache): which keys need a sync now?
    fn observe(&mut self, change: &Change, cache: &Cache, queue: &mut WorkQueue, now: Nanos);
    /// Makes the cluster look as the object at `key` says, as far as the cache shows it does not.
    fn sync(&mut self, key: &Key, context: &mut Context) -> Outcome;
    /// After this many failures in a row a key is dropped (Kubernetes: 15 for most); `None`: never.
    fn max_retries(&self) -> Option<u32> {
        Some(15)
    }
    /// The queue it wants (its back-off).
    fn queue(&self) -> WorkQueue {
        WorkQueue::default()
    }
}

/// The controllers of kube-controller-manager.
/// `endpoint_batch`: how long changes of Pods wait for others before endpoints are worked out (both controllers' batch period).
pub fn manager(endpoint_batch: crate::time::Nanos) -> Vec<Box<dyn Controller>> {
    vec![
        Box::new(deployment::DeploymentController),
        Box::new(replicaset::ReplicaSetController::default()),
        Box::new(endpointslice::EndpointSliceController::batched(endpoint_batch)),
        Box::new(endpoints::EndpointsController::batched(endpoint_batch)),
        Box::new(garbage_collector::GarbageCollector),
        Box::new(namespace::NamespaceController),
        Box::new(node_lifecycle::NodeLifecycleController::default()),
        Box::new(taint_eviction::TaintEvictionController::default()),
        Box::new(pod_gc::PodGcController::default()),
        Box::new(endpointslice_mirroring::EndpointSliceMirroringController::default()),
        Box::new(service_accounts::ServiceAccountsController),
        Box::new(service_accounts::RootCaPublisher),
        Box::new(disruption::DisruptionController),
        Box::new(kubernetes_service::KubernetesService),
        Box::new(daemonset::DaemonSetController::default()),
        Box::new(statefulset::StatefulSetController::default()),
        Box::new(job::JobController::default()),
        Box::new(podautoscaler::HorizontalController),
    ]
}

/// The control loop of kube-scheduler.
pub fn scheduler() -> Vec<Box<dyn Controller>> {
    vec![Box::new(scheduler::Scheduler::default())]
}
