//! The Service: its front, the list behind it, how requests fared, and the way of one of them.

use super::request::{brief, mark};
use super::visit;
use crate::ui::app::Part;
use crate::ui::chooser::use_steady;
use crate::ui::scene::revision_class;
use crate::ui::text;
use crate::view::{EndpointRow, ServicePanel, words};
use web_sys::HtmlSelectElement;
use yew::prelude::*;

/// Endpoints that are listed until somebody asks for all.
const LISTED: usize = 12;
/// Endpoints that are listed at most.
const MOST: usize = 500;

fn row(name: &str, value: String, class: &'static str) -> Html {
    html! { <><dt>{ name }</dt><dd class={classes!("mono", class)}>{ value }</dd></> }
}

/// The tab "Service".
#[component]
pub fn ServiceTab(part: &Part) -> Html {
    let view = &part.shown.view;
    let last = &view.last60;
    let services = &view.services;
    let (chosen, choose) = use_steady(services.iter().map(|s| s.name.clone()).collect());
    let Some(service) = chosen.and_then(|i| services.get(i)) else {
        return html! { <p class="quiet">{ text::NO_SERVICE }</p> };
    };
    let onchange = choose.reform(|e: Event| e.target_unchecked_into::<HtmlSelectElement>().value());
    html! {
        <>
            if services.len() > 1 {
                <label for="which-service">{ text::SERVICE }</label><select id="which-service" {onchange}>
                    { for services.iter().map(|s| html! { <option value={s.name.clone()} selected={s.name == service.name}>{ &s.name }</option> }) }
                </select>
            }
            <h3>{ text::FRONT }</h3>
            <dl class="facts">{ for service.front.iter().map(|(name, value)| row(name, value.clone(), "")) }</dl>
            <Back part={part.clone()} service={service.clone()} />
            <h3>{ text::LAST_60 }</h3>
            <dl class="facts numbers">
                { row(text::THROUGH_SERVICE, words::share(last.service), if last.service.1 == 0 { "good" } else { "failed" }) }
                { row(text::TO_POD_IP, words::share(last.pod), if last.pod.1 == 0 { "good" } else { "failed" }) }
                { row(text::MEDIAN_P99, format!("{} / {}", words::span(last.median), words::span(last.p99)), "") }
                { row(text::ENDPOINT_CHANGES, last.endpoint_changes.to_string(), "") }
                { row(text::ADDRESS_CHANGES, last.address_changes.to_string(), "") }
            </dl>
            <OneRequest ..part.clone() />
        </>
    }
}

#[derive(PartialEq, Properties)]
struct BackProps {
    part: Part,
    service: std::rc::Rc<ServicePanel>,
}

/// The list behind the Service.
#[component]
fn Back(props: &BackProps) -> Html {
    let BackProps { part, service } = props;
    let all = use_state(|| false);
    let why = {
        let part = part.clone();
        move |_| visit(&part, "Why?")
    };
    let toggle = {
        let all = all.clone();
        move |_| all.set(!*all)
    };
    let count = service.endpoints.len();
    let shown = if *all { MOST } else { LISTED };
    let selected = part.selected_key().map(|key| key.name.to_string());
    let endpoint = |e: &EndpointRow| {
        let lit = selected.as_ref() == Some(&e.pod);
        let onclick = {
            let (part, pod) = (part.clone(), e.pod.clone());
            move |_: MouseEvent| {
                let card = part.shown.view.scene.pods.iter().find(|c| *c.name == *pod && !lit);
                part.select.emit(card.map(|c| AttrValue::from(c.uid.to_string())));
            }
        };
        html! {
            <tr key={e.address.clone()} class={lit.then_some("lit")}>
                <td><button class="mono" {onclick} aria-pressed={lit.to_string()} aria-label={text::endpoint_of(&e.address, &e.pod)} title={e.pod.clone()}>
                    <i class={revision_class(e.revision)} />{ &e.address }</button></td>
                <td><div class="share" role="img" aria-label={text::percent(e.share)}>
                    <div class={revision_class(e.revision)} style={format!("width:{}%", e.part)} /></div></td>
                <td class={classes!("end-state", e.state.replace(' ', "-"))}>{ e.state }</td>
            </tr>
        }
    };
    html! {
        <>
            <h3>{ text::BACK }</h3>
            if !service.slices.is_empty() { <p class="quiet slices">{ text::listed_in(&service.slices) }</p> }
            <table class="ends-table">
                <thead><tr><th>{ text::ENDPOINT }</th><th>{ text::SHARE_OF_TRAFFIC }</th><th>{ text::STATE }</th></tr></thead>
                <tbody>{ for service.endpoints.iter().take(shown).map(endpoint) }</tbody>
            </table>
            if service.endpoints.is_empty() { <p class="problem">{ text::NO_ENDPOINTS }</p><button onclick={why}>{ text::WHY }</button> }
            if count > LISTED {
                <button class="more-rows" onclick={toggle} aria-expanded={all.to_string()}>
                    { if *all { text::FEWER.to_string() } else { text::more_endpoints(count - LISTED) } }
                </button>
            }
            if *all && count > MOST { <p class="quiet">{ text::and_more(count - MOST) }</p> }
        </>
    }
}

/// The chosen request, or else the last one, stop by stop.
#[component]
fn OneRequest(part: &Part) -> Html {
    let chosen = part.request.clone();
    let title = if chosen.is_some() { text::SELECTED_REQUEST } else { text::LAST_REQUEST };
    let Some(request) = chosen.as_deref().or(part.shown.view.requests.first()) else { return Html::default() };
    let all = {
        let (part, request) = (part.clone(), std::rc::Rc::new(request.clone()));
        move |_| {
            part.choose.emit(Some(request.clone()));
            visit(&part, "Request");
        }
    };
    html! {
        <>
            <h3>{ format!("{title} #{}", request.id) }</h3>
            <ol class={classes!("stops", mark(request.fate).1)}>{ for request.stops.iter().map(brief) }</ol>
            <button onclick={all}>{ text::ALL_ABOUT_IT }</button>
        </>
    }
}
