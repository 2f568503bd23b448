//! Who is told of a change, and when: what is written goes on its way to all who watch, each of them hears of it later.

use super::process::Process;
use super::watch::Watcher;
use super::{Cluster, Event, Program};
use crate::api::Kind;
use crate::apiserver::Change;
use crate::time::Nanos;
use std::rc::Rc;

impl Cluster {
    pub(super) fn deliver(&mut self, watcher: &Watcher, change: &Rc<Change>) {
        let now = self.now;
        match watcher {
            Watcher::Program(program) => {
                self.process(*program).observe(change, now);
                self.work(*program);
            }
            Watcher::Kubelet(node) => {
                if self.machines.get(node).is_some_and(|m| m.connected) {
                    self.with_kubelet(node, |kubelet, io| kubelet.observe(change, io));
                }
            }
            Watcher::Proxy(node) => {
                if let Some(machine) = self.machines.get_mut(node).filter(|m| m.connected) {
                    machine.observe_proxy(change, now);
                    self.wake_proxy(node);
                }
            }
            Watcher::Dns => {
                let key = change.object().key();
                self.why.dns.apply(change);
                match change.kind() {
                    Kind::Service => self.dns.set_service(key, change.after()),
                    Kind::EndpointSlice => self.dns.set_slice(key, change.after()),
                    _ => self.dns.set_namespace(&key.name, change.new.is_some()),
                }
            }
        }
    }

    /// The control loops of a process work on all that is due, and are woken when more falls due.
    pub(super) fn work(&mut self, program: Program) {
        let (now, clock) = (self.now, self.clock());
        loop {
            let process = match program {
                Program::ControllerManager => &mut self.manager,
                Program::Scheduler => &mut self.scheduler,
            };
            let Some(written) = process.work(now, clock, &mut self.api, &self.why) else { break };
            let answered = self.spread_writes_of(Some(program));
            self.process(program).hold(written, answered);
        }
        if let Some(at) = self.process(program).wake_at(now) {
            self.queue.push(at, Event::Work(program));
        }
    }

    fn process(&mut self, program: Program) -> &mut Process {
        match program {
            Program::ControllerManager => &mut self.manager,
            Program::Scheduler => &mut self.scheduler,
        }
    }

    /// Sends the API server's changes on their way to all who watch.
    pub(super) fn spread(&mut self) {
        self.spread_writes_of(None);
    }

    /// The same, for the writes of one sync of a process: they come one after the other. Returns when the process itself
    /// sees the last of them, which is when it has been answered.
    fn spread_writes_of(&mut self, writer: Option<Program>) -> Nanos {
        let (mut begun, mut answered) = (self.now, self.now);
        for mut change in self.api.take_changes() {
            if change.why.is_none() {
                change.why = Some(self.why.by_person(&change, self.now));
            }
            self.why.bios.apply(&change);
            if !matches!(change.kind(), Kind::Event | Kind::Lease) {
                self.last_change = self.now;
            }
            let change = Rc::new(change);
            for watcher in self.watches.audience(&change, self.machines.keys()) {
                let sent = begun + watcher.node().and_then(|n| self.machines.get(n)).map_or(0, |m| m.watch_delay);
                let at = self.watches.arrival(&watcher, change.kind(), sent, (self.settings.watch, self.act(&watcher)));
                if matches!(watcher, Watcher::Program(program) if Some(program) == writer) {
                    answered = answered.max(at);
                }
                self.queue.push(at, Event::Deliver(watcher, change.clone()));
            }
            if writer.is_some() && change.kind() != Kind::Event {
                begun += self.random.around(self.settings.write);
            }
        }
        answered
    }

    /// What a control loop's first write needs. It counts as part of the way to the loop: the loop decides by what it knew
    /// that much earlier than its write is in force.
    fn act(&self, watcher: &Watcher) -> Nanos {
        match watcher {
            Watcher::Program(Program::ControllerManager) => self.settings.think,
            Watcher::Program(Program::Scheduler) => self.settings.schedule,
            _ => 0,
        }
    }
}
