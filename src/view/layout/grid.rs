//! More nodes than rows: boxes in a grid on both sides of the bars, zone by zone; a box is a node with its Pods as cells,
//! or, when there are too many, several nodes with a cell each.

use super::{Counts, Point, Rect};

/// The smallest box whose words can be read.
const SMALLEST: (f32, f32) = (84.0, 45.0);
/// Lower boxes have no words below their cells.
pub const LOW: f32 = 62.0;
/// What is then below the cells.
const THIN_FOOT: f32 = 8.0;
/// The box that is read best.
const BEST: (f32, f32) = (107.0, 100.0);
/// The largest box that still looks like one of many.
const LARGEST: (f32, f32) = (150.0, 128.0);
const GAP: f32 = 7.0;
const EDGE: f32 = 10.0;
/// Height of a zone's name.
const HEADING: f32 = 20.0;
/// Above and below the cells of a box: its name, its bar of requests.
const HEAD: f32 = 20.0;
const FOOT: f32 = 20.0;
const SIDE: f32 = 7.0;
/// Sizes of a cell with its gap.
const CELLS: [f32; 9] = [13.0, 11.0, 9.0, 7.0, 6.0, 5.0, 4.0, 3.0, 2.0];

/// Where the boxes are.
#[derive(Clone, Debug, PartialEq)]
pub struct Grid {
    /// Nodes in a box.
    pub group: usize,
    /// The bars' place.
    pub middle: Rect,
    left: f32,
    top: f32,
    /// Columns on each side of the bars.
    columns: usize,
    size: (f32, f32),
    /// For each zone: its first node, its nodes, its first line of boxes.
    zones: Vec<(usize, usize, usize)>,
    cell: f32,
    across: usize,
}

/// Height of what is below the cells of a box so high.
fn foot(height: f32) -> f32 {
    if height < LOW { THIN_FOOT } else { FOOT }
}

/// Lines of boxes that zones need.
fn lines(zones: &[usize], group: usize, columns: usize) -> usize {
    zones.iter().map(|nodes| nodes.div_ceil(group).div_ceil(2 * columns)).sum()
}

/// What boxes of so many nodes look like.
struct Shape {
    columns: usize,
    size: (f32, f32),
    cell: f32,
    /// Cells beside each other.
    across: usize,
    /// Whether a box has room for all its cells.
    holds: bool,
    /// Whether there is room for all boxes.
    fits: bool,
}

impl Shape {
    /// `most`: columns on each side at most; `room`: width and height of a side; `slots`: places of each node.
    fn new(zones: &[usize], group: usize, most: usize, room: (f32, f32), slots: usize) -> Shape {
        let shapes = (1..=most).map(|columns| Shape::with(zones, group, columns, room, slots));
        // The largest boxes that hold what they must.
        let fitness = |s: &Shape| (s.holds && s.fits, (s.size.0 / BEST.0).min(s.size.1 / BEST.1));
        let better = |best: Shape, other: Shape| if fitness(&other) > fitness(&best) { other } else { best };
        shapes.reduce(better).unwrap_or_else(|| Shape::with(zones, group, 1, room, slots))
    }

    fn with(zones: &[usize], group: usize, columns: usize, room: (f32, f32), slots: usize) -> Shape {
        let lines = lines(zones, group, columns).max(1) as f32;
        // Many nodes that share boxes need all the room there is.
        let largest = if group > 1 { room } else { LARGEST };
        let w = ((room.0 + GAP) / columns as f32 - GAP).min(largest.0);
        let h = (room.1 / lines - GAP).min(largest.1).max(SMALLEST.1.min(room.1));
        let inner = (w - 2.0 * SIDE, h - HEAD - foot(h));
        let places = if group > 1 { group } else { slots.max(1) };
        let held = |cell: f32| ((inner.0 / cell) as usize) * ((inner.1 / cell) as usize);
        let found = CELLS.into_iter().find(|c| held(*c) >= places);
        let cell = found.unwrap_or(CELLS[CELLS.len() - 1]);
        let fits = lines * (SMALLEST.1 + GAP) <= room.1;
        Shape { columns, size: (w, h), cell, across: ((inner.0 / cell) as usize).max(1), holds: found.is_some(), fits }
    }
}

