//! One node's live rules, with the way of the chosen request lit.

use super::fold::Fold;
use crate::api::Key;
use crate::ui::app::Part;
use crate::ui::text;
use crate::view::rules::{Part as Lines, RuleLine, lag, made, rules};
use crate::view::{NAMESPACE, words};
use std::ops::Range;
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
    let (made, behind) = part.handle.look(|lab| (made(lab, &node), lag(lab, &node)));
    let handle = part.handle.clone();
    // Thousands of lines are put together only when they have changed.
    let panel = use_memo((node.clone(), service, request, made), move |(node, service, request, _)| {
        handle.look(|lab| rules(lab, node, service.as_ref(), request.and_then(|id| lab.traffic().record(id))))
    });
    let Some(known) = &*panel else { return html! { <p class="quiet">{ text::NO_NODE }</p> } };
    let onchange = {
        let chosen = chosen.clone();
        move |e: Event| chosen.set(Some(e.target_unchecked_into::<HtmlSelectElement>().value()))
    };
    let toggle = |state: &UseStateHandle<bool>| {
        let state = state.clone();
        move |e: Event| state.set(e.target_unchecked_into::<HtmlInputElement>().checked())
    };
    let lag = if behind == 0 { text::IN_SYNC.to_string() } else { format!("{} {}", words::span(Some(behind)), text::BEHIND) };
    let taken = known.lines.iter().filter(|l| l.taken).count();
    let show = {
        let (panel, printed) = (panel.clone(), *printed);
        Callback::from(move |places: Range<usize>| {
            let lines = panel.as_ref().as_ref().and_then(|known| known.lines.get(places.clone())).unwrap_or_default();
            lines.iter().zip(places).map(|(l, at)| line(l, at, printed)).collect::<Html>()
        })
    };
    let lines = |lines: Lines| match lines {
        Lines::Shown(places) => show.emit(places),
        Lines::Folded(Range { start, end }) => {
            let lines = show.reform(move |places: Range<usize>| start + places.start..start + places.end);
            html! { <Fold key={format!("fold {start}")} count={end - start} words={Callback::from(text::more_lines)} {lines} /> }
        }
    };
    html! {
        <div class="rules">
            <div class="line">
                <div><label for="node">{ text::NODE }</label><select id="node" {onchange}>
                    { for nodes.iter().map(|n| html! { <option value={n.clone()} selected={*n == node}>{ n }</option> }) }
                </select></div>
                <label class="check"><input type="checkbox" checked={*whole} onchange={toggle(&whole)} />{ text::ALL_RULES }</label>
                <label class="check"><input type="checkbox" checked={*printed} onchange={toggle(&printed)} />{ text::AS_PRINTED }</label>
            </div>
            <p class="quiet">{ format!("{} · {} {} · {lag}", known.tool, known.all, text::LINES) }</p>
            if let Some(r) = &part.request {
                <p class="quiet">{ if taken > 0 { format!("#{}: {taken} {}", r.id, text::RULES_TAKEN) } else { format!("#{}: {}", r.id, text::RULES_NOT_TRACED) } }</p>
            }
            <div class="listing mono" tabindex="0" role="region" aria-label={text::RULES_OF_NODE}>
                <ol>{ for known.parts().into_iter().map(lines) }</ol>
            </div>
        </div>
    }
}

/// One line; the rules that the chosen request met are lit, and say so.
fn line(l: &RuleLine, at: usize, printed: bool) -> Html {
    let words = if printed { l.text.clone() } else { l.short() };
    if l.taken {
        html! { <li key={at}><mark>{ "▶ " }{ words }<span class="unseen">{ text::TAKEN }</span></mark></li> }
    } else {
        html! { <li key={at}>{ words }</li> }
    }
}
