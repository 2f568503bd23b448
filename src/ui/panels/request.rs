//! The last requests, and the way of one of them stop by stop.

use crate::ui::app::Part;
use crate::ui::text;
use crate::view::{Fate, RequestLine, failures_lately, words};
use std::rc::Rc;
use yew::prelude::*;

fn mark(fate: Fate) -> (&'static str, &'static str) {
    match fate {
        Fate::Answered => ("●", "good"),
        Fate::Late => ("○", "late"),
        Fate::Error => ("▲", "failed"),
        Fate::Failed | Fate::Open => ("✕", "failed"),
    }
}

/// The tab "Request".
#[component]
pub fn RequestTab(part: &Part) -> Html {
    let requests = &part.shown.view.requests;
    // A chosen request stays, though the list goes on.
    let newest = || requests.iter().find(|r| r.fate != Fate::Answered).or(requests.first());
    let shown = part.request.clone().or_else(|| newest().map(|r| Rc::new(r.clone())));
    let Some(shown) = shown else {
        return html! { <p class="quiet">{ text::NO_REQUEST_YET }</p> };
    };
    let row = |r: &RequestLine| {
        let onclick = {
            let (choose, r) = (part.choose.clone(), Rc::new(r.clone()));
            move |_| choose.emit(Some(r.clone()))
        };
        let (sign, class) = mark(r.fate);
        html! {
            <li key={r.id}><button {onclick} aria-pressed={(r.id == shown.id).to_string()}>
                <span class={class} aria-hidden="true">{ sign }</span>
                <span>{ format!("#{} {}", r.id, r.client) }</span><span class="mono">{ &r.words }</span>
            </button></li>
        }
    };
    let to = |panel: &'static str| {
        let (open, choose, shown) = (part.open.clone(), part.choose.clone(), shown.clone());
        move |_| {
            choose.emit(Some(shown.clone()));
            open.emit(AttrValue::Static(panel));
        }
    };
    let alike = part.handle.look(failures_lately);
    html! {
        <>
            <h3>{ format!("Request #{} at {}", shown.id, words::moment(shown.at)) }</h3>
            <ol class={classes!("stops", mark(shown.fate).1)}>
                { for shown.stops.iter().map(|(place, what)| html! { <li><b>{ place }</b><span class="mono">{ what }</span></li> }) }
            </ol>
            <div class="pair">
                <button onclick={to("Rules")}>{ text::RULES_IT_MET }</button>
                <button onclick={to("Why?")}>{ text::WHY }</button>
            </div>
            if !alike.is_empty() {
                <h3>{ text::FAILED_LATELY }</h3>
                <dl class="facts numbers">{ for alike.iter().map(|(what, n)| html! { <><dt>{ what }</dt><dd class="mono">{ *n }</dd></> }) }</dl>
            }
            <h3>{ text::LAST_REQUESTS }</h3>
            <ol class="requests">{ for requests.iter().map(row) }</ol>
        </>
    }
}
