//! The kubelet of one node: it runs the Pods that its watch shows it and tells the API server what became of them.
//!
//! Promises: it acts only on Pods that its own watch delivered; what it reports is what its containers did; a kubelet
//! that is cut off keeps its Pods running and reports when it is back.
//! Must not know: other nodes, controllers, clients.
//! Follows `pkg/kubelet` (see `tests/golden/timings.json` for how long each step takes).

mod backoff;
mod completion;
mod config;
mod hook;
pub mod image;
mod lifecycle;
pub mod node_status;
mod probe;
mod pull;
mod run;
mod startup;
mod status;
mod stop;
mod why;
mod worker;

pub use run::{Life, Run};
pub use why::Past;
pub use worker::{PodTimer, Timer, Worker};

use crate::api::{Pod, Time};
use crate::apiserver::{ApiServer, Change, Recorder};
use crate::cause::Cause;
use crate::node::proxy::Protocol;
use crate::time::{MILLISECOND, Nanos, Stream};
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;
use std::rc::Rc;

/// How long a kubelet and its runtime take, as medians in nanoseconds; each draw lies around its median.
#[derive(Clone, Debug, PartialEq)]
pub struct Pace {
    /// From seeing a Pod to working on it.
    pub react: Nanos,
    /// Making the sandbox and its network.
    pub sandbox: Nanos,
    /// Creating and starting one container.
    pub start: Nanos,
    /// From a change on the node to its report.
    pub report: Nanos,
    /// From SIGTERM to the end of a process that obeys at once.
    pub exit: Nanos,
    /// From the end of the last container to the end of the sandbox's network.
    pub teardown: Nanos,
    /// From there to the report of the final state.
    pub finish: Nanos,
    /// From that report to the removal of the object.
    pub remove: Nanos,
    /// Pulling an image that is there.
    pub pull: Nanos,
}

impl Default for Pace {
    fn default() -> Self {
        Pace {
            react: 15 * MILLISECOND,
            sandbox: 340 * MILLISECOND,
            start: 300 * MILLISECOND,
            report: 25 * MILLISECOND,
            exit: 20 * MILLISECOND,
            teardown: 230 * MILLISECOND,
            finish: 30 * MILLISECOND,
            remove: 180 * MILLISECOND,
            pull: 1200 * MILLISECOND,
        }
    }
}

/// What a kubelet may use while it works: the time, the way to the API server (none while it is cut off), and a place
/// for the timers that it sets.
pub struct Io<'a> {
    /// Virtual time.
    pub now: Nanos,
    /// The same moment as objects carry it.
    pub clock: Time,
    /// The API server; `None` while the node has no network.
    pub api: Option<&'a mut ApiServer>,
    /// On whose behalf something is done to a container from outside.
    pub actor: &'a Cause,
    /// Timers set: when, and what.
    pub timers: &'a mut Vec<(Nanos, PodTimer)>,
}

/// The kubelet of one node.
#[derive(Clone, Debug)]
pub struct Kubelet {
    /// Name of the node.
    pub node: Rc<str>,
    /// The node's own address.
    pub address: Ipv4Addr,
    /// First address of the node's Pod range, and its prefix length.
    pub pod_cidr: (Ipv4Addr, u8),
    /// How long things take.
    pub pace: Pace,
    pods: BTreeMap<Rc<str>, Worker>,
    by_ip: BTreeMap<Ipv4Addr, Rc<str>>,
    last_ip: u32,
    images: image::Images,
    recorder: Recorder,
    random: Stream,
    unreported: BTreeSet<Rc<str>>,
    /// Whether the node took new Pods when the kubelet last looked.
    unschedulable: bool,
    past: BTreeMap<Ipv4Addr, Past>,
    supposed_hook: Option<Nanos>,
}

impl Kubelet {
    /// A kubelet without Pods.
    pub fn new(node: &str, address: Ipv4Addr, pod_cidr: (Ipv4Addr, u8), pace: Pace, seed: u64) -> Kubelet {
        Kubelet {
            node: node.into(),
            address,
            pod_cidr,
            pace,
            pods: BTreeMap::new(),
            by_ip: BTreeMap::new(),
            last_ip: u32::from(pod_cidr.0) + 1,
            images: image::Images::default(),
            recorder: Recorder::new("kubelet", node),
            random: Stream::new(seed, &format!("kubelet {node}")),
            unreported: BTreeSet::new(),
            unschedulable: false,
            past: BTreeMap::new(),
            supposed_hook: None,
        }
    }

    /// From now on every container stops as if a preStop hook slept at least so long: for a run that is tried otherwise. No
    /// object says so, and nothing else changes by it.
    pub fn suppose_pre_stop(&mut self, span: Nanos) {
        self.supposed_hook = Some(span);
    }

    /// The watch delivered a change of a Pod of this node.
    pub fn observe(&mut self, change: &Change, io: &mut Io) {
        let Some(pod) = change.after::<Pod>() else {
            if let Some(pod) = change.before::<Pod>() {
                let uid = pod.meta.uid.as_str().into();
                self.told(&uid, change, io.now);
                self.forget(&uid, io);
            }
            return;
        };
        let uid: Rc<str> = pod.meta.uid.as_str().into();
        if let Some(worker) = self.pods.get_mut(&uid) {
            worker.pod = pod.clone();
            self.told(&uid, change, io.now);
            self.react_to_update(&uid, io);
        } else if pod.is_terminal() && !pod.meta.is_deleting() {
            // It has ended before: nothing to run.
        } else {
            self.pods.insert(uid.clone(), Worker::new(pod.clone()));
            self.told(&uid, change, io.now);
            self.after(io, self.pace.react, &uid, Timer::Sync);
        }
    }

