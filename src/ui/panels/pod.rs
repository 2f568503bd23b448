//! The selected Pod: what can be done with it, and what `kubectl describe` says of it.

use crate::api::Key;
use crate::lab::Command;
use crate::ui::app::Part;
use crate::view::quote;
use yew::prelude::*;

/// The tab "Pod".
#[component]
pub fn PodTab(part: &Part) -> Html {
    let scene = &part.shown.view.scene;
    let mut all = scene.pods.iter().chain(&scene.waiting);
    let Some(card) = all.find(|c| part.selected.as_deref() == Some(&*c.uid)) else {
        let gone = if part.selected.is_some() { "This Pod is gone. " } else { "" };
        return html! { <p class="quiet">{ format!("{gone}Choose a Pod in the scene.") }</p> };
    };
    let kubectl = |line: String| {
        let handle = part.handle.clone();
        move |_| drop(handle.kubectl(&line))
    };
    let crash = {
        let (handle, key) = (part.handle.clone(), Key::new(crate::view::NAMESPACE, &card.name));
        move |_| handle.apply(Command::Crash(key.clone()))
    };
    let name = quote(&card.name);
    let (kill, unlabel) = (format!("kubectl delete pod {name}"), format!("kubectl label pod {name} app-"));
    html! {
        <>
            <h3 class="mono">{ &*card.name }</h3>
            <dl class="facts">
                <dt>{ "state" }</dt><dd>{ &card.word }</dd>
                <dt>{ "address" }</dt><dd class="mono">{ &card.ip }</dd>
                <dt>{ "node" }</dt><dd class="mono">{ &*card.node }</dd>
                <dt>{ "version" }</dt><dd class="mono">{ &card.version }</dd>
                <dt>{ "requests" }</dt><dd class="mono">{ format!("{} a second", card.rate) }</dd>
            </dl>
            <div class="stack">
                <button onclick={kubectl(kill.clone())}>{ "Kill this Pod" }</button><code class="command">{ kill }</code>
                <button onclick={kubectl(unlabel.clone())}>{ "Take its label app away" }</button><code class="command">{ unlabel }</code>
                <button onclick={crash}>{ "Let its process crash" }</button><code class="command">{ "no command: the process ends by itself" }</code>
            </div>
        </>
    }
}
