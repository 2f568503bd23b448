//! Nodes: as rows with their doors, or as boxes of a grid.

use super::at;
use crate::ui::text;
use crate::view::{Behind, LOW, NodeBox, NodeRow, Rect};
use std::rc::Rc;
use yew::prelude::*;

#[derive(PartialEq, Properties)]
pub struct RowProps {
    pub node: Rc<NodeRow>,
    pub place: Rect,
    pub door: Rect,
    pub lit: bool,
    pub chosen: Callback<()>,
}

/// In rows that are lower the door says its number only: there is no room below the node's name for more.
const LOW_ROW: f32 = 84.0;
/// And in rows that are lower still nothing: the door beside the name is the node port.
const NO_ROOM: f32 = 64.0;

#[component]
pub fn Row(props: &RowProps) -> Html {
    let RowProps { node, place, door, lit, chosen } = props;
    let onclick = {
        let chosen = chosen.clone();
        move |_| chosen.emit(())
    };
    let low = place.h < LOW_ROW;
    let words_top = door.middle().y - if low { 9.0 } else { 18.0 };
    let state = match (node.up, node.ready) {
        (false, _) => text::IS_CUT_OFF,
        (true, false) => "NotReady",
        (true, true) => "",
    };
    html! {
        <>
            <div class={classes!("row", (!state.is_empty()).then_some("bad"), lit.then_some("lit"))} style={at(*place)}>
                <button class="node-name" {onclick} aria-pressed={lit.to_string()}>
                    <strong>{ &*node.name }</strong>{ " " }<span class="mono">{ &node.address }</span></button>
                if !state.is_empty() { <em>{ state }</em> }
            </div>
            if let Some(port) = node.ports.first() {
                <div class="door" style={at(*door)} aria-hidden="true" />
                if place.h >= NO_ROOM {
                    <div class="door-words" style={format!("left:{:.0}px;top:{words_top:.0}px", door.x + door.w + 6.0)}>
                        <b class="mono">{ format!(":{port}") }</b>if !low { <span>{ text::NODE_PORT }</span> }
                    </div>
                }
            }
        </>
    }
}

#[derive(PartialEq, Properties)]
pub struct BoxProps {
    pub node: NodeBox,
    pub place: Rect,
    /// The most requests a second that any box has.
    pub most: u64,
}

/// A node, or several, in the grid. Its cells are drawn on the canvas.
#[component]
pub fn BoxView(props: &BoxProps) -> Html {
    let BoxProps { node, place, most } = props;
    let (title, words) = node.head(place.w);
    let class = match node.behind {
        _ if node.down > 0 => "down",
        Behind::InSync => "in-sync",
        Behind::Tenths(_) => "behind",
    };
    let share = node.rate * 100 / (*most).max(1);
    let low = (place.h < LOW).then_some("low");
    html! {
        <div class={classes!("node-box", class, low)} style={at(*place)}>
            <span class="head-of-box"><strong>{ title }</strong><em>{ words }</em></span>
            <span class="foot-of-box"><i style={format!("width:{share}%")} />if place.h >= LOW { <b class="mono">{ text::requests_a_second(node.rate) }</b> }</span>
        </div>
    }
}
