//! One node's live rules, with the way of the chosen request lit.

use crate::api::Key;
use crate::ui::app::Part;
use crate::ui::text;
use crate::view::rules::{RuleLine, rules};
use crate::view::{NAMESPACE, words};
use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

/// The tab "Rules".
#[component]
pub fn RulesTab(part: &Part) -> Html {
    let chosen = use_state(|| None::<String>);
    let (whole, printed) = (use_state(|| false), use_state(|| false));
    let nodes: Vec<String> = part.shown.view.scene.nodes.iter().map(|n| n.name.to_string()).collect();
    let request = part.request.as_ref().map(|r| r.id);
    let of_request = part.handle.look(|lab| {
        let record = lab.traffic().record(request?)?;
        record.hops.iter().rev().find(|h| !h.steps.is_empty()).or(record.hops.last()).map(|h| h.node.to_string())
    });
    let node = (*chosen).clone().or(of_request).or(nodes.first().cloned()).unwrap_or_default();
    let service = part.shown.view.services.first().filter(|_| !*whole).map(|s| Key::new(NAMESPACE, &s.name));
    let panel = part.handle.look(|lab| {
        let record = request.and_then(|id| lab.traffic().record(id));
        rules(lab, &node, service.as_ref(), record)
    });
    let Some(panel) = panel else { return html! { <p class="quiet">{ text::NO_NODE }</p> } };
    let onchange = {
        let chosen = chosen.clone();
        move |e: Event| chosen.set(Some(e.target_unchecked_into::<HtmlSelectElement>().value()))
    };
    let toggle = |state: &UseStateHandle<bool>| {
        let state = state.clone();
        move |e: Event| state.set(e.target_unchecked_into::<HtmlInputElement>().checked())
    };
    let shown = |l: &RuleLine| if *printed { l.text.clone() } else { l.short.clone() };
    let lag =
        if panel.lag == 0 { text::IN_SYNC.to_string() } else { format!("{} {}", words::span(Some(panel.lag)), text::BEHIND) };
    let taken = panel.lines.iter().filter(|l| l.taken).count();
    html! {
        <div class="rules">
            <div class="line">
                <div><label for="node">{ text::NODE }</label><select id="node" {onchange}>
                    { for nodes.iter().map(|n| html! { <option value={n.clone()} selected={*n == node}>{ n }</option> }) }
                </select></div>
                <label class="check"><input type="checkbox" checked={*whole} onchange={toggle(&whole)} />{ text::ALL_RULES }</label>
                <label class="check"><input type="checkbox" checked={*printed} onchange={toggle(&printed)} />{ text::AS_PRINTED }</label>
            </div>
            <p class="quiet">{ format!("{} · {} {} · {lag}", panel.tool, panel.all, text::LINES) }</p>
            if let Some(r) = &part.request {
                <p class="quiet">{ if taken > 0 { format!("#{}: {taken} {}", r.id, text::RULES_TAKEN) } else { format!("#{}: {}", r.id, text::RULES_NOT_TRACED) } }</p>
            }
            <div class="listing mono" tabindex="0" role="region" aria-label={text::RULES_OF_NODE}>
                { for panel.lines.iter().enumerate().map(|(i, l)| {
                    if l.taken { html! { <mark key={i}>{ "▶ " }{ shown(l) }</mark> } } else { html! { <p key={i}>{ shown(l) }</p> } }
                }) }
            </div>
            if panel.left_out > 0 { <p class="quiet">{ format!("{} {}", panel.left_out, text::MORE_LINES) }</p> }
        </div>
    }
}
