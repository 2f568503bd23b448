//! "Why?": what keeps a client from its Service, or a Service from its endpoints, and the ways out.

use super::Line;
use crate::diagnosis::{Finding, Weight};
use crate::time::SECOND;
use crate::ui::app::Part;
use crate::ui::text;
use crate::view::why::{About, choices, diagnose, first_in_trouble};
use web_sys::HtmlSelectElement;
use yew::prelude::*;

fn mark(weight: Weight) -> (&'static str, &'static str, &'static str) {
    match weight {
        Weight::All => ("✕", "failed", text::EVERY_REQUEST_FAILS),
        Weight::Part => ("▲", "late", text::SOME_REQUESTS_FAIL),
        Weight::Note => ("●", "good", text::NOTHING_FAILS),
    }
}

/// The tab "Why?".
#[component]
pub fn WhyTab(part: &Part) -> Html {
    // Nobody chosen: whoever is in trouble.
    let chosen = use_state(|| None::<About>);
    let handle = part.handle.clone();
    let version = part.handle.look(|lab| lab.cluster().api().store().version());
    let key = ((*chosen).clone(), version, part.shown.view.now / (SECOND / 2));
    let answer = use_memo(key, |(chosen, _, _)| {
        let about = chosen.clone();
        handle.look(|lab| match about {
            Some(about) => diagnose(lab, &about).map(|d| (about, d)),
            None => first_in_trouble(lab),
        })
    });
    let list = part.handle.look(choices);
    let onchange = {
        let (chosen, list) = (chosen.clone(), list.clone());
        move |e: Event| {
            let id = e.target_unchecked_into::<HtmlSelectElement>().value();
            chosen.set(list.iter().find(|a| a.id() == id).cloned());
        }
    };
    let finding = |f: &Finding| {
        let (sign, class, words) = mark(f.weight);
        html! {
            <li key={f.title.clone()} class="finding">
                <p class={class}><span aria-hidden="true">{ sign }</span>{ " " }{ words }</p>
                <p class="title">{ &f.title }</p>
                if !f.details.is_empty() { <ul>{ for f.details.iter().map(|d| html! { <li>{ d }</li> }) }</ul> }
                if !f.fixes.is_empty() { <h4>{ text::WAYS_OUT }</h4> }
                { for f.fixes.iter().map(|fix| html! {
                    <div class="fix"><p>{ &fix.words }</p>
                        if !fix.command.is_empty() { <Line part={part.clone()} line={fix.command.clone()} /> }
                    </div>
                }) }
                if !f.show.is_empty() { <h4>{ text::SEE_IT }</h4> }
                { for f.show.iter().map(|line| html! { <Line part={part.clone()} line={line.clone()} read=true /> }) }
            </li>
        }
    };
    html! {
        <div class="why">
            <label for="about">{ text::ASK_ABOUT }</label>
                <select id="about" {onchange}>
                    <option value="" selected={chosen.is_none()}>{ text::WHOEVER_IS_IN_TROUBLE }</option>
                    { for list.iter().map(|a| html! { <option value={a.id()} selected={chosen.as_ref() == Some(a)}>{ a.id() }</option> }) }
                </select>
            if let Some((_, diagnosis)) = &*answer {
                <h3 class="question">{ &diagnosis.question }</h3>
                <ol>{ for diagnosis.findings.iter().map(finding) }</ol>
            } else {
                <p class="quiet">{ text::NOBODY_TO_ASK_ABOUT }</p>
            }
        </div>
    }
}
