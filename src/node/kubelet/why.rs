//! Why a Pod on this node is as it is: what happened to it last, and because of what.

use super::hook::pre_stop;
use super::worker::Ending;
use super::{Io, Kubelet, Worker};
use crate::api::Pod;
use crate::apiserver::Change;
use crate::cause::{Cause, Doing, Field, What, later};
use crate::node::app::OnTerm;
use crate::time::{Nanos, SECOND};
use std::net::Ipv4Addr;
use std::rc::Rc;

/// A Pod that held an address of this node before.
#[derive(Clone, Debug)]
pub struct Past {
    /// Its uid.
    pub uid: Rc<str>,
    /// Its name.
    pub name: Rc<str>,
    /// Why it is gone.
    pub why: Option<Cause>,
}

impl Kubelet {
    /// What happened last to a Pod that is, or was, here.
    pub fn why(&self, uid: &str) -> Option<&Cause> {
        let past = || self.past.values().find(|past| *past.uid == *uid)?.why.as_ref();
        self.pods.get(uid).and_then(|worker| worker.why.as_ref()).or_else(past)
    }

    /// The Pod that held an address of this node last, if it is gone.
    pub fn past(&self, ip: Ipv4Addr) -> Option<&Past> {
        self.past.get(&ip)
    }

    /// The Pod of that uid, if it is gone.
    pub fn gone(&self, uid: &str) -> Option<&Past> {
        self.past.values().find(|past| *past.uid == *uid)
    }

    /// A Pod's address is free again. (One entry an address: as many as the node's range has.)
    pub(super) fn bury(&mut self, ip: Ipv4Addr, uid: &Rc<str>) {
        let Some(worker) = self.pods.get(uid) else { return };
        let name = worker.pod.meta.name.as_str().into();
        self.past.insert(ip, Past { uid: uid.clone(), name, why: worker.why.clone() });
    }

    /// The watch showed a change of a Pod that runs here.
    pub(super) fn told(&mut self, uid: &Rc<str>, change: &Change, now: Nanos) {
        let Some(worker) = self.pods.get_mut(uid) else { return };
        let Some(why) = &change.why else { return };
        let ends = change.after::<Pod>().is_none_or(|pod| pod.meta.is_deleting());
        if worker.why.is_none() {
            worker.why = Some(why.clone());
            worker.shape = why.shape.clone();
        }
        let images =
            |pod: Option<&Rc<Pod>>| pod.map(|p| p.spec.containers.iter().map(|c| c.image.clone()).collect::<Vec<String>>());
        if change.old.is_some() && !ends && images(change.before::<Pod>()) != images(change.after::<Pod>()) {
            worker.shape = why.shape.clone().or_else(|| worker.shape.clone());
            worker.happened(&self.node, now, Doing::Changed, vec![why.clone()]);
        }
        if ends && worker.ending == Ending::No && !std::mem::replace(&mut worker.told_to_end, true) {
            worker.happened(&self.node, now, stopping(worker, self.supposed_hook), vec![why.clone()]);
        }
    }

    /// Notes what happened to a Pod, because of something outside of it or of a property of its template.
    pub(super) fn happened(&mut self, uid: &Rc<str>, io: &Io, doing: Doing, because: Option<Cause>) {
        let Some(worker) = self.pods.get_mut(uid) else { return };
        let because = because.or_else(|| worker.why.clone());
        worker.happened(&self.node, io.now, doing, because.into_iter().collect());
    }

    /// What makes a container's probe fail, `age` after its start: a crash is noted when it happens, so it is the template.
    pub(super) fn why_unhealthy(&self, uid: &Rc<str>, index: usize, age: Option<Nanos>) -> Option<Cause> {
        let worker = self.pods.get(uid)?;
        let shape = worker.shape.as_ref()?;
        let run = worker.runs.get(index)?;
        if let Some((why, _)) = &run.unwell {
            return Some(why.clone());
        }
        let app = &run.app;
        let age = age?;
        if app.unready_after.is_some_and(|t| age >= t) {
            return Some(shape.of(Field::Unready).clone());
        }
        if age < app.start_delay.max(app.ready_delay) {
            return worker.why.clone();
        }
        later(Some(shape.of(Field::Probes)), Some(shape.of(Field::Port)))
    }
}

impl Worker {
    fn happened(&mut self, node: &Rc<str>, now: Nanos, doing: Doing, because: Vec<Cause>) {
        let what = What::OnNode { node: node.clone(), pod: self.pod.meta.name.as_str().into(), doing };
        self.why = Some(Cause::new(now, what, because));
    }

    /// Where a property of it comes from.
    pub fn origin(&self, field: Field) -> Option<&Cause> {
        self.shape.as_ref().map(|shape| shape.of(field))
    }
}

fn stopping(worker: &Worker, supposed: Option<Nanos>) -> Doing {
    let own = worker.pod.spec.termination_grace_period_seconds.unwrap_or(30);
    let grace = worker.pod.meta.deletion_grace_period_seconds.unwrap_or(own).max(0) as u64;
    let hook = |run: &super::Run| pre_stop(run, supposed).unwrap_or(0).min(grace * SECOND);
    Doing::Stopping {
        grace,
        hook: worker.runs.iter().map(hook).max().unwrap_or(0),
        drains: worker.runs.iter().all(|run| run.app.on_term != OnTerm::Exit),
        probed: worker.runs.iter().any(|run| run.spec.readiness_probe.is_some()),
    }
}
