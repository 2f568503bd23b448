//! The edge of the right column: dragged, or moved by arrow keys; the width is remembered.

use crate::ui::{memory, text};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, PointerEvent};
use yew::prelude::*;

const LEAST: i32 = 260;
const MOST: i32 = 720;
const FIRST: i32 = 308;
/// One press of an arrow key.
const STEP: i32 = 24;

fn set(width: i32) {
    let root = gloo::utils::document().document_element().and_then(|e| e.dyn_into::<HtmlElement>().ok());
    if let Some(root) = root {
        drop(root.style().set_property("--right", &format!("{width}px")));
    }
}

/// The handle.
#[component]
pub fn Handle() -> Html {
    let width = use_state(|| memory::recall("panels-width").and_then(|w| w.parse().ok()).unwrap_or(FIRST).clamp(LEAST, MOST));
    use_effect_with(*width, |width| set(*width));
    // Keys may come faster than pictures: what counts is the width that was asked for last.
    let asked = use_mut_ref(|| *width);
    let to = {
        let (width, asked) = (width.clone(), asked.clone());
        move |new: i32| {
            let new = new.clamp(LEAST, MOST);
            *asked.borrow_mut() = new;
            memory::keep("panels-width", &new.to_string());
            width.set(new);
        }
    };
    let grab = |held: bool| {
        move |e: PointerEvent| {
            let Some(target) = e.target().and_then(|t| t.dyn_into::<Element>().ok()) else { return };
            drop(if held { target.set_pointer_capture(e.pointer_id()) } else { target.release_pointer_capture(e.pointer_id()) });
        }
    };
    let onpointermove = {
        let to = to.clone();
        move |e: PointerEvent| {
            let held =
                e.target().and_then(|t| t.dyn_into::<Element>().ok()).is_some_and(|t| t.has_pointer_capture(e.pointer_id()));
            let inner = gloo::utils::window().inner_width().ok().and_then(|w| w.as_f64());
            if let (true, Some(inner)) = (held, inner) {
                to(inner as i32 - e.client_x());
            }
        }
    };
    let onkeydown = {
        move |e: KeyboardEvent| {
            let now = *asked.borrow();
            match e.key().as_str() {
                "ArrowLeft" => to(now + STEP),
                "ArrowRight" => to(now - STEP),
                "Home" => to(LEAST),
                "End" => to(MOST),
                _ => return,
            }
            e.prevent_default();
        }
    };
    html! {
        <div class="edge" role="separator" aria-orientation="vertical" aria-label={text::WIDTH_OF_PANELS} tabindex="0"
            aria-valuenow={width.to_string()} aria-valuemin={LEAST.to_string()} aria-valuemax={MOST.to_string()}
            onpointerdown={grab(true)} onpointerup={grab(false)} {onpointermove} {onkeydown} />
    }
}
