//! What a client does beyond its rate: how its requests come, its connections, time-outs, second attempts, its hold on names.

use super::app::Part;
use super::chooser::chooser;
use super::forms::{field, value};
use super::text;
use crate::lab::Command;
use crate::traffic::{ClientChange, Url};
use crate::view::habits::choices;
use web_sys::HtmlSelectElement;
use yew::prelude::*;

/// The settings of one client, folded away until somebody asks.
#[component]
pub fn ClientForm(part: &Part) -> Html {
    let chosen = use_state(|| None::<String>);
    let names: Vec<String> = part.shown.rates.iter().filter(|r| !r.2).map(|r| r.0.clone()).collect();
    let name = chosen.as_ref().filter(|c| names.contains(c)).or(names.first()).cloned();
    let Some(name) = name else { return Html::default() };
    let onchange = {
        let chosen = chosen.clone();
        move |e: Event| chosen.set(Some(e.target_unchecked_into::<HtmlSelectElement>().value()))
    };
    let setting = part.handle.look(|lab| lab.traffic().client(&name).map(|c| c.setting.clone()));
    let Some(setting) = setting else { return Html::default() };
    html! {
        <details class="add client-form">
            <summary>{ text::CLIENT_MORE }</summary>
            <div class="setting"><label for="which-client">{ text::CLIENT }</label>
                <select id="which-client" {onchange}>
                    { for names.iter().map(|n| html! { <option value={n.clone()} selected={*n == name}>{ n }</option> }) }
                </select>
            </div>
            <AskFor key={name.clone()} part={part.clone()} client={name.clone()} url={setting.url.to_string()} />
            { for choices(&setting).into_iter().enumerate().map(|(i, choice)| {
                let (handle, client) = (part.handle.clone(), name.clone());
                let make = move |change| handle.apply(Command::ChangeClient { client: client.clone(), change });
                chooser(format!("client-choice-{i}"), choice, make)
            }) }
        </details>
    }
}

#[derive(PartialEq, Properties)]
struct AskForProps {
    part: Part,
    client: String,
    url: String,
}

/// What a client asks for.
#[component]
fn AskFor(props: &AskForProps) -> Html {
    let (node, problem) = (use_node_ref(), use_state(|| false));
    let onsubmit = {
        let (handle, client) = (props.part.handle.clone(), props.client.clone());
        let (node, problem) = (node.clone(), problem.clone());
        move |e: SubmitEvent| {
            e.prevent_default();
            let url = Url::parse(value(&node).trim());
            problem.set(url.is_none());
            if let Some(url) = url {
                handle.apply(Command::ChangeClient { client: client.clone(), change: ClientChange::Url(url) });
            }
        }
    };
    html! {
        <form class="update" {onsubmit} novalidate=true>
            { field("client-url", text::ASKS_FOR, &props.url, &node, problem.then_some(text::NO_URL)) }
            <button type="submit">{ text::ASK_IT }</button>
        </form>
    }
}
