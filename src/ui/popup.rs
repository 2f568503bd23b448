//! What opens over the page and the ways out of it: Escape from anywhere, a press anywhere else, and its own button for
//! fingers. Who closes it by a key or its button gets the focus back where it was opened.

use super::text;
use gloo::events::EventListener;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, KeyboardEvent};
use yew::prelude::*;

/// Gives the focus back to the button in `root` that opened what is open. Who is at work elsewhere on the page stays there.
pub fn give_back(root: &NodeRef) {
    let Some(root) = root.cast::<Element>() else { return };
    let active = gloo::utils::document().active_element();
    let elsewhere = active.is_some_and(|at| at.tag_name() != "BODY" && !root.contains(Some(&at)));
    let opener = root.query_selector("[aria-expanded='true']").ok().flatten();
    if !elsewhere && let Some(opener) = opener.and_then(|o| o.dyn_into::<HtmlElement>().ok()) {
        drop(opener.focus());
    }
}

/// While `open`, Escape and a press outside of `root` (which holds the opening button, too) call `close`.
#[hook]
pub fn use_way_out(open: bool, root: NodeRef, close: Callback<()>) {
    use_effect_with((open, close), move |(open, close)| {
        let document = gloo::utils::document();
        let listeners = open.then(|| {
            let escape = {
                let (root, close) = (root.clone(), close.clone());
                EventListener::new(&document, "keydown", move |e| {
                    if e.dyn_ref::<KeyboardEvent>().is_some_and(|e| e.key() == "Escape") {
                        give_back(&root);
                        close.emit(());
                    }
                })
            };
            let close = close.clone();
            let press = EventListener::new(&document, "pointerdown", move |e| {
                let on = e.target().and_then(|t| t.dyn_into::<Element>().ok());
                let inside = root.cast::<Element>().is_some_and(|root| root.contains(on.as_deref()));
                if !inside {
                    close.emit(());
                }
            });
            (escape, press)
        });
        move || drop(listeners)
    });
}

#[derive(PartialEq, Properties)]
pub struct PopupProps {
    /// Its name and heading.
    pub title: &'static str,
    /// What marks it in the style sheet besides `popup`.
    #[prop_or_default]
    pub class: Classes,
    /// Closes it, and gives the focus back.
    pub close: Callback<()>,
    pub children: Html,
}

/// A sheet below the head of the page, with its heading and the button that closes it.
#[component]
pub fn Popup(props: &PopupProps) -> Html {
    let onclick = props.close.reform(|_: MouseEvent| ());
    html! {
        <section class={classes!("popup", props.class.clone())} aria-label={props.title}>
            <button class="close" {onclick} aria-label={text::CLOSE} title={text::CLOSE}>{ "✕" }</button>
            <h2>{ props.title }</h2>
            { props.children.clone() }
        </section>
    }
}
