//! Many Pods as cells of a picture: what each cell looks like, and what boxes and bars say in numbers then.

use super::endpoints::Behind;
use super::layout::{Layout, Rect};
use super::pod::PodState;
use super::scene::Scene;
use std::collections::BTreeMap;
use std::rc::Rc;

/// The shape of a cell; never told by colour alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Ready: full.
    Full,
    /// Not ready yet, or no longer: an outline.
    Outline,
    /// On its way out: pale with an outline.
    Pale,
    /// It does not run, or its node is cut off: a cross.
    Cross,
    /// A node without Pods: a point.
    Empty,
}

/// One cell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cell {
    /// Where.
    pub place: Rect,
    /// Its shape.
    pub shape: Shape,
    /// Its colour.
    pub revision: Option<usize>,
    /// It is chosen, or belongs to what is.
    pub lit: bool,
}

fn shape(state: PodState) -> Shape {
    match state {
        PodState::Ready => Shape::Full,
        PodState::Pending | PodState::Starting | PodState::NotReady => Shape::Outline,
        PodState::Terminating => Shape::Pale,
        PodState::Crashing | PodState::NoImage | PodState::Ended => Shape::Cross,
    }
}

/// The cells of a scene whose Pods are not shown as cards; `lit` says which uids are.
pub fn cells(scene: &Scene, layout: &Layout, lit: impl Fn(&str) -> bool) -> Vec<Cell> {
    if !layout.is_cells() {
        return vec![];
    }
    if layout.group() > 1 {
        return node_cells(scene, layout);
    }
    let cell = |card: &Rc<super::PodCard>| {
        let place = layout.card(scene.row_of(&card.node)?, card.slot);
        Some(Cell { place, shape: shape(card.state), revision: card.revision, lit: lit(&card.uid) })
    };
    scene.pods.iter().filter_map(cell).collect()
}

/// A cell for each node: full when all its Pods are ready, in the colour of most of them.
fn node_cells(scene: &Scene, layout: &Layout) -> Vec<Cell> {
    let mut pods: Vec<(usize, usize, BTreeMap<Option<usize>, usize>)> = vec![Default::default(); scene.nodes.len()];
    for card in &scene.pods {
        let Some(of) = scene.row_of(&card.node).and_then(|row| pods.get_mut(row)) else { continue };
        of.0 += 1;
        of.1 += usize::from(card.state == PodState::Ready);
        *of.2.entry(card.revision).or_insert(0) += 1;
    }
    let cell = |(row, (count, ready, revisions)): (usize, (usize, usize, BTreeMap<_, usize>))| {
        let node = &scene.nodes[row];
        let shape = match () {
            () if !node.up || !node.ready => Shape::Cross,
            () if count == 0 => Shape::Empty,
            () if ready == count => Shape::Full,
            () => Shape::Outline,
        };
        let revision = revisions.into_iter().max_by_key(|(_, n)| *n).and_then(|(revision, _)| revision);
        Cell { place: layout.card(row, 0), shape, revision, lit: false }
    };
    pods.into_iter().enumerate().map(cell).collect()
}

/// A box of the grid in numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct NodeBox {
    /// Its first node's row.
    pub row: usize,
    /// `node-7`, or `node-1 + 19`: the first node and how many more.
    pub title: String,
    /// How far the rules that are oldest are behind.
    pub behind: Behind,
    /// Nodes that are cut off or not ready.
    pub down: usize,
    /// Its Pods, and how many of them are ready.
    pub pods: (usize, usize),
    /// Requests a second that reach them.
    pub rate: u64,
    /// Nodes in it.
    pub nodes: usize,
}

/// Boxes narrower than this have a mark for what others say in words.
const WORDS: f32 = 104.0;

impl NodeBox {
    /// Its title and how its rules are, as a box of that width has room for them.
    pub fn head(&self, width: f32) -> (&str, String) {
        let narrow = width < WORDS;
        // Of several nodes the first one's number is enough where there is little room.
        let short = self.title.rsplit('-').next().filter(|_| narrow && self.nodes > 1);
        let rules = match self.behind {
            _ if self.down > 0 && self.nodes > 1 => format!("{} down", self.down),
            _ if self.down > 0 => "down".into(),
            // The bar says what the mark means.
            Behind::InSync if narrow => "✓".into(),
            Behind::InSync => self.behind.words(),
            behind if narrow => behind.lag().replace(' ', ""),
            behind => behind.lag(),
        };
        (short.unwrap_or(&self.title), rules)
    }

    /// The box in words.
    pub fn words(&self) -> String {
        let down = if self.down > 0 { format!(", {} without network or not ready", self.down) } else { String::new() };
        let (all, ready) = self.pods;
        format!(
            "{}: {ready} of {all} Pods ready, {} requests a second, rules {}{down}",
            self.title,
            self.rate,
            self.behind.words()
        )
    }
}

/// The boxes of a grid.
pub fn boxes(scene: &Scene, layout: &Layout) -> Vec<NodeBox> {
    let mut boxes: Vec<NodeBox> = vec![];
    let mut of_row = Vec::with_capacity(scene.nodes.len());
    for (row, node) in scene.nodes.iter().enumerate() {
        let same = boxes.last().is_some_and(|b| layout.group() > 1 && layout.row(b.row) == layout.row(row));
        if !same {
            let title = node.name.to_string();
            let fresh = NodeBox { row, title, behind: Behind::InSync, down: 0, pods: (0, 0), rate: 0, nodes: 0 };
            boxes.push(fresh);
        }
        of_row.push(boxes.len() - 1);
        let Some(last) = boxes.last_mut() else { continue };
        last.nodes += 1;
        last.down += usize::from(!node.up || !node.ready);
        for bar in &scene.bars {
            last.behind = last.behind.max(bar.slices.get(row).map_or(Behind::InSync, |s| s.behind));
        }
    }
    for card in &scene.pods {
        let Some(of) = scene.row_of(&card.node).and_then(|row| boxes.get_mut(*of_row.get(row)?)) else { continue };
        of.pods.0 += 1;
        of.pods.1 += usize::from(card.state == PodState::Ready);
        of.rate += card.rate;
    }
    for b in boxes.iter_mut().filter(|b| b.nodes > 1) {
        b.title = format!("{} + {}", b.title, b.nodes - 1);
    }
    boxes
}

/// All nodes' parts of a Service's bar in numbers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sync {
    /// Nodes whose rules are as they should be.
    pub in_sync: usize,
    /// Nodes whose rules are not.
    pub behind: usize,
    /// The node with the oldest rules.
    pub oldest: Option<(Behind, Rc<str>)>,
}

/// The bar of a Service in numbers.
pub fn sync(scene: &Scene, bar: usize) -> Sync {
    let mut sync = Sync::default();
    let slices = scene.bars.get(bar).map_or(&[][..], |b| &b.slices);
    for (node, slice) in scene.nodes.iter().zip(slices) {
        if slice.behind == Behind::InSync {
            sync.in_sync += 1;
            continue;
        }
        sync.behind += 1;
        if sync.oldest.as_ref().is_none_or(|o| o.0 < slice.behind) {
            sync.oldest = Some((slice.behind, node.name.clone()));
        }
    }
    sync
}
