//! The scene: rows, doors, clients, bars and Pods as elements at the places that the layout gives them.

use super::app::Part;
use super::canvas::{CANVAS, SCENE};
use crate::view::{Bar, Behind, ClientCard, Layout, NodeRow, PodCard, Rect, Scene, client_box};
use std::rc::Rc;
use yew::prelude::*;

fn at(r: Rect) -> String {
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
    let row = |(i, node): (usize, &Rc<NodeRow>)| html! { <Row key={&*node.name} node={node.clone()} place={layout.row(i)} door={layout.door(i)} /> };
    let bar = |(i, bar): (usize, &Rc<Bar>)| {
        html! {
            <BarView key={bar.key.to_string()} bar={bar.clone()} scene={scene.clone()} layout={layout.clone()} index={i} />
        }
    };
    let client = |(i, client): (usize, &Rc<ClientCard>)| {
        html! {
            <ClientView key={&*client.name} client={client.clone()} place={client_box(scene, layout, i)} />
        }
    };
    let card = |card: &Rc<PodCard>| {
        let place = scene.row_of(&card.node).map(|row| layout.card(row, card.slot));
        html! {
            <CardView key={&*card.uid} card={card.clone()} place={place.unwrap_or_default()} size={layout.card.id()}
                selected={part.selected.as_deref() == Some(&*card.uid)} select={part.select.clone()} />
        }
    };
    html! {
        <section class="scene" id={SCENE} aria-label="Cluster" aria-describedby="scene-words" role="region">
            <p class="unseen" id="scene-words">{ part.shown.view.spoken.to_string() }</p>
            <span class="place" style="left:14px" aria-hidden="true">{ "outside" }</span>
            <span class="place" style={format!("left:{:.0}px", layout.cluster.x + 12.0)} aria-hidden="true">{ "cluster" }</span>
            <div class="frame" style={at(layout.cluster)} />
            { for scene.nodes.iter().enumerate().map(row) }
            <Wires scene={scene.clone()} layout={layout.clone()} />
            { for scene.bars.iter().enumerate().map(bar) }
            { for scene.clients.iter().enumerate().map(client) }
            { for scene.pods.iter().map(card) }
            if !scene.waiting.is_empty() {
                <div class="waiting">
                    <span>{ "No node yet: " }</span>
                    { for scene.waiting.iter().map(|c| html! { <code key={&*c.uid}>{ &*c.name }</code> }) }
                </div>
            }
            if scene.more_services > 0 {
                <span class="place more-services">{ format!("{} more Services", scene.more_services) }</span>
            }
            <canvas id={CANVAS} aria-hidden="true" style={format!("width:{:.0}px;height:{:.0}px", layout.width, layout.height)} />
        </section>
    }
}

#[derive(PartialEq, Properties)]
struct RowProps {
    node: Rc<NodeRow>,
    place: Rect,
    door: Rect,
}

#[component]
fn Row(props: &RowProps) -> Html {
    let RowProps { node, place, door } = props;
    let state = match (node.up, node.ready) {
        (false, _) => "cut off",
        (true, false) => "NotReady",
        (true, true) => "",
    };
    html! {
        <>
            <div class={classes!("row", (!state.is_empty()).then_some("bad"))} style={at(*place)}>
                <strong>{ &*node.name }</strong>{ " " }<span class="mono">{ &node.address }</span>
                if !state.is_empty() { <em>{ state }</em> }
            </div>
            if let Some(port) = node.ports.first() {
                <div class="door" style={at(*door)} aria-hidden="true" />
                <div class="door-words" style={format!("left:{:.0}px;top:{:.0}px", door.x + door.w + 6.0, door.middle().y - 18.0)}>
                    <b class="mono">{ format!(":{port}") }</b><span>{ "NodePort" }</span>
                </div>
            }
        </>
    }
}

#[derive(PartialEq, Properties)]
struct WiresProps {
    scene: Rc<Scene>,
    layout: Rc<Layout>,
}

/// The ways of requests, faint, under everything.
#[component]
fn Wires(props: &WiresProps) -> Html {
    let WiresProps { scene, layout } = props;
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
            return html! { <path class={classes!("around", (!there).then_some("lost"))} {d} /> };
        }
        let node = client.door.or(client.node).unwrap_or(0);
        let to = layout.slice(0, node).left();
        let via = client.door.map_or(String::new(), |n| {
            let d = layout.door(n).middle();
            format!(" L{:.0},{:.0}", d.x, d.y)
        });
        html! { <path d={format!("M{:.0},{:.0}{via} L{:.0},{:.0}", from.x, from.y, to.x, to.y)} /> }
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
            html! { <path class={classes!("end", revision_class(dot.revision))} d={format!("M{:.0},{:.0} L{:.0},{:.0}", from.x, from.y, to.x, to.y)} /> },
        )
    };
    html! {
        <svg class="wires" aria-hidden="true" width={layout.width.to_string()} height={layout.height.to_string()}>
            { for scene.clients.iter().enumerate().map(way) }
            if scene.pods.len() <= 15 { { for ends.filter_map(end) } }
        </svg>
    }
}

