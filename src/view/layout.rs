//! Where everything is in a box of a given size: rows, doors, clients, bars, cards. Units are CSS pixels of that box.

/// A place.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Point {
    /// From the left.
    pub x: f32,
    /// From the top.
    pub y: f32,
}

/// A box.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rect {
    /// Left edge.
    pub x: f32,
    /// Upper edge.
    pub y: f32,
    /// Width.
    pub w: f32,
    /// Height.
    pub h: f32,
}

impl Rect {
    /// Its middle.
    pub fn middle(&self) -> Point {
        Point { x: self.x + self.w / 2.0, y: self.y + self.h / 2.0 }
    }

    /// The middle of its left edge.
    pub fn left(&self) -> Point {
        Point { x: self.x, y: self.y + self.h / 2.0 }
    }

    /// The middle of its right edge.
    pub fn right(&self) -> Point {
        Point { x: self.x + self.w, y: self.y + self.h / 2.0 }
    }
}

/// How much a Pod's card shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CardSize {
    /// Name, address, labels, state, rate.
    Large,
    /// Short name, address, state.
    Medium,
    /// Short name and mark.
    Small,
    /// A cell with a mark.
    Cell,
    /// A cell of a heat map.
    Heat,
}

impl CardSize {
    /// The name used for CSS classes.
    pub fn id(self) -> &'static str {
        match self {
            CardSize::Large => "large",
            CardSize::Medium => "medium",
            CardSize::Small => "small",
            CardSize::Cell => "cell",
            CardSize::Heat => "heat",
        }
    }
}

/// Sizes of cards from the most to the least telling: width, height, gap.
const CARDS: [(CardSize, f32, f32, f32); 5] = [
    (CardSize::Large, 146.0, 104.0, 12.0),
    (CardSize::Medium, 96.0, 56.0, 8.0),
    (CardSize::Small, 60.0, 34.0, 6.0),
    (CardSize::Cell, 26.0, 24.0, 4.0),
    (CardSize::Heat, 10.0, 10.0, 2.0),
];

/// How many of each thing the scene must place.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Counts {
    /// Node rows.
    pub nodes: usize,
    /// Places for Pods in each row.
    pub slots: usize,
    /// Service bars.
    pub bars: usize,
    /// Clients outside.
    pub outside: usize,
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
    row: (f32, f32),
    card_box: (f32, f32, f32),
    columns: usize,
    client_width: f32,
    bar: (f32, f32),
}

const TOP: f32 = 38.0;
const GAP: f32 = 14.0;
const EDGE: f32 = 12.0;

impl Layout {
    /// Places for so many things in a box of that size.
    pub fn new(width: f32, height: f32, counts: Counts) -> Layout {
        let client_width = (width * 0.115).clamp(46.0, 98.0);
        let cluster_x = EDGE + client_width + (width * 0.03).clamp(4.0, 22.0);
        let cluster = Rect { x: cluster_x, y: TOP - 6.0, w: width - cluster_x - EDGE, h: height - TOP - 4.0 };
        let nodes = counts.nodes.max(1) as f32;
        let row_height = ((cluster.h - 2.0 * EDGE - 8.0 - GAP * (nodes - 1.0)) / nodes).max(8.0);
        let bar_x = cluster.x + client_width + (cluster.w * 0.155).clamp(16.0, 110.0);
        let bar_width = (width * 0.135).clamp(54.0, 116.0);
        let mut layout = Layout {
            width,
            height,
            cluster,
            card: CardSize::Large,
            counts,
            row: (cluster.y + EDGE + 8.0, row_height),
            card_box: (0.0, 0.0, 0.0),
            columns: 1,
            client_width,
            bar: (bar_x, bar_width),
        };
        layout.fit_cards();
        layout
    }

    /// The biggest cards that fit.
    fn fit_cards(&mut self) {
        let area = self.pods_area(0);
        for (size, w, h, gap) in CARDS {
            let w = if size == CardSize::Large { w.min(area.w) } else { w };
            let columns = ((area.w + gap) / (w + gap)) as usize;
            let rows = ((area.h + gap) / (h + gap)) as usize;
            self.card = size;
            self.card_box = (w, h, gap);
            self.columns = columns.max(1);
            if (w >= 130.0 || size != CardSize::Large) && columns * rows >= self.counts.slots {
                break;
            }
        }
    }

