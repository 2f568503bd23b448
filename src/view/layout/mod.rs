//! Where everything is in a box of a given size: rows, doors, clients, bars, cards. Units are CSS pixels of that box.
//!
//! Up to [`ROWS`] nodes have a row each; more of them stand in a grid on both sides of the Services' bars, by zone; when
//! even that is too narrow, several nodes share a box. Everything that moves asks the same functions in both cases.

mod card;
mod geometry;
mod grid;

pub use card::CardSize;
pub use geometry::{Point, Rect};
use grid::Grid;
pub use grid::LOW;

/// Nodes that have rows; more stand in a grid.
pub const ROWS: usize = 6;

/// How many of each thing the scene must place.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Counts {
    /// Node rows.
    pub nodes: usize,
    /// Places for Pods in each row.
    pub slots: usize,
    /// Service bars.
    pub bars: usize,
    /// Clients outside.
    pub outside: usize,
    /// Pods wait for a node: a line below the scene names them.
    pub waiting: bool,
    /// Nodes of each zone, in the order of the nodes; only needed for more than [`ROWS`] nodes.
    pub zones: Vec<usize>,
}

/// A scene's places.
#[derive(Clone, Debug, PartialEq)]
pub struct Layout {
    /// The whole box.
    pub width: f32,
    /// The whole box.
    pub height: f32,
    /// The cluster's frame.
    pub cluster: Rect,
    /// How much a card shows.
    pub card: CardSize,
    counts: Counts,
    edge: f32,
    low: bool,
    above: f32,
    row: (f32, f32),
    card_box: (f32, f32, f32),
    columns: usize,
    client_width: f32,
    bar: (f32, f32),
    grid: Option<Grid>,
}

const TOP: f32 = 38.0;
const GAP: f32 = 14.0;
const EDGE: f32 = 12.0;
/// Height of the line of Pods that wait for a node.
const WAITING: f32 = 20.0;
/// Narrower scenes leave out what is only air: their edges, and half of the doors.
const NARROW: f32 = 480.0;
/// Width of a client's card in a narrow scene: its name must be read whole.
const NARROW_CLIENT: f32 = 70.0;
/// Height of a client's card.
const CLIENT: f32 = 56.0;
/// And of one with little room.
const LOW_CLIENT: f32 = 44.0;
/// Height of a bar's head with the selector below it.
const HEAD: f32 = 92.0;
/// The same without the selector, which bars have no room for where rows are so low.
const LOW_HEAD: f32 = 60.0;
const LOW_ROW: f32 = 100.0;
/// Of which so much are words on the Service's own colour.
const HEAD_WORDS: f32 = 66.0;
/// Height of what a node has in a bar: its words and its endpoints.
pub const SLICE: f32 = 50.0;
/// A bar begins so far above the first row.
const ABOVE: f32 = 8.0;
/// Low rows leave at most so much room above them for the bars' heads.
const MOST_ABOVE: f32 = 64.0;

impl Layout {
    /// Places for so many things in a box of that size.
    pub fn new(width: f32, height: f32, counts: Counts) -> Layout {
        let (whole, height) = (height, if counts.waiting { height - WAITING } else { height });
        let narrow = width < NARROW;
        let edge = if narrow { 4.0 } else { EDGE };
        let client_width = if narrow { NARROW_CLIENT } else { (width * 0.115).min(98.0) };
        let cluster_x = edge + client_width + if narrow { 6.0 } else { (width * 0.03).min(22.0) };
        let cluster = Rect { x: cluster_x, y: TOP - 6.0, w: width - cluster_x - edge, h: height - TOP - 4.0 };
        let nodes = counts.nodes.max(1) as f32;
        let for_rows = cluster.h - 2.0 * EDGE - ABOVE - GAP * (nodes - 1.0);
        let low = for_rows / nodes < LOW_ROW;
        // kube-proxy's name goes first where there is little room.
        let needed = if low { LOW_HEAD + SLICE - 14.0 } else { HEAD + SLICE };
        let above = (needed - for_rows / nodes).clamp(0.0, MOST_ABOVE);
        let row_height = ((for_rows - above) / nodes).max(8.0);
        let before_bar = if narrow { 24.0 } else { (cluster.w * 0.155).min(110.0) };
        let bar_x = cluster.x + client_width + before_bar;
        let bar_width = (width * 0.135).clamp(54.0, 116.0);
        let mut layout = Layout {
            width,
            height: whole,
            cluster,
            edge,
            low,
            card: CardSize::Large,
            counts,
            above,
            row: (cluster.y + EDGE + ABOVE + above, row_height),
            card_box: (0.0, 0.0, 0.0),
            columns: 1,
            client_width,
            bar: (bar_x, bar_width),
            grid: None,
        };
        if layout.counts.nodes > ROWS {
            let grid = Grid::new(layout.cluster, &layout.counts);
            layout.card = CardSize::Heat;
            layout.bar = (grid.middle.x, grid.middle.w);
            layout.grid = Some(grid);
        } else {
            layout.fit_cards();
        }
        layout
    }

