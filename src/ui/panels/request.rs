//! The last requests, and the way of one of them stop by stop.

use crate::ui::app::Part;
use crate::view::{Fate, RequestLine, words};
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
    // A chosen request stays, though the list goes on.
    let chosen = use_state(|| None::<RequestLine>);
    let requests = &part.shown.view.requests;
    let shown = (*chosen).clone().or_else(|| requests.iter().find(|r| r.fate != Fate::Answered).or(requests.first()).cloned());
    let Some(shown) = shown else {
        return html! { <p class="quiet">{ "No request has ended yet." }</p> };
    };
    let row = |r: &RequestLine| {
        let onclick = {
            let (chosen, r) = (chosen.clone(), r.clone());
            move |_| chosen.set(Some(r.clone()))
        };
        let (sign, class) = mark(r.fate);
        html! {
            <li key={r.id}><button {onclick} aria-pressed={(r.id == shown.id).to_string()}>
                <span class={class} aria-hidden="true">{ sign }</span>
                <span>{ format!("#{} {}", r.id, r.client) }</span><span class="mono">{ &r.words }</span>
            </button></li>
        }
    };
    html! {
        <>
            <h3>{ format!("Request #{} at {}", shown.id, words::moment(shown.at)) }</h3>
            <ol class={classes!("stops", mark(shown.fate).1)}>
                { for shown.stops.iter().map(|(place, what)| html! { <li><b>{ place }</b><span class="mono">{ what }</span></li> }) }
            </ol>
            <h3>{ "Last requests" }</h3>
            <ol class="requests">{ for requests.iter().map(row) }</ol>
        </>
    }
}
