//! The scene: rows, doors, clients, bars and Pods as elements at the places that the layout gives them.

mod bar;
mod client;
mod labels;
mod lit;
mod pods;
mod rows;
mod stills;
mod tools;
mod wires;

pub use lit::Lit;

use super::app::Part;
use super::canvas::{CANVAS, CELLS};
use crate::ui::panels::visit;
use crate::ui::text;
use crate::view::{Bar, ClientCard, NodeRow, PodCard, Rect, boxes, client_box, words};
use bar::BarView;
use client::ClientView;
use labels::use_carried;
use pods::{CardView, CellsView};
use rows::{BoxView, Row};
use std::rc::Rc;
use stills::Stills;
use tools::Tools;
use wires::Wires;
use yew::prelude::*;

/// With more cards than this the lines to each are left out.
const LINES: usize = 24;

pub(super) fn at(r: Rect) -> String {
    format!("left:{:.0}px;top:{:.0}px;width:{:.0}px;height:{:.0}px", r.x, r.y, r.w, r.h)
}

/// The class of a revision's colour.
pub fn revision_class(revision: Option<usize>) -> &'static str {
    match revision {
        None => "rev-none",
        Some(n) => ["rev-a", "rev-b", "rev-a striped", "rev-b striped"][n % 4],
    }
}

/// The region named "Cluster".
#[component]
pub fn SceneView(part: &Part) -> Html {
    let (scene, layout) = (&part.shown.view.scene, &part.shown.layout);
    // What is chosen besides Pods: `service/web`, `node/node-1`, `client/curl-1`.
    let thing = use_state(|| None::<String>);
    {
        let handle = part.handle.clone();
        use_effect_with(part.selected.clone(), move |uid| handle.choose(uid.as_ref().map(|u| u.to_string())));
    }
    let carried = use_carried(part);
    let lit = Lit::of(scene, part.selected.as_deref(), thing.as_deref());
    let choose = |id: String| {
        let thing = thing.clone();
        Callback::from(move |()| thing.set((thing.as_deref() != Some(&id)).then(|| id.clone())))
    };
    let bar = |(i, bar): (usize, &Rc<Bar>)| {
        let chosen = choose(format!("service/{}", bar.key.name));
        html! {
            <BarView key={bar.key.to_string()} bar={bar.clone()} scene={scene.clone()} layout={layout.clone()} index={i}
                lit={lit.clone()} {chosen} carried={carried.clone()} />
        }
    };
    let client = |(i, client): (usize, &Rc<ClientCard>)| {
        let place = client_box(scene, layout, i);
        let rate = part.shown.rates.iter().find(|r| *r.0 == *client.name).map(|r| (r.1 + 500) / 1000);
        let chosen = choose(format!("client/{}", client.name));
        (place.w > 0.0).then(|| {
            html! {
                <ClientView key={&*client.name} client={client.clone()} {place} {rate} lit={lit.clone()} {chosen} />
            }
        })
    };
    let card = |card: &Rc<PodCard>| {
        let place = scene.row_of(&card.node).map(|row| layout.card(row, card.slot));
        html! {
            <CardView key={&*card.uid} card={card.clone()} place={place.unwrap_or_default()} size={layout.card} lit={lit.clone()}
                selected={part.selected.as_deref() == Some(&*card.uid)} select={part.select.clone()} carried={carried.clone()} />
        }
    };
    let (x, y) = part.shown.corner;
    let stage = format!("width:{:.0}px;height:{:.0}px;transform:translate({:.0}px,{:.0}px)", layout.width, layout.height, -x, -y);
    html! {
        <Tools handle={part.handle.clone()} zoom={part.shown.zoom} first={html! { <>{ to_details(part) }{ run(part) }</> }}>
            <p class="unseen" id="scene-words">{ part.shown.view.spoken.to_string() }</p>
            <canvas id={CELLS} aria-hidden="true" />
            if let Some((ready, all)) = part.shown.coming {
                <div class="coming" role="status"><p>{ text::coming(ready, all) }</p><progress max={all.to_string()} value={ready.to_string()} aria-label={text::COMING} /></div>
            }
            <div class={classes!("stage", layout.is_grid().then_some("in-grid"))} style={stage}>
                <span class="place" style="left:14px" aria-hidden="true">{ text::OUTSIDE }</span>
                <span class="place" style={format!("left:{:.0}px", layout.cluster.x + 12.0)} aria-hidden="true">{ text::CLUSTER_WORD }</span>
                if part.shown.every > 1 {
                    <span class="place drawn">{ text::drawn(part.shown.every) }</span>
                }
                <div class="frame" style={at(layout.cluster)} />
                if layout.is_grid() {
                    { grid(part) }
                } else {
                    { for scene.nodes.iter().enumerate().map(|(i, node): (usize, &Rc<NodeRow>)| {
                        let id = format!("node/{}", node.name);
                        html! { <Row key={&*node.name} node={node.clone()} place={layout.row(i)} door={layout.door(i)} lit={lit.is(&id)} chosen={choose(id)} /> }
                    }) }
                    if scene.pods.len() <= LINES { <Wires scene={scene.clone()} layout={layout.clone()} lit={lit.clone()} every={part.shown.every} rates={part.shown.rates.clone()} /> }
                }
                { for scene.bars.iter().enumerate().map(bar) }
                { for scene.clients.iter().enumerate().filter_map(client) }
                if layout.is_cells() { { cells(part) } } else { { for scene.pods.iter().map(card) } }
                if scene.more_services > 0 {
                    <span class="place more-services">{ text::more_services(scene.more_services) }</span>
                }
            </div>
            <canvas id={CANVAS} aria-hidden="true" />
            if !scene.waiting.is_empty() {
                <div class="waiting">
                    <span>{ text::NO_NODE_YET }</span>
                    { for scene.waiting.iter().take(12).map(|c| html! { <code key={&*c.uid}>{ &*c.name }</code> }) }
                    if scene.waiting.len() > 12 { { text::and_more(scene.waiting.len() - 12) } }
                </div>
            }
            <Stills ..part.clone() />
            { carried.words() }
        </Tools>
    }
}

