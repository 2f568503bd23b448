//! The right column: a panel for each question one may have. It can be made wider and folded away, and remembers that.

mod console;
mod events;
mod fold;
mod object;
mod request;
mod resize;
mod rules;
mod service;
mod why;
mod yaml;

use super::app::Part;
use super::{memory, text};
use crate::view::actions::PANELS;
use yew::prelude::*;

/// The right column.
#[component]
pub fn Panels(part: &Part) -> Html {
    let folded = use_state(|| memory::recall("panels-folded").is_some_and(|f| f == "yes"));
    {
        // Selecting a Pod shows it.
        let open = part.open.clone();
        use_effect_with(part.selected.clone(), move |selected| {
            if selected.is_some() {
                open.emit(AttrValue::Static("Object"));
            }
        });
    }
    {
        // Asking for a panel unfolds the column.
        let folded = folded.clone();
        let first = use_mut_ref(|| true);
        use_effect_with(part.panel.clone(), move |_| {
            if !std::mem::take(&mut *first.borrow_mut()) {
                folded.set(false);
            }
        });
    }
    let fold = {
        let folded = folded.clone();
        move |_| {
            memory::keep("panels-folded", if *folded { "no" } else { "yes" });
            folded.set(!*folded);
        }
    };
    let sign = if *folded { "⟨" } else { "⟩" };
    let label = if *folded { text::UNFOLD_PANELS } else { text::FOLD_PANELS };
    html! {
        <aside class={classes!("right", (*folded).then_some("folded"))} aria-label={text::DETAILS}>
            <button class="fold" onclick={fold} aria-expanded={(!*folded).to_string()} aria-label={label} title={label}>{ sign }</button>
            if !*folded {
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
        drop(element.focus());
    }
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
                part.open.emit(AttrValue::Static("Console"));
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
