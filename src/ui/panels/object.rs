//! One object: what can be done with it, and what `kubectl describe` says of it.

use super::Line;
use crate::api::Key;
use crate::lab::Command;
use crate::ui::app::Part;
use crate::ui::chooser::chooser;
use crate::ui::text;
use crate::view::network::network_choices;
use crate::view::{PodCard, quote, sheet};
use web_sys::HtmlSelectElement;
use yew::prelude::*;

/// The tab "Object".
#[component]
pub fn ObjectTab(part: &Part) -> Html {
    let chosen = use_state(|| None::<String>);
    {
        // The Pod that is selected in the scene is shown; the chooser goes elsewhere from there.
        let chosen = chosen.clone();
        use_effect_with(part.selected.clone(), move |_| chosen.set(None));
    }
    let scene = &part.shown.view.scene;
    let card = scene.pods.iter().chain(&scene.waiting).find(|c| part.selected.as_deref() == Some(&*c.uid));
    let choices = part.handle.look(sheet::choices);
    let own = card.map(|c| format!("pod/{}", c.name));
    let gone = part.selected.is_some() && card.is_none();
    let choice = (*chosen).clone().or(own).or(choices.first().cloned()).unwrap_or_default();
    let onchange = {
        let chosen = chosen.clone();
        move |e: Event| chosen.set(Some(e.target_unchecked_into::<HtmlSelectElement>().value()))
    };
    let card = scene.pods.iter().chain(&scene.waiting).find(|c| choice.strip_prefix("pod/") == Some(&*c.name));
    let described = part.handle.look(|lab| sheet::described(lab, &choice));
    html! {
        <>
            if gone && chosen.is_none() { <p class="quiet" role="status">{ text::POD_IS_GONE }</p> }
            <label for="object">{ text::OBJECT }</label><select id="object" {onchange}>
                { for choices.iter().map(|c| html! { <option value={c.clone()} selected={*c == choice}>{ c }</option> }) }
            </select>
            if let Some(card) = card { { pod(part, card) } }
            if let Some(name) = choice.strip_prefix("node/") { { node(part, name) } }
            <h3 class="typed">{ format!("kubectl describe {}", choice.replace('/', " ")) }</h3>
            <pre class="listing" tabindex="0" role="region" aria-label={text::DESCRIPTION}>{ described.unwrap_or_default() }</pre>
        </>
    }
}

fn pod(part: &Part, card: &PodCard) -> Html {
    let kubectl = |line: String| {
        let handle = part.handle.clone();
        move |_| drop(handle.kubectl(&line))
    };
    let crash = {
        let (handle, key) = (part.handle.clone(), Key::new(crate::view::NAMESPACE, &card.name));
        move |_| handle.apply(Command::Crash(key.clone()))
    };
    let key = Key::new(crate::view::NAMESPACE, &card.name);
    let well = part.handle.look(|lab| lab.cluster().is_well(&key));
    let unwell = {
        let handle = part.handle.clone();
        move |_| handle.apply(Command::Well(key.clone(), !well))
    };
    let name = quote(&card.name);
    let (kill, unlabel) = (format!("kubectl delete pod {name}"), format!("kubectl label pod {name} app-"));
    html! {
        <>
            <dl class="facts">
                <dt>{ text::STATE }</dt><dd>{ &card.word }</dd>
                <dt>{ text::ADDRESS }</dt><dd class="mono">{ &card.ip }</dd>
                <dt>{ text::NODE }</dt><dd class="mono">{ &*card.node }</dd>
                <dt>{ text::VERSION }</dt><dd class="mono">{ &card.version }</dd>
                <dt>{ text::REQUESTS }</dt><dd class="mono">{ format!("{} {}", card.rate, text::A_SECOND) }</dd>
            </dl>
            <div class="stack">
                <button onclick={kubectl(kill.clone())}>{ text::KILL_THIS_POD }</button><code class="command">{ kill }</code>
                <button onclick={kubectl(unlabel.clone())} disabled={!card.labels.contains_key("app")}>{ text::TAKE_LABEL_AWAY }</button><code class="command">{ unlabel }</code>
                <button onclick={crash}>{ text::CRASH }</button><code class="command">{ text::NO_COMMAND }</code>
                <button onclick={unwell}>{ if well { text::UNWELL } else { text::WELL_AGAIN } }</button><code class="command">{ text::NO_COMMAND_HEALTH }</code>
            </div>
        </>
    }
}

fn node(part: &Part, name: &str) -> Html {
    let down = part.shown.down.iter().any(|n| n == name);
    let apply = {
        let (handle, name) = (part.handle.clone(), name.to_string());
        move |_| handle.apply(if down { Command::NodeUp(name.clone()) } else { Command::NodeDown(name.clone()) })
    };
    let lines = [
        format!("kubectl cordon {name}"),
        format!("kubectl drain {name} --ignore-daemonsets --delete-emptydir-data --force"),
        format!("kubectl uncordon {name}"),
    ];
    html! {
        <div class="stack">
            <button onclick={apply}>{ if down { text::BRING_BACK } else { text::CUT_OFF } }</button>
            <code class="command">{ text::NO_COMMAND_NODE }</code>
            { for lines.into_iter().map(|line| html! { <Line part={part.clone()} {line} /> }) }
            <details class="add client-form"><summary>{ text::NODE_OWN }</summary>
                { for part.handle.look(|lab| network_choices(lab, Some(name))).into_iter().enumerate().map(|(i, choice)| {
                    let handle = part.handle.clone();
                    chooser(format!("node-choice-{i}"), choice, move |setting| handle.apply(Command::Network(setting)))
                }) }
            </details>
        </div>
    }
}