#[derive(PartialEq, Properties)]
struct BarProps {
    bar: Rc<Bar>,
    scene: Rc<Scene>,
    layout: Rc<Layout>,
    index: usize,
}

#[component]
fn BarView(props: &BarProps) -> Html {
    let BarProps { bar, scene, layout, index } = props;
    let whole = layout.bar(*index);
    let slice = |(i, slice): (usize, &crate::view::Slice)| {
        let place = layout.slice(*index, i);
        let words = slice.behind.words();
        let behind = slice.behind != Behind::InSync;
        // Below the line on which requests come in, where there is room.
        let top = (place.middle().y + 8.0).min(place.y + place.h - 56.0).max(place.y + if i == 0 { 46.0 } else { 0.0 });
        let h = place.h - (top - place.y);
        html! {
            <div class="slice" key={i} style={format!("top:{:.0}px;height:{h:.0}px", top - whole.y)}>
                <span>{ "kube-proxy" }</span>
                <span class={classes!(behind.then_some("behind"))}>{ words }</span>
                <span class="ends" role="img" aria-label={format!("{} on {}", crate::view::words::counted(slice.dots.len(), "endpoint"), scene.nodes[i].name)}>
                    { for slice.dots.iter().take(24).map(|d| html! {
                        <i class={classes!(revision_class(d.revision), d.leaving.then_some("leaving"))} />
                    }) }
                    if slice.dots.len() > 24 { <b>{ format!("+{}", slice.dots.len() - 24) }</b> }
                    if slice.dots.is_empty() { <b class="none">{ "no endpoints" }</b> }
                </span>
            </div>
        }
    };
    let port = if bar.ports.is_empty() { String::new() } else { format!(":{}", bar.ports) };
    html! {
        <div class="bar" style={at(whole)} role="group" aria-label={format!("Service {}", bar.key.name)}>
            <div class="bar-head">
                <strong>{ format!("Service {}", bar.key.name) }</strong>
                <span class="mono">{ format!("{}{port}", bar.address) }</span>
                <span class="mono small">{ format!("{}.{}", bar.key.name, bar.key.namespace) }</span>
            </div>
            { for bar.slices.iter().enumerate().map(slice) }
        </div>
    }
}

#[derive(PartialEq, Properties)]
struct ClientProps {
    client: Rc<ClientCard>,
    place: Rect,
}

#[component]
fn ClientView(props: &ClientProps) -> Html {
    let ClientProps { client, place } = props;
    let failing = client.recent.1 > client.recent.0 / 20;
    let class = classes!("client", client.stubborn.then_some("stubborn"), client.absent.then_some("absent"));
    html! {
        <div {class} style={at(*place)} role="group" aria-label={format!("Client {}", client.name)}>
            <strong>{ &*client.name }</strong>
            <span class="mono">{ &client.detail }</span>
            if failing { <span class="mark">{ "✕ failing" }</span> }
        </div>
    }
}

#[derive(PartialEq, Properties)]
struct CardProps {
    card: Rc<PodCard>,
    place: Rect,
    size: &'static str,
    selected: bool,
    select: Callback<Option<AttrValue>>,
}

#[component]
fn CardView(props: &CardProps) -> Html {
    let CardProps { card, place, size, selected, select } = props;
    let onclick = {
        let (select, uid) = (select.clone(), (!*selected).then(|| AttrValue::from(card.uid.to_string())));
        move |_| select.emit(uid.clone())
    };
    let class = classes!("pod", *size, card.state.id(), revision_class(card.revision));
    let word = if *size == "large" { card.word.clone() } else { card.word.replace("Terminating", "Ending") };
    html! {
        <button {class} {onclick} style={at(*place)} aria-label={card.spoken()} aria-pressed={selected.to_string()} title={card.spoken()}>
            <strong>{ if *size == "large" { card.middle_cut() } else { card.short.clone() } }</strong>
            if *size == "large" || *size == "medium" { <span class="ip mono">{ &card.ip }</span> }
            if *size == "large" {
                <span class="chips"><i>{ &card.label }</i><i class="version">{ &card.version }</i></span>
            }
            <span class="state"><u aria-hidden="true" /><b>{ word }</b>
                if *size == "large" { <em class="mono">{ format!("{} rps", card.rate) }</em> }
            </span>
        </button>
    }
}
