//! What happens to a container that ends, and events about a Pod.

use super::run::Life;
use super::worker::{Ending, Timer};
use super::{Io, Kubelet};
use crate::api::pod::ContainerStateTerminated;
use crate::apiserver::recorder::{Note, reference};
use crate::cause::{Doing, Field};
use crate::time::{MILLISECOND, Nanos};
use std::rc::Rc;

/// The runtime's relist notices an end within this time.
pub(super) const RELIST: Nanos = 900 * MILLISECOND;

impl Kubelet {
    /// A container's process has ended: by itself (`None`), or after a signal with a code.
    pub(super) fn exited(&mut self, uid: &Rc<str>, index: usize, code: Option<i32>, io: &mut Io) {
        let Some(worker) = self.pods.get_mut(uid) else { return };
        let run = &mut worker.runs[index];
        let Life::Running { started_at, .. } = run.life else { return };
        let by_itself = code.is_none();
        let clashed = by_itself && run.port_taken;
        let code = if clashed { Some(1) } else { code };
        let exit_code = code.unwrap_or(if run.is_plain_init() && run.app.crash_after.is_none() { 0 } else { run.app.exit_code });
        match &run.app.script {
            _ if clashed => {
                let port = run.app.port.unwrap_or_default();
                run.log.push((io.now, format!("listen tcp :{port}: bind: address already in use")));
            }
            _ if !by_itself => {}
            Some(script) => {
                let began = io.now - run.app.crash_after.unwrap_or(0);
                run.log.extend(script.lines.iter().map(|(at, line)| (began + at, line.clone())));
            }
            None if run.app.crash_after.is_some() => run.log.push((io.now, "crashing".into())),
            None => {}
        }
        let ends_well = run.is_plain_init() && exit_code == 0;
        let end = ContainerStateTerminated {
            exit_code,
            reason: if exit_code == 0 { "Completed" } else { "Error" }.into(),
            started_at,
            finished_at: io.clock,
            container_id: format!("containerd://{}", run.id),
            ..ContainerStateTerminated::default()
        };
        let hook = run.failed_hook.take().map(|why| ("PostStartHookError", why));
        let hooked = hook.is_some();
        self.fell(uid, index, end, hook, io);
        let Some(worker) = self.pods.get_mut(uid) else { return };
        let run = &mut worker.runs[index];
        let restarting = std::mem::take(&mut run.restarting);
        run.ended_quietly = worker.ending != Ending::No;
        let renewed = std::mem::take(&mut run.renewed);
        run.at_once = renewed || restarting && worker.pod.spec.restart_policy != "Never";
        if worker.ending != Ending::No {
            self.stop_if_all_ended(uid, io);
            return;
        }
        if by_itself && !ends_well {
            let origin = self.pods.get(uid).and_then(|w| w.origin(Field::Crash)).cloned();
            self.happened(uid, io, Doing::Exited(exit_code), origin);
        }
        // The kubelet hears of it by the next relist, unless it stopped the container itself.
        let notice = if restarting { self.pace.react / 4 } else { self.random.below(RELIST) + self.pace.react };
        self.after(io, notice, uid, Timer::Sync);
        let notice = if hooked { self.pace.react / 4 } else { notice };
        self.report_after(uid, notice, io);
    }

    /// A life of a container is over. `failure`: why the kubelet says that it waits, where it would be started again.
    pub(super) fn fell(
        &mut self,
        uid: &Rc<str>,
        index: usize,
        end: ContainerStateTerminated,
        failure: Option<(&'static str, String)>,
        io: &Io,
    ) {
        let Some(worker) = self.pods.get_mut(uid) else { return };
        let again = worker.ending == Ending::No && worker.restarts(&worker.runs[index], end.exit_code);
        let run = &mut worker.runs[index];
        run.life = match failure {
            Some((reason, message)) if again => {
                run.last = Some(end);
                Life::Waiting { reason, message }
            }
            _ => Life::Exited(end),
        };
        run.hooking = false;
        run.finished_at = io.now;
        run.end_before_last = run.last_end.replace(io.now);
        run.started = false;
        run.ready = false;
        run.serial += 1;
    }

    /// A person makes the first container of a Pod crash. False when it does not run.
    pub fn crash(&mut self, uid: &Rc<str>, io: &mut Io) -> bool {
        let Some(worker) = self.pods.get(uid) else { return false };
        let Some(index) = worker.runs.iter().position(|r| !r.init && r.is_running()) else { return false };
        let code = worker.runs[index].app.exit_code;
        self.happened(uid, io, Doing::Exited(code), Some(io.actor.clone()));
        self.exited(uid, index, Some(code), io);
        true
    }

    /// A person makes the health pages of a Pod's first container answer 503, or 200 again. False when it does not run, or
    /// when it is so already. The kubelet learns of it by its next probe, if there is one.
    pub fn set_well(&mut self, uid: &Rc<str>, well: bool, io: &mut Io) -> bool {
        let Some(worker) = self.pods.get_mut(uid) else { return false };
        let Some(run) = worker.runs.iter_mut().find(|r| !r.init && r.is_running()) else { return false };
        if well == run.unwell.is_none() {
            return false;
        }
        if well {
            run.be_well();
        } else {
            run.unwell = Some((io.actor.clone(), run.app.unready_after));
            run.app.unready_after = run.age(io.now);
        }
        true
    }

    /// Whether a Pod's health pages answer as its variables say.
    pub fn is_well(&self, uid: &str) -> bool {
        self.pods.get(uid).is_none_or(|worker| worker.runs.iter().all(|run| run.unwell.is_none()))
    }

    /// Records an event about a Pod, or about one of its containers.
    pub(super) fn pod_event(
        &mut self,
        uid: &Rc<str>,
        index: Option<usize>,
        type_: &str,
        reason: &str,
        message: String,
        io: &mut Io,
    ) {
        let (Some(worker), Some(api)) = (self.pods.get(uid), io.api.as_deref_mut()) else { return };
        let mut about = reference(&*worker.pod);
        about.field_path = index.map(|i| worker.runs[i].field_path()).unwrap_or_default();
        self.recorder.record(api, Note { about, type_, reason, message });
    }
}