impl Grid {
    /// Places for nodes within the cluster's frame.
    pub fn new(cluster: Rect, counts: &Counts) -> Grid {
        let all = [counts.nodes];
        let zones: &[usize] = if counts.zones.iter().sum::<usize>() == counts.nodes { &counts.zones } else { &all };
        let bar = (cluster.w * 0.17).clamp(70.0, 150.0) * (0.7 + 0.3 * counts.bars.max(1) as f32);
        // In a very narrow frame boxes are narrower than the smallest that can be read, but never leave it.
        let side = ((cluster.w - bar) / 2.0 - EDGE - GAP).max(12.0);
        let columns = (((side + GAP) / (SMALLEST.0 + GAP)) as usize).max(1);
        let height = cluster.h - 2.0 * EDGE - HEADING * zones.len() as f32;
        let shape = |group| Shape::new(zones, group, columns, (side, height), counts.slots);
        let fits = |group: &usize| {
            is_round(*group) && {
                let s = shape(*group);
                s.fits && s.holds
            }
        };
        let group = (1..=counts.nodes).find(fits).unwrap_or(counts.nodes.max(1));
        let Shape { columns, size, cell, across, .. } = shape(group);
        let w = size.0;
        let middle = Rect { x: cluster.x + (cluster.w - bar) / 2.0, y: cluster.y + EDGE, w: bar, h: cluster.h - 2.0 * EDGE };
        let mut grid = Grid {
            group,
            middle,
            left: middle.x - GAP - columns as f32 * (w + GAP) + GAP - 4.0,
            top: cluster.y + EDGE,
            columns,
            size,
            zones: vec![],
            cell,
            across,
        };
        let (mut node, mut line) = (0, 0);
        for nodes in zones {
            grid.zones.push((node, *nodes, line));
            node += nodes;
            line += nodes.div_ceil(group).div_ceil(2 * columns);
        }
        grid
    }

    /// The zone of a node: which one, and the node's number in it.
    fn zone(&self, node: usize) -> (usize, usize) {
        let zone = self.zones.iter().rposition(|z| z.0 <= node).unwrap_or(0);
        (zone, node - self.zones.get(zone).map_or(0, |z| z.0))
    }

    /// The box of a node.
    pub fn node(&self, node: usize) -> Rect {
        let (zone, number) = self.zone(node);
        let place = number / self.group;
        let (line, column) = (place / (2 * self.columns), place % (2 * self.columns));
        let line = line + self.zones.get(zone).map_or(0, |z| z.2);
        let (w, h) = self.size;
        let x = if column < self.columns {
            self.left + column as f32 * (w + GAP)
        } else {
            self.middle.x + self.middle.w + GAP + 4.0 + (column - self.columns) as f32 * (w + GAP)
        };
        let y = self.top + HEADING * (zone + 1) as f32 + line as f32 * (h + GAP);
        Rect { x, y, w, h }
    }

    /// The cell of a Pod's place in its node's box; with several nodes a box, the cell of the node.
    pub fn cell(&self, node: usize, slot: usize) -> Rect {
        let place = self.node(node);
        let index = if self.group > 1 { self.zone(node).1 % self.group } else { slot };
        let (column, line) = (index % self.across, index / self.across);
        let side = (self.cell - 1.5).max(2.0);
        let x = place.x + SIDE + column as f32 * self.cell;
        let y = place.y + HEAD + line as f32 * self.cell;
        // What no box could hold stays at its edge.
        Rect { x, y: y.min(place.y + place.h - foot(place.h) - side + 8.0), w: side, h: side }
    }

    /// The first node of every box. Each zone begins with a box of its own.
    pub fn boxes(&self) -> impl Iterator<Item = usize> {
        self.zones.iter().flat_map(|(first, nodes, _)| (*first..first + nodes).step_by(self.group))
    }

    /// The node and the place whose cell is at a point of the box that begins with node `first`.
    pub fn cell_at(&self, first: usize, p: Point) -> Option<(usize, usize)> {
        let place = self.node(first);
        let (x, y) = (p.x - place.x - SIDE, p.y - place.y - HEAD);
        if x < 0.0 || y < 0.0 || x >= self.across as f32 * self.cell {
            return None;
        }
        let index = (y / self.cell) as usize * self.across + (x / self.cell) as usize;
        Some(if self.group > 1 { (first + index, 0) } else { (first, index) })
    }

    /// Where the zones' names stand.
    pub fn headings(&self) -> Vec<Point> {
        let point = |zone: &(usize, usize, usize)| {
            let place = self.node(zone.0);
            Point { x: place.x, y: place.y - HEADING }
        };
        self.zones.iter().map(point).collect()
    }
}

/// Numbers that people group by: 1, 2, 4, 5, 8, 10, 16, 20, 25, 40, 50…
fn is_round(n: usize) -> bool {
    let mut n = n;
    while n.is_multiple_of(10) {
        n /= 10;
    }
    matches!(n, 1 | 2 | 4 | 5 | 8 | 16 | 25)
}
