//! kubectl with history: the last lines and what they printed.

use crate::ui::app::Part;
use web_sys::HtmlInputElement;
use yew::prelude::*;

/// Lines that are shown.
const SHOWN: usize = 12;

/// The tab "Console".
#[component]
pub fn ConsoleTab(part: &Part) -> Html {
    let input = use_node_ref();
    let at = use_mut_ref(|| 0_usize);
    let log = use_node_ref();
    let console = part.shown.console.clone();
    {
        let log = log.clone();
        let last = console.last().map(|run| (run.id, run.text.len()));
        use_effect_with(last, move |_| {
            if let Some(log) = log.cast::<web_sys::Element>() {
                log.set_scroll_top(log.scroll_height());
            }
        });
    }
    let onsubmit = {
        let (handle, input, at) = (part.handle.clone(), input.clone(), at.clone());
        move |e: SubmitEvent| {
            e.prevent_default();
            let Some(input) = input.cast::<HtmlInputElement>() else { return };
            let line = input.value();
            if !line.trim().is_empty() {
                handle.kubectl(line.trim());
                input.set_value("");
                *at.borrow_mut() = 0;
            }
        }
    };
    let onkeydown = {
        let (console, input) = (console.clone(), input.clone());
        move |e: KeyboardEvent| {
            let Some(input) = input.cast::<HtmlInputElement>() else { return };
            let mut at = at.borrow_mut();
            *at = match e.key().as_str() {
                "ArrowUp" => (*at + 1).min(console.len()),
                "ArrowDown" => at.saturating_sub(1),
                _ => return,
            };
            e.prevent_default();
            let line = console.len().checked_sub(*at).and_then(|i| console.get(i));
            input.set_value(line.map_or("", |run| run.line.as_str()));
        }
    };
    let skip = console.len().saturating_sub(SHOWN);
    html! {
        <div class="console">
            <div class="log mono" role="log" aria-label="Console output" tabindex="0" ref={log}>
                { for console.iter().skip(skip).map(|run| html! {
                    <div key={run.id}>
                        <p class="typed">{ format!("$ {}", run.line) }</p>
                        <pre>{ &run.text }</pre>
                        if !run.ended { <p class="quiet">{ "… waits" }</p> }
                    </div>
                }) }
            </div>
            <form {onsubmit}>
                <label for="line">{ "kubectl" }</label>
                <input id="line" ref={input} class="mono" {onkeydown} placeholder="kubectl get pods -o wide" autocomplete="off" autocapitalize="off" spellcheck="false" />
                <button type="submit">{ "Run" }</button>
            </form>
        </div>
    }
}
