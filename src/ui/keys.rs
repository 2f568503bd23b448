//! Single keys for what is done most often: each presses the button that bears it. They mean nothing while somebody types,
//! with Ctrl, Alt or Cmd, or while a dialog is open; and they can be switched off (WCAG 2.1.4).

use super::app::Part;
use super::forms::Switch;
use super::{memory, text};
use gloo::events::EventListener;
use std::cell::Cell;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, KeyboardEvent};
use yew::prelude::*;

thread_local! {
    static ON: Cell<bool> = Cell::new(memory::recall("keys").is_none_or(|v| v != "off"));
}

/// Where letters are typed, or mean something else.
const TYPED_IN: &str = "input, textarea, select, [contenteditable]";

/// A button with a key.
#[derive(PartialEq, Properties)]
pub struct KeyButtonProps {
    /// What it says.
    pub label: AttrValue,
    /// Its key: a capital letter, no other button's.
    pub letter: AttrValue,
    /// What it does.
    pub onclick: Callback<MouseEvent>,
    /// Whether there is nothing to do it to.
    #[prop_or_default]
    pub disabled: bool,
    /// The id of what describes it.
    #[prop_or_default]
    pub described_by: Option<AttrValue>,
}

/// See [`KeyButtonProps`].
#[component]
pub fn KeyButton(props: &KeyButtonProps) -> Html {
    let KeyButtonProps { label, letter, onclick, disabled, described_by } = props;
    let on = ON.with(Cell::get);
    html! {
        <button class="keyed" {onclick} disabled={*disabled} data-key={letter} aria-keyshortcuts={on.then(|| letter.clone())} aria-describedby={described_by.clone()}>
            <span>{ label }</span>if on { <kbd aria-hidden="true">{ letter }</kbd> }
        </button>
    }
}

/// The switch, and the listener.
#[component]
pub fn Keys(part: &Part) -> Html {
    let on = use_state(|| ON.with(Cell::get));
    use_effect_with((), |()| {
        let listener = EventListener::new(&gloo::utils::document(), "keydown", |e| {
            if let Some(e) = e.dyn_ref::<KeyboardEvent>() {
                pressed(e);
            }
        });
        move || drop(listener)
    });
    let set = {
        let (on, handle) = (on.clone(), part.handle.clone());
        Callback::from(move |new: bool| {
            memory::keep("keys", if new { "on" } else { "off" });
            ON.with(|on| on.set(new));
            on.set(new);
            // The buttons show their keys, or do not.
            handle.refresh();
        })
    };
    html! { <Switch id="keys" label={text::SINGLE_KEYS} on={*on} {set} /> }
}

fn pressed(e: &KeyboardEvent) {
    let letter = e.key().to_uppercase();
    let plain = !(e.ctrl_key() || e.alt_key() || e.meta_key() || e.repeat());
    if !plain || !ON.with(Cell::get) || letter.len() != 1 || !letter.chars().all(|c| c.is_ascii_uppercase()) {
        return;
    }
    let typing =
        e.target().and_then(|t| t.dyn_into::<Element>().ok()).is_some_and(|t| t.closest(TYPED_IN).ok().flatten().is_some());
    let document = gloo::utils::document();
    let dialog = document.query_selector("dialog[open]").ok().flatten().is_some();
    if typing || dialog {
        return;
    }
    let button = document.query_selector(&format!("[data-key=\"{letter}\"]:not(:disabled)")).ok().flatten();
    if let Some(button) = button.and_then(|b| b.dyn_into::<HtmlElement>().ok()) {
        button.click();
    }
}
