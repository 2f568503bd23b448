//! The right column: a panel for each question one may have. It can be made wider and folded away, and remembers that.

mod console;
mod events;
mod fold;
mod object;
mod request;
mod resize;
mod rules;
mod service;
mod trial;
mod why;
mod yaml;

use super::app::Part;
use super::{memory, text};
use crate::view::actions::PANELS;
use yew::prelude::*;

/// The right column.
#[component]
pub fn Panels(part: &Part) -> Html {
    let folded = part.folded;
    {
        // Selecting a Pod shows it.
        let open = part.open.clone();
        use_effect_with(part.selected.clone(), move |selected| {
            if selected.is_some() {
                open.emit(AttrValue::Static("Object"));
            }
        });
    }
    let fold = {
        let fold = part.fold.clone();
        move |_| {
            memory::keep("panels-folded", if folded { "no" } else { "yes" });
            fold.emit(!folded);
        }
    };
    let sign = if folded { "⟨" } else { "⟩" };
    let label = if folded { text::UNFOLD_PANELS } else { text::FOLD_PANELS };
    html! {
        <aside id="panels" class={classes!("right", folded.then_some("folded"))} aria-label={text::DETAILS}>
            <button class="fold" onclick={fold} aria-expanded={(!folded).to_string()} aria-label={label} title={label}>{ sign }</button>
            if !folded {
                <resize::Handle />
                <Tabs ..part.clone() />
                <div class="panel" role="tabpanel" id="panel" aria-labelledby={format!("tab-{}", place(&part.panel))} tabindex="0">
                    { content(part) }
                </div>
            }
        </aside>
    }
}

fn place(panel: &str) -> usize {
    PANELS.iter().position(|p| *p == panel).unwrap_or(0)
}

fn content(part: &Part) -> Html {
    match PANELS[place(&part.panel)] {
        "Request" => html! { <request::RequestTab ..part.clone() /> },
        "Why?" => html! { <why::WhyTab ..part.clone() /> },
        "Rules" => html! { <rules::RulesTab ..part.clone() /> },
        "Object" => html! { <object::ObjectTab ..part.clone() /> },
        "YAML" => html! { <yaml::YamlTab ..part.clone() /> },
        "Events" => html! { <events::EventsTab ..part.clone() /> },
        "Console" => html! { <console::ConsoleTab ..part.clone() /> },
        _ => html! { <service::ServiceTab ..part.clone() /> },
    }
}

/// The list of panels: arrow keys go along it.
#[component]
fn Tabs(part: &Part) -> Html {
    let here = place(&part.panel);
    let tab = |(i, name): (usize, &&'static str)| {
        let go = |to: usize| part.open.reform(move |()| AttrValue::Static(PANELS[to]));
        let onclick = {
            let open = go(i);
            move |_: MouseEvent| open.emit(())
        };
        let ways = [("ArrowRight", (i + 1) % PANELS.len()), ("ArrowLeft", (i + PANELS.len() - 1) % PANELS.len())];
        let ways = ways.map(|(key, to)| (key, to, go(to)));
        let onkeydown = move |e: KeyboardEvent| {
            if let Some((_, to, open)) = ways.iter().find(|(key, _, _)| *key == e.key()) {
                e.prevent_default();
                open.emit(());
                focus(&format!("tab-{to}"));
            }
        };
        html! {
            <button role="tab" id={format!("tab-{i}")} aria-selected={(here == i).to_string()} aria-controls="panel"
                tabindex={if here == i { "0" } else { "-1" }} {onclick} {onkeydown}>{ *name }</button>
        }
    };
    html! { <div class="tabs" role="tablist" aria-label={text::DETAILS}>{ for PANELS.iter().enumerate().map(tab) }</div> }
}

/// Gives an element the focus, after a key of the person.
fn focus(id: &str) {
    use wasm_bindgen::JsCast;
    if let Some(element) = gloo::utils::document().get_element_by_id(id)
        && let Ok(element) = element.dyn_into::<web_sys::HtmlElement>()
    {
        let here = web_sys::FocusOptions::new();
        here.set_prevent_scroll(true);
        drop(element.focus_with_options(&here));
    }
}

/// Opens a panel for somebody who asked for it, and goes there: the focus stands in it, and it is seen, also where it stands
/// below the scene.
pub fn visit(part: &Part, panel: &'static str) {
    part.open.emit(AttrValue::Static(panel));
    // It is there when the page has been drawn anew.
    let go = || {
        let Some(tabs) = gloo::utils::document().get_element_by_id("panels") else { return };
        let window = gloo::utils::window();
        let height = window.inner_height().ok().and_then(|h| h.as_f64()).unwrap_or_default();
        focus("panel");
        let top = tabs.get_bounding_client_rect().top();
        if top < 0.0 || top > height * 0.7 {
            tabs.scroll_into_view();
        }
    };
    gloo::timers::callback::Timeout::new(0, go).forget();
}

/// A kubectl line with a button that runs it in the console.
#[derive(PartialEq, Properties)]
pub struct LineProps {
    /// The page.
    pub part: Part,
    /// The line.
    pub line: AttrValue,
    /// Whether its output is what one wants to see: then the console opens.
    #[prop_or_default]
    pub read: bool,
}

/// See [`LineProps`].
#[component]
pub fn Line(props: &LineProps) -> Html {
    let problem = use_state(|| None::<String>);
    let onclick = {
        let (part, line, read, problem) = (props.part.clone(), props.line.clone(), props.read, problem.clone());
        move |_| {
            let (text, failed) = part.handle.kubectl(&line);
            problem.set(failed.then_some(text));
            if read && !failed {
                visit(&part, "Console");
            }
        }
    };
    html! {
        <div class="run-line">
            <code>{ &props.line }</code>
            <button {onclick} aria-label={format!("{} {}", text::RUN, props.line)}>{ text::RUN }</button>
            if let Some(text) = &*problem { <p class="problem" role="alert">{ text }</p> }
        </div>
    }
}
