//! A Service as a bar across all nodes; each node's part of it is that node's kube-proxy.

use super::labels::{Carried, LabelChip};
use super::{Lit, at, revision_class};
use crate::ui::text;
use crate::view::{Bar, Behind, Layout, SLICE, Scene, Slice, sync};
use std::rc::Rc;
use yew::prelude::*;

#[derive(PartialEq, Properties)]
pub struct BarProps {
    pub bar: Rc<Bar>,
    pub scene: Rc<Scene>,
    pub layout: Rc<Layout>,
    pub index: usize,
    pub lit: Lit,
    pub chosen: Callback<()>,
    pub carried: Carried,
}

#[component]
pub fn BarView(props: &BarProps) -> Html {
    let BarProps { bar, scene, layout, index, lit, chosen, carried } = props;
    let whole = layout.bar(*index);
    let port = if bar.ports.is_empty() { String::new() } else { format!(":{}", bar.ports) };
    let class = classes!("bar", lit.bar(bar).then_some("lit"));
    let name = bar.key.name.to_string();
    let onclick = {
        let chosen = chosen.clone();
        move |_| chosen.emit(())
    };
    let (drop_over, dropped) = carried.target(format!("service/{name}"));
    html! {
        <div {class} style={at(whole)} role="group" aria-label={text::service(&name)} ondragover={drop_over} ondrop={dropped}>
            <button class="bar-head" {onclick} aria-pressed={lit.is(&format!("service/{name}")).to_string()}>
                <strong><span class="kind">{ text::SERVICE }</span>{ " " }{ &name }</strong>
                <span class="mono">{ breakable(&format!("{}{port}", bar.address)) }</span>
                <span class="mono small">{ breakable(&format!("{name}.{}", bar.key.namespace)) }</span>
            </button>
            if !layout.is_grid() {
                if layout.shows_selectors() { <span class="selector">{ for bar.selector.iter().map(|(k, v)| html! {
                    <LabelChip key={k.clone()} label={format!("{k}={v}")} of={format!("service/{name}")} carried={carried.clone()} lit={false} />
                }) }</span> }
                { carried.put_button(&format!("service/{name}"), "bar-put") }
                { for bar.slices.iter().enumerate().map(|(i, slice)| slice_view(props, i, slice)) }
            } else {
                { numbers(scene, bar, *index) }
            }
        </div>
    }
}

/// An address that may be broken after its dots, where the bar is narrow.
fn breakable(address: &str) -> Html {
    html! { <>{ for address.split_inclusive('.').map(|part| html! { <>{ part }<wbr /></> }) }</> }
}

/// A node's part of the bar.
fn slice_view(props: &BarProps, i: usize, slice: &Slice) -> Html {
    let BarProps { scene, layout, index, lit, .. } = props;
    let (whole, place) = (layout.bar(*index), layout.slice(*index, i));
    let behind = slice.behind != Behind::InSync;
    // Below the line on which requests come in, where there is room, and below the bar's head.
    let free = if i == 0 { whole.y + layout.head() } else { place.y };
    let top = (place.middle().y + 8.0).min(place.y + place.h - SLICE - 6.0).max(free);
    let h = (place.h - (top - place.y)).max(0.0);
    let count = slice.dots.len() + slice.more;
    html! {
        <div class={classes!("slice", (h < SLICE - 4.0).then_some("tight"))} key={i} style={format!("top:{:.0}px;height:{h:.0}px", top - whole.y)}>
            <span>{ text::KUBE_PROXY }</span>
            <span class={classes!(behind.then_some("behind"))}>{ slice.behind.words() }</span>
            <span class="ends" role="img" aria-label={text::endpoints_on(count, &scene.nodes[i].name)}>
                { for slice.dots.iter().map(|d| html! {
                    <i class={classes!(revision_class(d.revision), d.leaving.then_some("leaving"), lit.ip(&d.ip).then_some("lit"))} />
                }) }
                if slice.more > 0 { <b>{ format!("+{}", slice.more) }</b> }
                if count == 0 { <b class="none">{ text::NONE_LISTED }</b> }
            </span>
        </div>
    }
}

/// All nodes' parts in numbers, where nodes stand in a grid.
fn numbers(scene: &Scene, bar: &Bar, index: usize) -> Html {
    let sync = sync(scene, index);
    let all = (sync.in_sync + sync.behind).max(1);
    let share = sync.in_sync * 100 / all;
    let rate = scene.rate;
    let total = rate.answered + rate.failed;
    html! {
        <div class="numbers-of-bar">
            <b>{ text::kube_proxies(all) }</b>
            <span class="share-bar" role="img" aria-label={text::share_in_sync(share)}><i style={format!("width:{share}%")} /></span>
            <span><u aria-hidden="true">{ "✓" }</u>{ format!(" {} {}", sync.in_sync, text::IN_SYNC) }</span>
            <span>{ format!("{} {}", sync.behind, text::BEHIND) }</span>
            if let Some((behind, node)) = &sync.oldest { <em>{ text::oldest(*behind, node) }</em> }
            <b>{ text::endpoint_slices(bar.listed.slices) }</b>
            <span>{ text::listed(bar.listed.ready, bar.listed.leaving) }</span>
            if index == 0 {
                <strong>{ text::requests_a_second(total) }</strong>
                <b class="good">{ text::share_answered(rate.answered, rate.failed) }</b>
                if rate.failed > 0 { <b class="failed">{ text::failed_a_second(rate.failed) }</b> }
            }
        </div>
    }
}
