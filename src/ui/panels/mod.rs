//! The right column: tabs with the Service, the selected Pod, events and the console.

mod console;
mod events;
mod pod;
mod request;
mod service;

use super::app::Part;
use yew::prelude::*;

const TABS: [&str; 5] = ["Service", "Request", "Pod", "Events", "Console"];

/// The right column.
#[component]
pub fn Panels(part: &Part) -> Html {
    let open = use_state(|| 0_usize);
    {
        // Selecting a Pod shows it.
        let open = open.clone();
        use_effect_with(part.selected.clone(), move |selected| {
            if selected.is_some() {
                open.set(2)
            }
        });
    }
    let tab = |(i, name): (usize, &&'static str)| {
        let onclick = {
            let open = open.clone();
            move |_| open.set(i)
        };
        let onkeydown = {
            let open = open.clone();
            move |e: KeyboardEvent| {
                let next = match e.key().as_str() {
                    "ArrowRight" => (i + 1) % TABS.len(),
                    "ArrowLeft" => (i + TABS.len() - 1) % TABS.len(),
                    _ => return,
                };
                e.prevent_default();
                open.set(next);
                focus(&format!("tab-{next}"));
            }
        };
        let here = *open == i;
        html! {
            <button role="tab" id={format!("tab-{i}")} aria-selected={here.to_string()} aria-controls="panel"
                tabindex={if here { "0" } else { "-1" }} {onclick} {onkeydown}>{ *name }</button>
        }
    };
    html! {
        <aside class="right" aria-label="Details">
            <div class="tabs" role="tablist" aria-label="Details">{ for TABS.iter().enumerate().map(tab) }</div>
            <div class="panel" role="tabpanel" id="panel" aria-labelledby={format!("tab-{}", *open)} tabindex="0">
                { match *open {
                    0 => html! { <service::ServiceTab ..part.clone() /> },
                    1 => html! { <request::RequestTab ..part.clone() /> },
                    2 => html! { <pod::PodTab ..part.clone() /> },
                    3 => html! { <events::EventsTab ..part.clone() /> },
                    _ => html! { <console::ConsoleTab ..part.clone() /> },
                } }
            </div>
        </aside>
    }
}

/// Gives an element the focus, after a key of the person.
fn focus(id: &str) {
    use wasm_bindgen::JsCast;
    if let Some(element) = gloo::utils::document().get_element_by_id(id)
        && let Ok(element) = element.dyn_into::<web_sys::HtmlElement>()
    {
        drop(element.focus());
    }
}