    /// The Pods that the API server has now for this node, and why each is as it is: told after the network came back.
    pub fn relist(&mut self, pods: &[Rc<Pod>], why: impl Fn(&Pod) -> Option<Cause>, io: &mut Io) {
        let present: BTreeSet<&str> = pods.iter().map(|p| p.meta.uid.as_str()).collect();
        let gone: Vec<Rc<str>> = self.pods.keys().filter(|uid| !present.contains(&***uid)).cloned().collect();
        for uid in gone {
            self.forget(&uid, io);
        }
        for pod in pods {
            let change = Change { version: 0, old: None, new: Some(crate::api::Object::Pod(pod.clone())), why: why(pod) };
            self.observe(&change, io);
        }
        for uid in std::mem::take(&mut self.unreported) {
            self.report_soon(&uid, io);
        }
    }

    /// A timer fell due.
    pub fn fire(&mut self, timer: &PodTimer, io: &mut Io) {
        let uid = &timer.uid;
        let Some(worker) = self.pods.get(uid) else { return };
        if timer.run.is_some_and(|(i, serial)| worker.runs.get(i).is_none_or(|r| r.serial != serial)) {
            return; // meant for an earlier life of the container
        }
        let index = timer.run.map_or(0, |(i, _)| i);
        match timer.what {
            Timer::Sync => self.sync(uid, io),
            Timer::Sandbox => self.sandbox_ready(uid, io),
            Timer::Pulled => self.pulled(uid, index, io),
            Timer::Started => self.started(uid, index, io),
            Timer::Crash => self.exited(uid, index, None, io),
            Timer::Probe(kind) => self.probe_tick(uid, index, kind, io),
            Timer::ProbeDone(kind) => self.probe_done(uid, index, kind, io),
            Timer::PostStartDone => self.post_start_done(uid, index, io),
            Timer::HookDone => self.hook_done(uid, index, io),
            Timer::Exit(code) => self.exited(uid, index, Some(code), io),
            Timer::Deadline => self.deadline(uid, io),
            Timer::Teardown => self.teardown(uid, io),
            Timer::Report => self.report(uid, io),
            Timer::Remove => self.remove(uid, io),
        }
    }

    /// The Pod that holds an address on this node.
    pub fn pod_at(&self, ip: Ipv4Addr) -> Option<&Worker> {
        self.pods.get(self.by_ip.get(&ip)?)
    }

    /// The Pod that took a port of the node as its own (`hostPort`), and the address and port that packets to it go to.
    pub fn host_port(&self, address: Ipv4Addr, port: u16, protocol: Protocol) -> Option<(&Worker, Ipv4Addr, u16)> {
        self.pods().filter(|w| !w.pod.spec.host_network).find_map(|worker| {
            let mut ports = worker.pod.spec.containers.iter().flat_map(|c| &c.ports);
            let own = |ip: &str| ip.is_empty() || ip.parse().is_ok_and(|ip: Ipv4Addr| ip.is_unspecified() || ip == address);
            let taken = ports
                .find(|p| p.host_port == i32::from(port) && Protocol::parse(&p.protocol) == Some(protocol) && own(&p.host_ip))?;
            Some((worker, worker.ip()?, u16::try_from(taken.container_port).ok()?))
        })
    }

    /// The Pod of a uid.
    pub fn pod(&self, uid: &str) -> Option<&Worker> {
        self.pods.get(uid)
    }

    /// All Pods of this node.
    pub fn pods(&self) -> impl Iterator<Item = &Worker> {
        self.pods.values()
    }

    /// Sets a timer for a Pod.
    fn after(&self, io: &mut Io, wait: Nanos, uid: &Rc<str>, what: Timer) {
        io.timers.push((io.now + wait, PodTimer { uid: uid.clone(), run: None, what }));
    }

    /// Sets a timer for one life of one container of a Pod.
    fn after_run(&self, io: &mut Io, wait: Nanos, uid: &Rc<str>, index: usize, what: Timer) {
        let Some(run) = self.pods.get(uid).and_then(|w| w.runs.get(index)) else { return };
        io.timers.push((io.now + wait, PodTimer { uid: uid.clone(), run: Some((index, run.serial)), what }));
    }

    /// The next free address of the node's range (host-local IPAM: round robin).
    fn allocate_ip(&mut self, uid: &Rc<str>) -> Option<Ipv4Addr> {
        let (base, prefix) = (u32::from(self.pod_cidr.0), self.pod_cidr.1);
        let size = 1u32 << (32 - prefix);
        for _ in 0..size {
            self.last_ip = if self.last_ip + 2 >= base + size { base + 2 } else { self.last_ip + 1 };
            let ip = Ipv4Addr::from(self.last_ip);
            if let Entry::Vacant(free) = self.by_ip.entry(ip) {
                free.insert(uid.clone());
                return Some(ip);
            }
        }
        None
    }
}
