//! The ways of requests as faint lines under everything, for the page and for pictures alike.

use super::layout::{Layout, Point};
use super::motion::client_box;
use super::scene::{Dot, Scene};
use super::way::curve_data;

/// With more Pods than this the lines from the bars to each of them are left out.
const LINES: usize = 15;

/// The line of a client: to the Service, or around it.
#[derive(Clone, Debug, PartialEq)]
pub struct Wire {
    /// Which client.
    pub client: usize,
    /// The line as path data.
    pub d: String,
    /// Where it meets the Service.
    pub to: Point,
    /// It goes around the bar, to one Pod's address.
    pub around: bool,
    /// That Pod is gone.
    pub lost: bool,
}

/// The clients' lines.
pub fn wires(scene: &Scene, layout: &Layout) -> Vec<Wire> {
    let wire = |i: usize| {
        let client = &scene.clients[i];
        let from = client_box(scene, layout, i).right();
        if client.stubborn {
            let bar = layout.bar(scene.bars.len().saturating_sub(1));
            let (x, low, far) = (from.x + 6.0, bar.y + bar.h + 4.0, bar.x + bar.w + 10.0);
            let held = client.detail.trim_start_matches("→ ");
            let lost = !scene.pods.iter().any(|c| c.ip == held);
            let end = client.held.map(|(row, slot)| layout.card(row, slot).left());
            let end = end.map_or(String::new(), |p| format!(" V{:.0} L{:.0},{:.0}", p.y, p.x, p.y));
            let d = format!("M{:.0},{:.0} L{x:.0},{low:.0} H{far:.0}{end}", from.x, from.y);
            return Wire { client: i, d, to: from, around: true, lost };
        }
        let to = layout.slice(0, client.door.or(client.node).unwrap_or(0)).left();
        let d = match client.door.map(|n| layout.door(n).middle()) {
            Some(door) => format!("M{:.0},{:.0} L{:.0},{:.0} {}", from.x, from.y, door.x, door.y, curve_data(door, to)),
            None => curve_data(from, to),
        };
        Wire { client: i, d, to, around: false, lost: false }
    };
    (0..scene.clients.len()).map(wire).collect()
}

/// The lines from each node's part of a bar to the Pods that it sends to, as path data; none when there are too many Pods.
pub fn ends<'a>(scene: &'a Scene, layout: &Layout) -> Vec<(&'a Dot, String)> {
    if scene.pods.len() > LINES {
        return vec![];
    }
    let mut lines = vec![];
    for (b, bar) in scene.bars.iter().enumerate() {
        for (i, slice) in bar.slices.iter().enumerate() {
            let from = layout.slice(b, i).right();
            for dot in &slice.dots {
                let card = scene.pods.iter().find(|c| c.ip == dot.ip);
                let place = card.and_then(|c| Some(layout.card(scene.row_of(&c.node)?, c.slot)));
                lines.extend(place.map(|place| (dot, curve_data(from, place.left()))));
            }
        }
    }
    lines
}
