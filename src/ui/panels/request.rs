//! The last requests, and the way of one of them stop by stop.

use super::fold::Fold;
use super::trial::TrialOf;
use crate::lab::Way;
use crate::time::SECOND;
use crate::ui::app::Part;
use crate::ui::text;
use crate::view::{Chain, Fate, HopLine, Lately, Link, RequestLine, RuleLine, Stretch, chain, failures_lately, trace};
use std::ops::Range;
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
    let handle = part.handle.clone();
    let lately = use_memo(part.shown.view.now / (SECOND / 2), move |_| handle.look(failures_lately));
    html! {
        <>
            <h3>{ text::request_at(shown.id, shown.at, shown.fate) }</h3>
            <p class={classes!("ending", mark(shown.fate).1)}>{ &shown.ending.words }</p>
            <p class="whom">{ &shown.ending.whom }
                if let Some(own) = shown.ending.own { <br />{ text::client_says(own) } }
            </p>
            if let Some(why) = &why { { chain_view(why, part, &shown) } }
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
            { alike(&lately, &shown) }
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
    let met = |stretch: &Stretch| match stretch {
        Stretch::Rule(r) => rule(r),
        Stretch::Passed(over) => {
            let (over, count) = (over.clone(), over.count());
            let lines = Callback::from(move |places: Range<usize>| over.lines(places).map(|r| rule(&r)).collect::<Html>());
            html! { <Fold {count} words={Callback::from(text::passed_over)} {lines} /> }
        }
    };
    html! {
        <li><b>{ &hop.place }</b><span>{ &hop.text }</span>{ for addresses }
            if !hop.rules.is_empty() { <ul class="mono met">{ for hop.rules.iter().map(met) }</ul> }
        </li>
    }
}

/// A rule that was met: where it stands and where it leads, and whether it was taken.
fn rule(r: &RuleLine) -> Html {
    let leads = r.leads_to().map(|to| format!(" → {to}")).unwrap_or_default();
    let chance = r.chance.as_ref().map(|c| format!(" · {c}")).unwrap_or_default();
    let (sign, class) = if r.matched { ("▶ ", "taken") } else { ("– ", "quiet") };
    html! {
        <li {class} title={r.rule.clone()}>{ sign }{ r.short_chain() }{ leads }{ chance }
            if r.chosen { { " · " }<b>{ text::TAKEN }</b> }
            if !r.matched { <span class="unseen">{ text::PASSED_OVER }</span> }
        </li>
    }
}

/// How many failed like it, and in other ways.
fn alike(lately: &Lately, shown: &RequestLine) -> Html {
    if lately.counts.is_empty() {
        return html! {};
    }
    let count = |(reason, n): &(String, usize)| {
        let own = shown.reason.as_ref() == Some(reason);
        html! { <><dt class={classes!(own.then_some("own"))}>{ reason }if own { <span class="unseen">{ text::AS_THIS_ONE }</span> }</dt><dd class="mono">{ *n }</dd></> }
    };
    html! {
        <>
            <h3>{ if shown.reason.is_some() { text::LIKE_IT } else { text::FAILED_LATELY } }</h3>
            <dl class="facts numbers alike">
                { for lately.counts.iter().map(count) }
                if lately.forgotten > 0 { <dt>{ text::NOT_REMEMBERED }</dt><dd class="mono">{ lately.forgotten }</dd> }
            </dl>
        </>
    }
}

/// One deed on the way back to the cause.
fn link(link: &Link) -> Html {
    let (head, rest) = link.parts();
    html! { <li><b>{ head }</b>if !rest.is_empty() { <span>{ rest }</span> }<span class="mono">{ &link.clock }</span></li> }
}

/// Why it failed, back to what somebody did, and what would have prevented it.
fn chain_view(chain: &Chain, part: &Part, shown: &Rc<RequestLine>) -> Html {
    let trial = |way: &Way| {
        let key = format!("{} {way:?}", shown.id);
        html! { <TrialOf {key} part={part.clone()} way={way.clone()} since={chain.since} request={shown.clone()} /> }
    };
    html! {
        <>
            <h3>{ text::BACK_TO_THE_CAUSE }</h3>
            <ol class="chain">
                { for chain.links.iter().map(link) }
            </ol>
            if !chain.remedies.is_empty() {
                <div class="remedies"><p><b>{ text::PREVENTED_BY }</b></p>
                    <ul>{ for chain.remedies.iter().map(|r| html! { <li>{ *r }</li> }) }</ul>
                    { for chain.ways.iter().map(trial) }
                </div>
            }
        </>
    }
}
