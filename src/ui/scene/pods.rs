//! Pods: as cards, or, when there are too many, as cells of a picture with one button for each box of them.

use super::labels::{Carried, LabelChip};
use super::{Lit, at, revision_class};
use crate::ui::text;
use crate::view::{CardSize, Layout, PodCard, Point, Rect};
use std::rc::Rc;
use yew::prelude::*;

#[derive(PartialEq, Properties)]
pub struct CardProps {
    pub card: Rc<PodCard>,
    pub place: Rect,
    pub size: CardSize,
    pub selected: bool,
    pub lit: Lit,
    pub select: Callback<Option<AttrValue>>,
    pub carried: Carried,
}

#[component]
pub fn CardView(props: &CardProps) -> Html {
    let CardProps { card, place, size, selected, lit, select, carried } = props;
    let onclick = {
        let (select, uid) = (select.clone(), (!*selected).then(|| AttrValue::from(card.uid.to_string())));
        move |_| select.emit(uid.clone())
    };
    let class = classes!("pod", size.id(), card.state.id(), revision_class(card.revision), lit.pod(card).then_some("lit"));
    let large = *size == CardSize::Large;
    let word = card.word_for(*size);
    let id = format!("pod/{}", card.name);
    let (drop_over, dropped) = carried.target(id.clone());
    html! {
        <div class="pod-place" style={at(*place)} ondragover={drop_over} ondrop={dropped}>
            <button {class} {onclick} aria-label={card.spoken()} aria-pressed={selected.to_string()} title={card.spoken()}>
                <strong>{ if large { card.middle_cut() } else { card.short.clone() } }</strong>
                if matches!(size, CardSize::Tall | CardSize::Medium) { <i class="version-mark">{ &card.version }</i> }
                if matches!(size, CardSize::Large | CardSize::Tall | CardSize::Medium) { <span class="ip mono">{ &card.ip }</span> }
                <span class="state"><u aria-hidden="true" /><b>{ word }</b>
                    if large {
                        <em class="mono">{ text::rate_of_pod(card.restarts, card.rate) }</em>
                    }
                </span>
            </button>
            if size.has_label() {
                <span class={classes!("chips", size.id(), revision_class(card.revision))}>
                    if !card.label.is_empty() {
                        <LabelChip label={card.label.clone()} of={id.clone()} carried={carried.clone()} lit={lit.label(&card.label)} />
                    }
                    if large { <i class="version">{ &card.version }</i> }
                </span>
                { carried.put_button(&id, "pod-put") }
            }
        </div>
    }
}

#[derive(PartialEq, Properties)]
pub struct CellsProps {
    /// The first node's row.
    pub row: usize,
    /// The box of the grid, or the part of the row where the cells are.
    pub place: Rect,
    /// What stands in it, in words.
    pub words: String,
    /// Its Pods.
    pub cards: Vec<Rc<PodCard>>,
    pub layout: Rc<Layout>,
    pub selected: Option<AttrValue>,
    pub select: Callback<Option<AttrValue>>,
    /// Comes nearer, where several nodes share a box.
    pub nearer: Callback<Point>,
}

/// One button for all cells of a box: the mouse chooses the cell under it, arrow keys go from Pod to Pod.
#[component]
pub fn CellsView(props: &CellsProps) -> Html {
    let CellsProps { row, place, words, cards, layout, selected, select, nearer } = props;
    let at_key = use_state(|| None::<usize>);
    let grouped = layout.group() > 1;
    let node = use_node_ref();
    let onclick = {
        let node = node.clone();
        let (cards, layout, select, nearer, place, row) =
            (cards.clone(), layout.clone(), select.clone(), nearer.clone(), *place, *row);
        let at_key = *at_key;
        move |e: MouseEvent| {
            if grouped {
                return nearer.emit(place.middle());
            }
            let by_key = e.detail() == 0;
            let card = if by_key { at_key.and_then(|i| cards.get(i)) } else { under(&e, &node, &place, &layout, row, &cards) };
            if let Some(card) = card {
                select.emit(Some(card.uid.to_string().into()));
            }
        }
    };
    let onkeydown = {
        let (count, at_key) = (cards.len(), at_key.clone());
        move |e: KeyboardEvent| {
            let now = *at_key;
            let next = match e.key().as_str() {
                "ArrowRight" | "ArrowDown" => now.map_or(0, |i| (i + 1).min(count.saturating_sub(1))),
                "ArrowLeft" | "ArrowUp" => now.map_or(0, |i| i.saturating_sub(1)),
                "Home" => 0,
                "End" => count.saturating_sub(1),
                _ => return,
            };
            if !grouped && count > 0 {
                e.prevent_default();
                e.stop_propagation();
                at_key.set(Some(next));
            }
        }
    };
    let here = at_key.and_then(|i| Some((i, cards.get(i)?)));
    let label = match here {
        Some((i, card)) => text::one_of(words, i + 1, cards.len(), &card.spoken()),
        None if grouped => format!("{words}. {}", text::COME_NEARER),
        None => words.clone(),
    };
    let cursor = here.map(|(_, card)| {
        let cell = layout.card(*row, card.slot);
        let cell = Rect { x: cell.x - place.x - 3.0, y: cell.y - place.y - 3.0, w: cell.w + 6.0, h: cell.h + 6.0 };
        html! { <i class="cursor" style={at(cell)} /> }
    });
    let pressed = selected.as_ref().is_some_and(|uid| cards.iter().any(|c| *c.uid == **uid));
    html! {
        <button class="cells" ref={node} style={at(*place)} aria-label={label} aria-pressed={(!grouped).then(|| pressed.to_string())} {onclick} {onkeydown}>
            { for cursor }
        </button>
    }
}

/// The Pod whose cell is under the mouse.
fn under<'a>(
    e: &MouseEvent,
    node: &NodeRef,
    place: &Rect,
    layout: &Layout,
    row: usize,
    cards: &'a [Rc<PodCard>],
) -> Option<&'a Rc<PodCard>> {
    let area = node.cast::<web_sys::Element>()?.get_bounding_client_rect();
    let (x, y) = (f64::from(e.client_x()) - area.left(), f64::from(e.client_y()) - area.top());
    let (node, slot) = layout.at(Point { x: place.x + x as f32, y: place.y + y as f32 })?;
    cards.iter().find(|c| node == row && c.slot == slot)
}