    /// Height of a bar's head. What the first node has in the bar begins there.
    pub fn head(&self) -> f32 {
        if self.low { LOW_HEAD } else { HEAD }
    }

    /// Whether bars show their selectors.
    pub fn shows_selectors(&self) -> bool {
        !self.low && !self.is_grid()
    }

    /// Nodes in a grid share boxes of so many; in rows: 1.
    pub fn group(&self) -> usize {
        self.grid.as_ref().map_or(1, |grid| grid.group)
    }

    /// Whether nodes stand in a grid.
    pub fn is_grid(&self) -> bool {
        self.grid.is_some()
    }

    /// Whether Pods (or nodes) are cells of a picture and not cards.
    pub fn is_cells(&self) -> bool {
        self.card == CardSize::Heat
    }

    /// Where the zones' names stand, in a grid.
    pub fn zones(&self) -> Vec<Point> {
        self.grid.as_ref().map_or(vec![], Grid::headings)
    }

    /// The node and the place whose card or cell is at a point.
    pub fn at(&self, p: Point) -> Option<(usize, usize)> {
        if let Some(grid) = &self.grid {
            return grid.boxes().find(|first| grid.node(*first).holds(p)).and_then(|first| grid.cell_at(first, p));
        }
        let node = (0..self.counts.nodes).find(|n| self.row(*n).holds(p))?;
        (0..self.counts.slots).find(|slot| self.card(node, *slot).holds(p)).map(|slot| (node, slot))
    }

    /// A node's row.
    pub fn row(&self, node: usize) -> Rect {
        if let Some(grid) = &self.grid {
            return grid.node(node);
        }
        let y = self.row.0 + node as f32 * (self.row.1 + GAP);
        Rect { x: self.cluster.x + self.edge, y, w: self.cluster.w - 2.0 * self.edge, h: self.row.1 }
    }

    /// The part of a row in which its Pods are.
    pub fn pods_area(&self, node: usize) -> Rect {
        let row = self.row(node);
        let x = self.bar.0 + self.bar_span() + (self.width * 0.045).clamp(8.0, 44.0);
        Rect { x, y: row.y + 8.0, w: (row.x + row.w - self.edge.min(10.0) - x).max(10.0), h: (row.h - 16.0).max(10.0) }
    }

    /// The card of a place in a node's row.
    pub fn card(&self, node: usize, slot: usize) -> Rect {
        if let Some(grid) = &self.grid {
            return grid.cell(node, slot);
        }
        let area = self.pods_area(node);
        let (w, h, gap) = self.card_box;
        let rows = self.counts.slots.max(1).div_ceil(self.columns) as f32;
        let block = rows * h + (rows - 1.0) * gap;
        let top = area.y + ((area.h - block) / 2.0).max(0.0);
        let (column, line) = (slot % self.columns, slot / self.columns);
        Rect { x: area.x + column as f32 * (w + gap), y: top + line as f32 * (h + gap), w, h }
    }

    /// The door of a node port at the left edge of a row.
    pub fn door(&self, node: usize) -> Rect {
        let row = self.row(node);
        if self.is_grid() {
            return Rect { x: row.x - 3.0, y: row.y + 4.0, w: 6.0, h: 12.0 };
        }
        let h = (row.h * 0.3).clamp(14.0, 46.0);
        let w = if self.edge < EDGE { 10.0 } else { 18.0 };
        Rect { x: row.x - 8.0, y: row.middle().y - h / 2.0, w, h }
    }

    /// Where the `index`-th of all clients outside is; `toward`: the node that it talks to.
    pub fn outside(&self, index: usize, toward: Option<usize>) -> Rect {
        let h = CLIENT;
        let y = match toward {
            Some(node) if !self.is_grid() => self.row(node).middle().y - h / 2.0,
            _ => {
                let share = self.cluster.h / (self.counts.outside.max(1) as f32 + 1.0);
                self.cluster.y + share * (index as f32 + 1.0) - h / 2.0
            }
        };
        Rect { x: self.edge, y, w: self.client_width, h }
    }

    /// A client inside: the `index`-th in the row of its node.
    pub fn inside(&self, node: usize, index: usize) -> Rect {
        let row = self.row(node);
        if self.is_grid() {
            return Rect { x: row.middle().x, y: row.y + row.h - 8.0, w: 0.0, h: 0.0 };
        }
        // Below the line on which requests come in by the node's door, if its words have room there.
        let h = CLIENT.min(row.h / 2.0 - 6.0).max(LOW_CLIENT.min(row.h - 4.0));
        let x = self.bar.0 - self.client_width - (self.width * 0.016).clamp(4.0, 14.0);
        Rect { x, y: row.y + row.h - (h + 6.0) * (index as f32 + 1.0), w: self.client_width, h }
    }

