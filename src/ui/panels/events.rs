//! Kubernetes' events, the newest first.

use crate::ui::app::Part;
use crate::ui::text;
use crate::view::words;
use yew::prelude::*;

/// The tab "Events".
#[component]
pub fn EventsTab(part: &Part) -> Html {
    let events = &part.shown.view.events;
    if events.is_empty() {
        return html! { <p class="quiet">{ text::NO_EVENTS }</p> };
    }
    html! {
        <ol class="events" aria-label={text::EVENTS}>
            { for events.iter().map(|e| html! {
                <li key={e.id.clone()} class={classes!((e.type_ == "Warning").then_some("warning"))}>
                    <p class="line"><b>{ &e.reason }</b><span class="mono">{ words::moment(e.at) }</span></p>
                    <p>{ &e.message }{ if e.count > 1 { format!(" (×{})", e.count) } else { String::new() } }</p>
                    <p class="quiet mono">{ text::event_of(e.type_ == "Warning", &e.object) }</p>
                </li>
            }) }
        </ol>
    }
}