/// Where the panels stand below the scene, the way to what they tell of the Pod that is chosen.
fn to_details(part: &Part) -> Html {
    if part.selected.is_none() {
        return Html::default();
    }
    let part = part.clone();
    html! { <button class="to-details" onclick={move |_| visit(&part, "Object")}>{ text::TO_DETAILS }</button> }
}

/// Where the page has no head, what moves can be stopped here (WCAG 2.2.2).
fn run(part: &Part) -> Html {
    let (handle, playing) = (part.handle.clone(), part.shown.playing);
    let (label, sign) = if playing { (text::PAUSE, "‖") } else { (text::PLAY, "▶") };
    html! { <button class="run" onclick={move |_| handle.toggle()} aria-label={label} title={label}>{ sign }</button> }
}

/// Boxes of nodes, zone by zone.
fn grid(part: &Part) -> Html {
    let (scene, layout) = (&part.shown.view.scene, &part.shown.layout);
    let boxes = boxes(scene, layout);
    let most = boxes.iter().map(|b| b.rate).max().unwrap_or(0);
    let zones = layout.zones();
    let names = scene.zones();
    let heading = |(at, (name, count)): (&crate::view::Point, &(&str, usize))| {
        html! { <span class="zone" style={format!("left:{:.0}px;top:{:.0}px", at.x, at.y)}>{ words::zone(name, *count) }</span> }
    };
    html! {
        <>
            { for zones.iter().zip(&names).map(heading) }
            { for boxes.into_iter().map(|node| {
                let (place, key) = (layout.row(node.row), node.title.clone());
                html! { <BoxView {key} {place} {node} {most} /> }
            }) }
        </>
    }
}

/// The buttons over boxes or rows of cells.
fn cells(part: &Part) -> Html {
    let (scene, layout) = (&part.shown.view.scene, &part.shown.layout);
    let mut of_row: Vec<Vec<Rc<PodCard>>> = vec![vec![]; scene.nodes.len()];
    if layout.group() == 1 {
        for card in &scene.pods {
            if let Some(list) = scene.row_of(&card.node).and_then(|row| of_row.get_mut(row)) {
                list.push(card.clone());
            }
        }
    }
    let nearer = {
        let (handle, (x, y)) = (part.handle.clone(), part.shown.corner);
        Callback::from(move |p: crate::view::Point| handle.zoom_by(2.0, Some((p.x - x, p.y - y))))
    };
    let view = |b: crate::view::NodeBox| {
        let cards = std::mem::take(&mut of_row[b.row]);
        let place = if layout.is_grid() { layout.row(b.row) } else { layout.pods_area(b.row) };
        html! {
            <CellsView key={b.title.clone()} row={b.row} {place} words={b.words()} {cards} layout={layout.clone()}
                selected={part.selected.clone()} select={part.select.clone()} nearer={nearer.clone()} />
        }
    };
    html! { <>{ for boxes(scene, layout).into_iter().map(view) }</> }
}