    fn bar_span(&self) -> f32 {
        if self.is_grid() {
            return self.bar.1;
        }
        let bars = self.counts.bars.max(1) as f32;
        self.bar.1 * (0.4 + 0.6 * bars.min(2.0)) + (bars - 1.0) * 6.0
    }

    /// A Service's bar across all rows.
    pub fn bar(&self, index: usize) -> Rect {
        let bars = self.counts.bars.max(1) as f32;
        let w = (self.bar_span() - (bars - 1.0) * 6.0) / bars;
        let x = self.bar.0 + index as f32 * (w + 6.0);
        if let Some(grid) = &self.grid {
            return Rect { x, w, ..grid.middle };
        }
        let last = self.row(self.counts.nodes.max(1) - 1);
        let y = self.row(0).y - self.above - ABOVE;
        Rect { x, y, w, h: last.y + last.h + 6.0 - y }
    }

    /// The slice of a bar that is a node's kube-proxy.
    pub fn slice(&self, bar: usize, node: usize) -> Rect {
        let (bar, row) = (self.bar(bar), self.row(node));
        Rect { x: bar.x, y: row.y, w: bar.w, h: row.h }
    }

    /// Where a request goes into a bar at a node, and where it comes out on its way to a point.
    pub fn through(&self, bar: usize, node: usize, from: Point, to: Option<Point>) -> (Point, Point) {
        let mut slice = self.slice(bar, node);
        if !self.is_grid() {
            return (slice.left(), slice.right());
        }
        // The bar's head is for reading.
        slice.y = slice.y.max(self.bar(bar).y + HEAD_WORDS - slice.h / 2.0);
        let side = |p: Point| if p.x < slice.middle().x { slice.left() } else { slice.right() };
        (side(from), side(to.unwrap_or(slice.right())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cards_never_overlap_and_stay_in_their_row() {
        for (width, height) in [(818.0, 540.0), (1400.0, 900.0), (340.0, 420.0), (600.0, 400.0)] {
            for slots in [1, 2, 3, 7, 20, 40] {
                let layout =
                    Layout::new(width, height, Counts { nodes: 3, slots, bars: 1, outside: 2, waiting: false, zones: vec![] });
                let cards: Vec<Rect> = (0..slots).map(|slot| layout.card(1, slot)).collect();
                for (i, a) in cards.iter().enumerate() {
                    let row = layout.row(1);
                    assert!(a.x + a.w <= row.x + row.w + 1.0, "{width}×{height}, {slots} slots: card {i} leaves its row");
                    for b in &cards[i + 1..] {
                        assert!(!a.meets(b), "{width}×{height}: {a:?} and {b:?} overlap");
                    }
                }
            }
        }
    }

    #[test]
    fn cards_shrink_in_steps() {
        let size = |slots| {
            Layout::new(818.0, 540.0, Counts { nodes: 3, slots, bars: 1, outside: 2, waiting: false, zones: vec![] }).card
        };
        assert_eq!(size(2), CardSize::Large);
        assert_eq!(size(3), CardSize::Tall);
        assert_eq!(size(5), CardSize::Medium);
        assert!(size(34) != CardSize::Large && size(34) != CardSize::Heat);
        assert_eq!(size(200), CardSize::Heat);
    }

    #[test]
    fn many_nodes_stand_in_a_grid_and_share_boxes_when_they_must() {
        for (width, height) in [(818.0, 540.0), (1400.0, 900.0), (340.0, 420.0)] {
            for (zones, slots) in [(vec![7, 6], 4), (vec![24, 24], 40), (vec![500, 500], 110), (vec![5000], 3)] {
                let nodes = zones.iter().sum();
                let layout = Layout::new(
                    width,
                    height,
                    Counts { nodes, slots, bars: 1, outside: 2, waiting: false, zones: zones.clone() },
                );
                let group = layout.group();
                let words = format!("{width}×{height}, {zones:?} nodes, {group} a box");
                let mut seen: Vec<Rect> = vec![layout.bar(0)];
                let mut node = 0;
                for zone in &zones {
                    for first in (0..*zone).step_by(group) {
                        let row = layout.row(node + first);
                        assert!(
                            layout.cluster.holds(row.left()) && layout.cluster.holds(row.right()),
                            "{words}: {row:?} is outside"
                        );
                        assert!(row.y + row.h <= layout.cluster.y + layout.cluster.h + 1.0, "{words}: {row:?} is too low");
                        assert!(seen.iter().all(|other| !other.meets(&row)), "{words}: {row:?} overlaps");
                        seen.push(row);
                        for place in 0..if group > 1 { group.min(zone - first) } else { slots } {
                            let (n, slot) = if group > 1 { (node + first + place, 0) } else { (node + first, place) };
                            let cell = layout.card(n, slot);
                            assert!(
                                row.holds(Point { x: cell.x, y: cell.y }) && row.holds(cell.right()),
                                "{words}: {cell:?} leaves {row:?}"
                            );
                            assert_eq!(layout.at(cell.middle()), Some((n, slot)), "{words}");
                        }
                    }
                    node += zone;
                }
            }
        }
    }
}
