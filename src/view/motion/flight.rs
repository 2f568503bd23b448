//! One request on its way: from its client through a door and the deciding node's slice to a Pod, or as far as it came.

use super::{FLIGHT_MS, Fate, MARK_MS, Mark, client_box};
use crate::lab::Lab;
use crate::node::proxy::Verdict;
use crate::traffic::Record;
use crate::view::layout::{Layout, Point};
use crate::view::scene::Scene;
use crate::view::watcher::Watcher;
use crate::view::way::curve_on;

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
    pub(super) age: f32,
    /// Milliseconds since its end was reached.
    pub(super) ended: f32,
    pub(super) fate: Fate,
    revision: Option<usize>,
    stubborn: bool,
}

impl Flight {
    /// Whether nothing of it is to be seen any more.
    pub(super) fn is_over(&self) -> bool {
        self.ended > if self.fate == Fate::Answered { 0.0 } else { MARK_MS }
    }

    /// What to draw of it now.
    pub(super) fn mark(&self) -> Mark {
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
pub(super) fn flight(record: &Record, lab: &Lab, scene: &Scene, layout: &Layout, watcher: &Watcher) -> Option<Flight> {
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
