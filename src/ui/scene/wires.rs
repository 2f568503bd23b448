//! The ways of requests, faint, under everything.

use super::{Lit, revision_class};
use crate::ui::text;
use crate::view::{Layout, Scene, Wire, ends, wires};
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
    let way = |Wire { client, d, to, around, lost }: Wire| {
        let client = &scene.clients[client];
        let lit = lit.client(client).then_some("lit");
        if around {
            return html! { <path class={classes!("around", lost.then_some("lost"), lit)} {d} /> };
        }
        let rate = rates.iter().find(|r| *r.0 == *client.name).map_or(0, |r| (r.1 + 500) / 1000);
        let number = (flows && rate > 0).then(
            || html! { <text x={format!("{:.0}", to.x - 44.0)} y={format!("{:.0}", to.y - 6.0)}>{ text::per_second(rate) }</text> },
        );
        html! { <><path class={classes!(lit, flows.then_some("flow"))} {d} style={width(rate)} />{ for number }</> }
    };
    let end = |(dot, d): (&crate::view::Dot, String)| {
        html! { <path class={classes!("end", revision_class(dot.revision), lit.ip(&dot.ip).then_some("lit"))} {d} /> }
    };
    html! {
        <svg class="wires" aria-hidden="true" width={layout.width.to_string()} height={layout.height.to_string()}>
            { for wires(scene, layout).into_iter().map(way) }
            { for ends(scene, layout).into_iter().map(end) }
        </svg>
    }
}
