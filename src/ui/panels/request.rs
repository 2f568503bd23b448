//! The last requests, and the way of one of them stop by stop.

use crate::ui::app::Part;
use crate::ui::text;
use crate::view::{Chain, Fate, HopLine, RequestLine, RuleLine, chain, failures_lately, trace};
use std::rc::Rc;
use yew::prelude::*;

/// A fate as a sign and a class.
pub(super) fn mark(fate: Fate) -> (&'static str, &'static str) {
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
    let handle = part.handle.clone();
    let known = use_memo(shown.id, move |id| {
        handle.look(|lab| lab.traffic().record(*id).map(|record| (trace(record, lab), chain(record, lab))))
    });
    let (way, why) = known.as_ref().clone().unwrap_or_default();
    let alike = part.handle.look(failures_lately);
    html! {
        <>
            <h3>{ text::request_at(shown.id, shown.at) }</h3>
            <p class={classes!("ending", mark(shown.fate).1)}>{ &shown.words }</p>
            { why.as_ref().map(chain_view).unwrap_or_default() }
            <h3>{ text::THE_WAY }</h3>
            <ol class={classes!("stops", mark(shown.fate).1)}>
                { for way.iter().map(stop) }
                if way.is_empty() {
                    { for shown.stops.iter().map(brief) }
                }
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

/// One stop on the way: where, and what happened there.
pub(super) fn brief((place, what): &(String, String)) -> Html {
    html! { <li><b>{ place }</b><span class="mono">{ what }</span></li> }
}

/// One stop on the way, with the rules that decided there.
fn stop(hop: &HopLine) -> Html {
    let addresses = hop.addresses.as_ref().map(|a| {
        let after = a.after.as_ref().filter(|after| **after != a.before).map(|(from, to)| format!("⇒ {from} → {to}"));
        html! { <span class="mono">{ format!("{} → {}", a.before.0, a.before.1) }{ for after.map(|a| html! { <><br />{ a }</> }) }</span> }
    });
    let rule = |r: &RuleLine| {
        let chance = r.chance.as_ref().map(|c| format!(" · {c}")).unwrap_or_default();
        html! { <li class={classes!((!r.matched).then_some("quiet"))} title={r.rule.clone()}>{ if r.matched { "▶ " } else { "– " } }{ &r.chain }{ chance }</li> }
    };
    html! {
        <li><b>{ &hop.place }</b><span>{ &hop.text }</span>{ for addresses }
            if !hop.rules.is_empty() { <ul class="mono met">{ for hop.rules.iter().map(rule) }</ul> }
        </li>
    }
}

/// Why it failed, back to what somebody did, and what would have prevented it.
fn chain_view(chain: &Chain) -> Html {
    html! {
        <>
            <h3>{ text::BACK_TO_THE_CAUSE }</h3>
            <ol class="chain">
                { for chain.links.iter().map(|l| html! { <li><b>{ &l.text }</b><span class="mono">{ &l.clock }</span></li> }) }
            </ol>
            if !chain.remedies.is_empty() {
                <div class="remedies"><p><b>{ text::PREVENTED_BY }</b></p>
                    <ul>{ for chain.remedies.iter().map(|r| html! { <li>{ *r }</li> }) }</ul></div>
            }
        </>
    }
}
