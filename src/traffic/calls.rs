//! A call: what a client wants answered, by one request or, with second attempts and hedging, by several.
//!
//! Promises: a call is counted once, with the time from its beginning to the answer that counted; what an attempt draws
//! never shifts when the client's next calls come.

use super::record::Outcome;
use super::request::TrafficEvent;
use super::{Pattern, Traffic, World};
use crate::time::{Nanos, SECOND, Stream};
use std::rc::Rc;

/// A client in a Pod that is not there tries again after this time, if it waits for answers.
const NO_POD: Nanos = SECOND;

/// A call under way.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub client: Rc<str>,
    pub number: u64,
    serial: u32,
    began: Nanos,
    /// Attempts made so far.
    pub attempts: u32,
    /// Attempts under way.
    open: u32,
    /// Whether an answer has been counted.
    over: bool,
}

impl Traffic {
    /// A client's next calls are due.
    pub(super) fn tick(&mut self, name: &Rc<str>, serial: u32, world: &mut World) {
        let Some(client) = self.clients.get_mut(name) else { return };
        if client.serial != serial {
            return;
        }
        let next = |wait: Nanos| (world.now + wait.max(1), TrafficEvent::Tick(name.clone(), serial));
        let count = match client.setting.pattern {
            Pattern::Paused => return,
            Pattern::Sequence | Pattern::Loop { .. } => 1,
            Pattern::Every(span) => {
                world.out.push(next(span));
                1
            }
            Pattern::Poisson(mean) => {
                world.out.push(next(client.random.exponential(mean)));
                1
            }
            Pattern::Bursts { size, every } => {
                world.out.push(next(every));
                size
            }
        };
        for _ in 0..count {
            self.next_call(name, world);
        }
    }

    fn next_call(&mut self, name: &Rc<str>, world: &mut World) {
        let Some(client) = self.clients.get_mut(name) else { return };
        if client.setting.total.is_some_and(|total| client.stats.sent >= total) {
            return;
        }
        client.number += 1;
        let multiplexes = client.setting.multiplexes();
        let full =
            client.open >= client.setting.habits.streams.max(1) || (multiplexes && client.kept.is_none() && client.open > 0);
        if client.setting.keep_alive && full {
            // HTTP/2: it waits for the connection, or for a place on it. HTTP/1.1: this one is left out.
            client.waiting.extend(Some(client.number).filter(|_| multiplexes));
            return;
        }
        let number = client.number;
        self.call(name, number, world);
    }

    /// Begins a call with its first attempt.
    fn call(&mut self, name: &Rc<str>, number: u64, world: &mut World) {
        let Some(client) = self.clients.get_mut(name) else { return };
        let (id, serial) = (self.next_id, client.serial);
        let call = Call { client: name.clone(), number, serial, began: world.now, attempts: 0, open: 0, over: false };
        let closed_loop = client.setting.pattern.is_closed();
        let hedge = client.setting.habits.hedge_after;
        self.calls.insert(id, call);
        if !self.attempt(id, world) {
            self.calls.remove(&id);
            if closed_loop {
                world.out.push((world.now + NO_POD, TrafficEvent::Tick(name.clone(), serial)));
            }
            return;
        }
        let Some(client) = self.clients.get_mut(name) else { return };
        client.stats.sent += 1;
        client.open += 1;
        client.budget.pay_in(&client.setting.habits.retries, world.now);
        if let Some(wait) = hedge {
            world.out.push((world.now + wait, TrafficEvent::Hedge(id)));
        }
    }

    /// The first attempt has taken long: a second one goes beside it.
    pub(super) fn hedge(&mut self, id: u64, world: &mut World) {
        let Some(call) = self.calls.get(&id).filter(|call| !call.over && call.attempts == 1 && call.open == 1) else { return };
        let Some(client) = self.clients.get_mut(&call.client) else { return };
        client.stats.hedges += 1;
        self.attempt(id, world);
    }

    /// The wait before a further attempt is over.
    pub(super) fn retry(&mut self, id: u64, world: &mut World) {
        if !self.calls.contains_key(&id) {
            return;
        }
        if !self.attempt(id, world) {
            self.calls.remove(&id);
        }
    }

    /// An attempt of a call was begun.
    pub(super) fn attempt_began(&mut self, id: u64) {
        if let Some(call) = self.calls.get_mut(&id) {
            call.attempts += 1;
            call.open += 1;
        }
    }

    /// An attempt of a call has ended: the call is over, or goes on with another attempt.
    pub(super) fn attempt_ended(&mut self, id: u64, outcome: Outcome, pod: Option<&str>, world: &mut World) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        call.open = call.open.saturating_sub(1);
        let (over, others) = (call.over, call.open > 0);
        let Some(client) = self.clients.get_mut(&call.client) else { return };
        if over || (outcome.is_bad() && others) {
            if over && !others {
                self.calls.remove(&id);
            }
            return;
        }
        let retries = &client.setting.habits.retries;
        if outcome.is_bad() && call.attempts <= retries.most {
            if client.budget.pay(retries, world.now) {
                client.stats.retries += 1;
                let mut random = Stream::numbered(self.seed, &format!("back-off {} {}", call.client, call.attempts), call.number);
                let wait = random.below(retries.wait(call.attempts) + 1);
                world.out.push((world.now + wait, TrafficEvent::Retry(id)));
                return;
            }
            client.stats.denied += 1;
        }
        client.stats.count(&outcome, pod, world.now - call.began, world.now);
        client.open = client.open.saturating_sub(1);
        let (name, serial) = (call.client.clone(), call.serial);
        if others {
            call.over = true;
        } else {
            self.calls.remove(&id);
        }
        self.after_call(&name, serial, world);
    }

    /// A client that waits for answers goes on; so do calls that waited for a place on the connection.
    fn after_call(&mut self, name: &Rc<str>, serial: u32, world: &mut World) {
        let Some(client) = self.clients.get(name) else { return };
        let think = match client.setting.pattern {
            Pattern::Sequence => Some(0),
            Pattern::Loop { think, .. } => Some(think),
            _ => None,
        };
        if let Some(think) = think.filter(|_| serial == client.serial && !client.is_done()) {
            world.out.push((world.now + think, TrafficEvent::Tick(name.clone(), serial)));
        }
        self.let_waiting_go(name, world);
    }

    /// Calls that waited for the connection, or for a place on it, begin.
    pub(super) fn let_waiting_go(&mut self, name: &Rc<str>, world: &mut World) {
        loop {
            let Some(client) = self.clients.get_mut(name) else { return };
            let free = client.open < client.setting.habits.streams && (client.kept.is_some() || client.open == 0);
            let Some(number) = (if free { client.waiting.pop_front() } else { None }) else { return };
            self.call(name, number, world);
        }
    }
}