    /// A node's row.
    pub fn row(&self, node: usize) -> Rect {
        let y = self.row.0 + node as f32 * (self.row.1 + GAP);
        Rect { x: self.cluster.x + EDGE, y, w: self.cluster.w - 2.0 * EDGE, h: self.row.1 }
    }

    /// The part of a row in which its Pods are.
    fn pods_area(&self, node: usize) -> Rect {
        let row = self.row(node);
        let x = self.bar.0 + self.bar_span() + (self.width * 0.045).clamp(8.0, 44.0);
        Rect { x, y: row.y + 8.0, w: (row.x + row.w - 10.0 - x).max(10.0), h: (row.h - 16.0).max(10.0) }
    }

    /// The card of a place in a node's row.
    pub fn card(&self, node: usize, slot: usize) -> Rect {
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
        let h = (row.h * 0.3).clamp(14.0, 46.0);
        Rect { x: self.cluster.x + 4.0, y: row.middle().y - h / 2.0, w: 18.0, h }
    }

    /// Where the `index`-th of all clients outside is; `toward`: the node that it talks to.
    pub fn outside(&self, index: usize, toward: Option<usize>) -> Rect {
        let h = 46.0;
        let y = match toward {
            Some(node) => self.row(node).middle().y - h / 2.0,
            None => {
                let share = self.cluster.h / (self.counts.outside.max(1) as f32 + 1.0);
                self.cluster.y + share * (index as f32 + 1.0) - h / 2.0
            }
        };
        Rect { x: EDGE, y, w: self.client_width, h }
    }

    /// A client inside: the `index`-th in the row of its node.
    pub fn inside(&self, node: usize, index: usize) -> Rect {
        let row = self.row(node);
        let h = 46.0_f32.min(row.h - 4.0);
        let x = self.bar.0 - self.client_width - (self.width * 0.016).clamp(4.0, 14.0);
        Rect { x, y: row.y + row.h - (h + 6.0) * (index as f32 + 1.0), w: self.client_width, h }
    }

    fn bar_span(&self) -> f32 {
        let bars = self.counts.bars.max(1) as f32;
        self.bar.1 * (0.4 + 0.6 * bars.min(2.0)) + (bars - 1.0) * 6.0
    }

    /// A Service's bar across all rows.
    pub fn bar(&self, index: usize) -> Rect {
        let bars = self.counts.bars.max(1) as f32;
        let w = (self.bar_span() - (bars - 1.0) * 6.0) / bars;
        let last = self.row(self.counts.nodes.max(1) - 1);
        let y = self.row(0).y - 8.0;
        Rect { x: self.bar.0 + index as f32 * (w + 6.0), y, w, h: last.y + last.h + 6.0 - y }
    }

    /// The slice of a bar that is a node's kube-proxy.
    pub fn slice(&self, bar: usize, node: usize) -> Rect {
        let (bar, row) = (self.bar(bar), self.row(node));
        Rect { x: bar.x, y: row.y, w: bar.w, h: row.h }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cards_never_overlap_and_stay_in_their_row() {
        for (width, height) in [(818.0, 540.0), (1400.0, 900.0), (340.0, 420.0), (600.0, 400.0)] {
            for slots in [1, 2, 3, 7, 20, 40] {
                let layout = Layout::new(width, height, Counts { nodes: 3, slots, bars: 1, outside: 2 });
                let cards: Vec<Rect> = (0..slots).map(|slot| layout.card(1, slot)).collect();
                for (i, a) in cards.iter().enumerate() {
                    let row = layout.row(1);
                    assert!(a.x + a.w <= row.x + row.w + 1.0, "{width}×{height}, {slots} slots: card {i} leaves its row");
                    for b in &cards[i + 1..] {
                        let apart = a.x + a.w <= b.x || b.x + b.w <= a.x || a.y + a.h <= b.y || b.y + b.h <= a.y;
                        assert!(apart, "{width}×{height}: {a:?} and {b:?} overlap");
                    }
                }
            }
        }
    }

    #[test]
    fn cards_shrink_in_steps() {
        let size = |slots| Layout::new(818.0, 540.0, Counts { nodes: 3, slots, bars: 1, outside: 2 }).card;
        assert_eq!(size(2), CardSize::Large);
        assert_eq!(size(5), CardSize::Medium);
        assert!(size(34) != CardSize::Large && size(34) != CardSize::Heat);
        assert_eq!(size(200), CardSize::Heat);
    }
}
