//! The ways of requests, faint, under everything.

use super::{Lit, revision_class};
use crate::ui::text;
use crate::view::{ClientCard, Layout, Scene, client_box, curve_data};
use std::rc::Rc;
use yew::prelude::*;

#[derive(PartialEq, Properties)]
pub struct WiresProps {
    pub scene: Rc<Scene>,
    pub layout: Rc<Layout>,
    pub lit: Lit,
    /// Of the answered requests every so many-th is drawn: of more than one, the lines tell how many there are.
    pub every: u64,
    /// Clients and their requests in a thousand seconds.
    pub rates: Vec<(String, u64, bool)>,
}

/// Lines from clients over doors and bars to Pods.
#[component]
pub fn Wires(props: &WiresProps) -> Html {
    let WiresProps { scene, layout, lit, every, rates } = props;
    let flows = *every > 1;
    let width = |rate: u64| flows.then(|| format!("stroke-width:{}px", 2 + rate.max(1).ilog2() / 2));
    let way = |(i, client): (usize, &Rc<ClientCard>)| {
        let from = client_box(scene, layout, i).right();
        let bar = layout.bar(scene.bars.len().saturating_sub(1));
        if client.stubborn {
            let (x, low, far) = (from.x + 6.0, bar.y + bar.h + 4.0, bar.x + bar.w + 10.0);
            let held = client.detail.trim_start_matches("→ ");
            let there = scene.pods.iter().any(|c| c.ip == held);
            let end = client.held.map(|(row, slot)| layout.card(row, slot).left());
            let end = end.map_or(String::new(), |p| format!(" V{:.0} L{:.0},{:.0}", p.y, p.x, p.y));
            let d = format!("M{:.0},{:.0} L{x:.0},{low:.0} H{far:.0}{end}", from.x, from.y);
            return html! { <path class={classes!("around", (!there).then_some("lost"), lit.client(client).then_some("lit"))} {d} /> };
        }
        let node = client.door.or(client.node).unwrap_or(0);
        let to = layout.slice(0, node).left();
        let class = classes!(lit.client(client).then_some("lit"), flows.then_some("flow"));
        let rate = rates.iter().find(|r| *r.0 == *client.name).map_or(0, |r| (r.1 + 500) / 1000);
        let number = (flows && rate > 0).then(
            || html! { <text x={format!("{:.0}", to.x - 44.0)} y={format!("{:.0}", to.y - 6.0)}>{ text::per_second(rate) }</text> },
        );
        let d = match client.door.map(|n| layout.door(n).middle()) {
            Some(door) => format!("M{:.0},{:.0} L{:.0},{:.0} {}", from.x, from.y, door.x, door.y, curve_data(door, to)),
            None => curve_data(from, to),
        };
        html! { <><path {class} {d} style={width(rate)} />{ for number }</> }
    };
    let ends = scene.bars.iter().enumerate().flat_map(|(b, bar)| {
        bar.slices
            .iter()
            .enumerate()
            .flat_map(move |(i, slice)| slice.dots.iter().map(move |dot| (layout.slice(b, i).right(), dot)))
    });
    let end = |(from, dot): (crate::view::Point, &crate::view::Dot)| {
        let card = scene.pods.iter().find(|c| c.ip == dot.ip)?;
        let to = layout.card(scene.row_of(&card.node)?, card.slot).left();
        Some(
            html! { <path class={classes!("end", revision_class(dot.revision), lit.ip(&dot.ip).then_some("lit"))} d={curve_data(from, to)} /> },
        )
    };
    html! {
        <svg class="wires" aria-hidden="true" width={layout.width.to_string()} height={layout.height.to_string()}>
            { for scene.clients.iter().enumerate().map(way) }
            if scene.pods.len() <= 15 { { for ends.filter_map(end) } }
        </svg>
    }
}
