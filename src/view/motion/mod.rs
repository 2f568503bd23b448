//! Requests on their way across the scene: each flies its real way in a fixed time, and ends as it really ended.

mod flight;

pub use flight::Flight;
use flight::flight;

use crate::lab::Lab;
use crate::time::{MILLISECOND, Nanos};
use crate::traffic::{Failure, Outcome, Record};
use crate::view::layout::{Layout, Point};
use crate::view::scene::Scene;
use crate::view::watcher::Watcher;
use std::collections::VecDeque;
use std::rc::Rc;

/// Milliseconds that a request flies.
pub const FLIGHT_MS: f32 = 900.0;
/// Milliseconds that a failure's mark stays.
const MARK_MS: f32 = 700.0;
/// Requests that begin to fly in one frame at most.
const STARTS: usize = 30;
/// Answered requests that begin to fly in one frame on the average; of more only every so many-th is drawn, and the
/// page says which. Others are always drawn.
const CALM: f32 = 4.0;
/// Requests in flight that are drawn.
const FLIGHTS: usize = 1500;
/// Requests without an end that are looked at again.
const OPEN: usize = 4096;
/// A request without an answer is drawn after this time; its end is shown when it comes.
const PATIENCE: Nanos = 150 * MILLISECOND;

/// How a request ended, as a shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Not known yet.
    Open,
    /// Answered.
    Answered,
    /// Answered 5xx.
    Error,
    /// Nobody listened, or the connection broke.
    Failed,
    /// No answer in time.
    Late,
}

impl Fate {
    /// The fate of a request.
    pub fn of(record: &Record) -> Fate {
        match record.outcome {
            None => Fate::Open,
            Some(Outcome::Answered { status }) if status < 500 => Fate::Answered,
            Some(Outcome::Answered { .. }) => Fate::Error,
            Some(Outcome::Failed(Failure::Timeout)) => Fate::Late,
            Some(Outcome::Failed(_)) => Fate::Failed,
        }
    }
}

/// What to draw of a request.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mark {
    /// Where.
    pub at: Point,
    /// Its shape.
    pub fate: Fate,
    /// Its colour once it has passed the bar; `None`: the Service's colour.
    pub revision: Option<usize>,
    /// It goes around the bar.
    pub stubborn: bool,
}

/// All requests that are drawn.
#[derive(Clone, Debug, Default)]
pub struct Motion {
    flights: Vec<Flight>,
    open: VecDeque<u64>,
    next_id: u64,
    /// Requests that ended in a frame, on the average.
    flow: f32,
}

impl Motion {
    /// Forgets all that flies (the scene has another size, or another lab).
    pub fn clear(&mut self, lab: &Lab) {
        self.flights.clear();
        self.open.clear();
        self.next_id = lab.traffic().records().next_back().map_or(0, |r| r.id + 1);
    }

    /// After a leap in time: the requests that are under way now, each as far as it has come.
    pub fn rebuild(&mut self, lab: &Lab, scene: &Scene, layout: &Layout, watcher: &Watcher, speed: f32) {
        self.clear(lab);
        let now = lab.cluster().now();
        let slow = speed.max(1.0) * MILLISECOND as f32;
        let span = ((FLIGHT_MS + MARK_MS) * slow) as Nanos;
        for record in lab.traffic().records().rev() {
            let leaves = record.ended.unwrap_or(Nanos::MAX).min(record.started + PATIENCE);
            if record.started + span + PATIENCE < now || self.flights.len() >= FLIGHTS {
                break;
            }
            if leaves > now {
                self.open.push_front(record.id);
                continue;
            }
            let age = (now - leaves) as f32 / slow;
            let Some(mut flight) = flight(record, lab, scene, layout, watcher) else { continue };
            flight.age = age;
            flight.ended = if flight.fate == Fate::Open { 0.0 } else { (age - FLIGHT_MS).max(0.0) };
            if flight.is_over() {
                continue;
            }
            self.flights.push(flight);
        }
    }

    /// Takes the requests that began or ended since the last call.
    pub fn observe(&mut self, lab: &Lab, scene: &Scene, layout: &Layout, watcher: &Watcher) {
        let first = lab.traffic().records().next().map_or(0, |r| r.id);
        self.next_id = self.next_id.max(first);
        while let Some(record) = lab.traffic().record(self.next_id) {
            self.open.push_back(record.id);
            self.next_id += 1;
        }
        let now = lab.cluster().now();
        let (mut starts, mut ends, every) = (0, 0, self.every());
        let mut still_open = VecDeque::new();
        for id in std::mem::take(&mut self.open) {
            let Some(record) = lab.traffic().record(id) else { continue };
            if record.outcome.is_none() && record.started + PATIENCE > now {
                still_open.push_back(id);
                continue;
            }
            ends += 1;
            let drawn = id.is_multiple_of(every) || Fate::of(record) != Fate::Answered;
            if drawn && starts < STARTS && self.flights.len() < FLIGHTS {
                starts += 1;
                self.flights.extend(flight(record, lab, scene, layout, watcher));
            }
        }
        self.flow += (ends as f32 - self.flow) * 0.05;
        while still_open.len() > OPEN {
            still_open.pop_front();
        }
        self.open = still_open;
        for flight in self.flights.iter_mut().filter(|f| f.fate == Fate::Open) {
            flight.fate = lab.traffic().record(flight.id).map_or(Fate::Late, Fate::of);
        }
    }

    /// Of the answered requests, every so many-th is drawn.
    pub fn every(&self) -> u64 {
        // In steps, so that the number can be read.
        let needed = (self.flow / CALM) as u64 + 1;
        [1, 2, 5, 10, 20, 50, 100, 200, 500].into_iter().find(|n| *n >= needed).unwrap_or(1000)
    }

    /// Lets `ms` milliseconds of drawing time pass.
    pub fn advance(&mut self, ms: f32) {
        for flight in &mut self.flights {
            flight.age += ms;
            if flight.age >= FLIGHT_MS && flight.fate != Fate::Open {
                flight.ended += ms;
            }
        }
        self.flights.retain(|f| !f.is_over());
    }

    /// What to draw now.
    pub fn marks(&self) -> impl Iterator<Item = Mark> {
        self.flights.iter().map(Flight::mark)
    }

    /// Whether anything flies.
    pub fn is_empty(&self) -> bool {
        self.flights.is_empty()
    }
}

/// A client's card.
pub fn client_box(scene: &Scene, layout: &Layout, index: usize) -> crate::view::Rect {
    let client = &scene.clients[index];
    let before = |same: &dyn Fn(&Rc<crate::view::ClientCard>) -> bool| scene.clients[..index].iter().filter(|c| same(c)).count();
    match client.node {
        Some(node) => layout.inside(node, before(&|c| c.node == Some(node))),
        None => {
            let same_door = before(&|c| c.node.is_none() && c.door == client.door);
            let mut place = layout.outside(before(&|c| c.node.is_none()), client.door);
            place.y += same_door as f32 * (place.h + 6.0);
            place
        }
    }
}
