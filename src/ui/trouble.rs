//! What goes wrong at a click: which Pod it is about, a node that is cut off, a Pod that is not well.

use super::app::Part;
use super::keys::KeyButton;
use super::panels::visit;
use super::text;
use crate::api::{Key, Pod};
use crate::lab::Command;
use crate::view::{PodCard, PodState};
use std::rc::Rc;
use yew::prelude::*;

/// The Pod that "Kill Pod" is about: the selected one, else the one that a stubborn client holds on to, else a
/// ready one that a controller replaces (not a client's own), else any.
pub fn victim(part: &Part) -> Option<Rc<PodCard>> {
    let scene = &part.shown.view.scene;
    if let Some(uid) = &part.selected
        && let Some(card) = scene.pods.iter().chain(&scene.waiting).find(|c| *c.uid == **uid)
    {
        return Some(card.clone());
    }
    let held = |ip: &str| scene.clients.iter().any(|c| c.stubborn && c.detail.trim_start_matches("→ ") == ip);
    let ready = || scene.pods.iter().filter(|c| c.state == PodState::Ready);
    ready().find(|c| held(&c.ip)).or(ready().find(|c| !c.owner.is_empty())).or(ready().next()).or(scene.pods.first()).cloned()
}

/// What no kubectl line does: a node that is cut off, a Pod that is not well; and the way to a Pod's labels.
#[component]
pub fn Trouble(part: &Part) -> Html {
    let shown = &part.shown;
    let pod = victim(part);
    let labels = pod.clone().map(|card| {
        let part = part.clone();
        move |_| {
            part.select.emit(Some(card.uid.to_string().into()));
            visit(&part, "Object");
        }
    });
    // Without a readiness probe nobody would notice.
    let health = pod.map(|card| Key::new(crate::view::NAMESPACE, &card.name)).and_then(|key| {
        part.handle.look(|lab| {
            let pod = lab.cluster().api().get::<Pod>(&key)?;
            let asked = pod.spec.containers.iter().any(|c| c.readiness_probe.is_some());
            asked.then(|| (key.clone(), lab.cluster().is_well(&key)))
        })
    });
    let last = shown.view.scene.nodes.iter().rev().find(|n| n.up).map(|n| n.name.to_string());
    let does = |command: Command| {
        let handle = part.handle.clone();
        move |_: MouseEvent| handle.apply(command.clone())
    };
    let keyed = |letter: &'static str, label: String, command: Command| {
        html! { <KeyButton {letter} {label} onclick={does(command)} /> }
    };
    // The same key undoes it: it brings back the first node that is cut off, else it cuts off the last one.
    let back = |(i, name): (usize, &String)| {
        let (label, command) = (text::bring_back(name), Command::NodeUp(name.clone()));
        if i == 0 {
            keyed("N", label, command)
        } else {
            html! { <button onclick={does(command)}>{ label }</button> }
        }
    };
    html! {
        <div class="pair">
            if let Some(name) = last {
                if shown.down.is_empty() {
                    { keyed("N", text::cut_off(&name), Command::NodeDown(name)) }
                } else {
                    <button onclick={does(Command::NodeDown(name.clone()))}>{ text::cut_off(&name) }</button>
                }
            }
            { for shown.down.iter().enumerate().map(back) }
            if let Some((key, well)) = health {
                { keyed("R", (if well { text::MAKE_UNREADY } else { text::MAKE_READY }).to_string(), Command::Well(key, !well)) }
            }
            if let Some(onclick) = labels {
                <KeyButton letter="L" label={text::LABELS_OF_POD} {onclick} />
            }
        </div>
    }
}
