//! Requests on their way across the scene: each flies its real way in a fixed time, and ends as it really ended.

use super::layout::{Layout, Point};
use super::scene::Scene;
use super::watcher::Watcher;
use super::way::curve_on;
use crate::lab::Lab;
use crate::node::proxy::Verdict;
use crate::time::{MILLISECOND, Nanos};
use crate::traffic::{Failure, Outcome, Record};
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

/// A request on its way.
#[derive(Clone, Debug)]
pub struct Flight {
    /// Which request.
    pub id: u64,
    /// Its way.
    way: Vec<Point>,
    /// The first leg of its way behind the bar.
    past: usize,
    length: f32,
    /// Milliseconds since it left.
    age: f32,
    /// Milliseconds since its end was reached.
    ended: f32,
    fate: Fate,
    revision: Option<usize>,
    stubborn: bool,
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

impl Flight {
    fn is_over(&self) -> bool {
        self.ended > if self.fate == Fate::Answered { 0.0 } else { MARK_MS }
    }

    fn mark(&self) -> Mark {
        let share = (self.age / FLIGHT_MS).min(1.0);
        let mut left = share * self.length;
        let mut at = *self.way.last().unwrap_or(&Point::default());
        let mut leg = 0;
        for (i, pair) in self.way.windows(2).enumerate() {
            let length = distance(pair[0], pair[1]);
            leg = i;
            if left <= length {
                let part = if length > 0.0 { left / length } else { 0.0 };
                at = Point { x: pair[0].x + (pair[1].x - pair[0].x) * part, y: pair[0].y + (pair[1].y - pair[0].y) * part };
                break;
            }
            left -= length;
        }
        let arrived = share >= 1.0;
        let fate = match self.fate {
            fate if arrived => fate,
            Fate::Late | Fate::Open => Fate::Open,
            _ => Fate::Answered,
        };
        Mark { at, fate, revision: self.revision.filter(|_| leg >= self.past), stubborn: self.stubborn }
    }
}

fn distance(a: Point, b: Point) -> f32 {
    ((a.x - b.x) * (a.x - b.x) + (a.y - b.y) * (a.y - b.y)).sqrt()
}

/// The way of a request: from its client through a door and the deciding node's slice to a Pod, or as far as it came.
fn flight(record: &Record, lab: &Lab, scene: &Scene, layout: &Layout, watcher: &Watcher) -> Option<Flight> {
    let index = scene.clients.iter().position(|c| c.name == record.client)?;
    let client = &scene.clients[index];
    let start = client_box(scene, layout, index);
    let stubborn = client.stubborn;
    let target = target(record, lab, scene, watcher);
    let end = target.place.map(|(node, slot)| {
        let card = layout.card(node, slot);
        if layout.is_cells() { card.middle() } else { card.left() }
    });
    let mut way = vec![start.right()];
    if stubborn {
        let below = layout.bar(scene.bars.len().saturating_sub(1));
        let y = below.y + below.h + 4.0;
        way.push(Point { x: start.x + start.w + 6.0, y });
        way.push(Point { x: below.x + below.w + 10.0, y });
    } else {
        let door = record.door.as_ref().and_then(|n| scene.row_of(n));
        if let Some(row) = door {
            way.push(layout.door(row).middle());
        }
        let node = record.node.as_ref().and_then(|n| scene.row_of(n)).or(door).or(client.node).unwrap_or(0);
        let (into, out) = layout.through(bar_of(record, scene), node, *way.last()?, end);
        go(&mut way, into, layout);
        way.push(out);
    }
    let fate = Fate::of(record);
    let past = way.len() - 1;
    if let Some(end) = end {
        if stubborn {
            way.push(Point { y: end.y, ..*way.last()? });
        }
        go(&mut way, end, layout);
    } else if stubborn {
        let last = *way.last()?;
        way.push(Point { x: last.x + 10.0, y: last.y - 60.0 });
    }
    let length = way.windows(2).map(|p| distance(p[0], p[1])).sum();
    Some(Flight { id: record.id, way, past, length, age: 0.0, ended: 0.0, fate, revision: target.revision, stubborn })
}

/// On to a point: along a curve between rows, straight among the boxes of a grid.
fn go(way: &mut Vec<Point>, to: Point, layout: &Layout) {
    if layout.is_grid() { way.push(to) } else { curve_on(way, to) }
}

/// Where a request went in the end.
struct Target {
    /// Row and place of the Pod that has, or had last, the address.
    place: Option<(usize, usize)>,
    /// That Pod's revision.
    revision: Option<usize>,
}

fn target(record: &Record, lab: &Lab, scene: &Scene, watcher: &Watcher) -> Target {
    if let Some((uid, _, node)) = &record.pod
        && let Some(slot) = watcher.slots().slot(uid)
    {
        return Target { place: scene.row_of(node).map(|row| (row, slot)), revision: watcher.revision_of_uid(uid) };
    }
    let asked = record.asked.map(|a| *a.ip());
    let service = scene.bars.iter().any(|b| asked.is_some_and(|ip| b.address == ip.to_string()));
    let held = lab.traffic().client(&record.client).filter(|c| c.setting.stubborn).map(|c| c.setting.url.host.clone());
    let chosen = record.hops.iter().rev().find_map(|hop| match hop.verdict {
        Verdict::Dnat { ip, .. } => Some(ip.to_string()),
        _ => None,
    });
    let ip = held.or(chosen).or(asked.filter(|_| !service).map(|ip| ip.to_string())).unwrap_or_default();
    let place = watcher.place_of(&ip).and_then(|(node, slot)| Some((scene.row_of(&node)?, slot)));
    Target { place, revision: watcher.revision_of(&ip) }
}

fn bar_of(record: &Record, scene: &Scene) -> usize {
    let Some(asked) = record.asked else { return 0 };
    scene.bars.iter().position(|b| b.address == asked.ip().to_string()).unwrap_or(0)
}

/// A client's card.
pub fn client_box(scene: &Scene, layout: &Layout, index: usize) -> super::Rect {
    let client = &scene.clients[index];
    let before = |same: &dyn Fn(&Rc<super::ClientCard>) -> bool| scene.clients[..index].iter().filter(|c| same(c)).count();
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
