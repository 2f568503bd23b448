//! The window on the scene: nearer and farther, and moving it. It never takes the page's scroll: the wheel only with
//! Ctrl and only after the person has gone inside, fingers never.

use crate::ui::canvas::SCENE;
use crate::ui::engine::Handle;
use crate::ui::save::Save;
use crate::ui::text;
use wasm_bindgen::JsCast;
use web_sys::Element;
use yew::prelude::*;

/// One step nearer.
const STEP: f32 = 1.4;
/// One step aside, in CSS pixels.
const ASIDE: f32 = 80.0;

#[derive(PartialEq, Properties)]
pub struct ToolsProps {
    #[prop_or_default]
    pub children: Html,
    /// A button before the others.
    #[prop_or_default]
    pub first: Html,
    pub handle: Handle,
    pub zoom: f32,
}

/// The region of the scene with its tools.
#[component]
pub fn Tools(props: &ToolsProps) -> Html {
    let (handle, zoom) = (&props.handle, props.zoom);
    let inside = use_mut_ref(|| false);
    let drag = use_mut_ref(|| None::<(i32, i32)>);
    let by = |factor: f32| {
        let handle = handle.clone();
        move |_| handle.zoom_by(factor, None)
    };
    let onwheel = {
        let (handle, inside) = (handle.clone(), inside.clone());
        move |e: WheelEvent| {
            if e.ctrl_key() && *inside.borrow() {
                e.prevent_default();
                let factor = if e.delta_y() < 0.0 { STEP } else { 1.0 / STEP };
                handle.zoom_by(factor, place(&e));
            }
        }
    };
    let onpointerdown = {
        let (inside, drag) = (inside.clone(), drag.clone());
        move |e: PointerEvent| {
            *inside.borrow_mut() = true;
            let on = e.target().and_then(|t| t.dyn_into::<Element>().ok());
            let free = on.is_none_or(|on| on.closest("button").ok().flatten().is_none());
            if zoom > 1.0 && e.pointer_type() == "mouse" && free {
                *drag.borrow_mut() = Some((e.client_x(), e.client_y()));
            }
        }
    };
    let onpointermove = {
        let (handle, drag) = (handle.clone(), drag.clone());
        move |e: PointerEvent| {
            let mut drag = drag.borrow_mut();
            if let Some((x, y)) = *drag {
                handle.pan_by((x - e.client_x()) as f32, (y - e.client_y()) as f32);
                *drag = Some((e.client_x(), e.client_y()));
            }
        }
    };
    let ended = move |_: PointerEvent| *drag.borrow_mut() = None;
    let left = {
        let inside = inside.clone();
        move |_: FocusEvent| *inside.borrow_mut() = false
    };
    let entered = move |_: FocusEvent| *inside.borrow_mut() = true;
    let onkeydown = {
        let handle = handle.clone();
        move |e: KeyboardEvent| {
            if e.ctrl_key() || e.meta_key() || e.alt_key() {
                return;
            }
            match e.key().as_str() {
                "+" | "=" => handle.zoom_by(STEP, None),
                "-" => handle.zoom_by(1.0 / STEP, None),
                "0" => handle.zoom_by(0.0, None),
                "ArrowLeft" if zoom > 1.0 => handle.pan_by(-ASIDE, 0.0),
                "ArrowRight" if zoom > 1.0 => handle.pan_by(ASIDE, 0.0),
                "ArrowUp" if zoom > 1.0 => handle.pan_by(0.0, -ASIDE),
                "ArrowDown" if zoom > 1.0 => handle.pan_by(0.0, ASIDE),
                _ => return,
            }
            e.prevent_default();
        }
    };
    let said = use_state(String::new);
    let say = {
        let (handle, said) = (handle.clone(), said.clone());
        move |_| said.set(if said.is_empty() { handle.summary() } else { String::new() })
    };
    html! {
        <section class={classes!("scene", (zoom > 1.0).then_some("near"))} id={SCENE} aria-label={text::CLUSTER} aria-describedby="scene-words" role="region"
            {onwheel} {onpointerdown} {onpointermove} onpointerup={ended.clone()} onpointerleave={ended} {onkeydown} onfocusin={entered} onfocusout={left}>
            { props.children.clone() }
            <p class="summary" role="status">{ (*said).clone() }</p>
            <div class="scene-tools" role="group" aria-label={text::VIEW}>
                { props.first.clone() }
                <button onclick={say} aria-label={text::SAY} title={text::SAY} aria-pressed={(!said.is_empty()).to_string()}>{ "≡" }</button>
                <Save handle={handle.clone()} />
                <button onclick={by(STEP)} aria-label={text::NEARER} title={text::NEARER_KEY}>{ "+" }</button>
                <button onclick={by(1.0 / STEP)} aria-label={text::FARTHER} title={text::FARTHER_KEY} disabled={zoom <= 1.0}>{ "−" }</button>
                if zoom > 1.0 { <button onclick={by(0.0)} aria-label={text::SHOW_ALL} title={text::SHOW_ALL_KEY}>{ "⤢" }</button> }
            </div>
        </section>
    }
}

/// Where in the scene's window the mouse is.
fn place(e: &WheelEvent) -> Option<(f32, f32)> {
    let area = gloo::utils::document().get_element_by_id(SCENE)?.get_bounding_client_rect();
    Some(((f64::from(e.client_x()) - area.left()) as f32, (f64::from(e.client_y()) - area.top()) as f32))
}
