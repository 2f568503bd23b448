//! The playhead, which takes the lab to any moment of the run.

use super::x;
use crate::time::{Nanos, SECOND};
use crate::ui::app::Part;
use crate::ui::text;
use crate::view::words;
use web_sys::{Element, PointerEvent};
use yew::prelude::*;

/// What an arrow key moves the playhead by, and Page Up and Page Down.
const SMALL: Nanos = SECOND;
const LARGE: Nanos = 10 * SECOND;

/// The playhead: by mouse or finger anywhere on the chart, by keyboard on its handle.
#[component]
pub fn Scrubber(part: &Part) -> Html {
    let chart = part.shown.view.timeline.clone();
    let dragging = use_mut_ref(|| false);
    // An event's own element is the root of the page: yew listens there for all.
    let area = use_node_ref();
    let go = {
        let (handle, chart, area) = (part.handle.clone(), chart.clone(), area.clone());
        move |e: &PointerEvent| {
            let Some(area) = area.cast::<Element>() else { return };
            let place = area.get_bounding_client_rect();
            let share = ((f64::from(e.client_x()) - place.left()) / place.width().max(1.0)).clamp(0.0, 1.0);
            let at = chart.from + (share * (chart.to - chart.from) as f64) as Nanos;
            handle.seek(at.min(chart.end));
        }
    };
    let down = {
        let (go, dragging, handle, area) = (go.clone(), dragging.clone(), part.handle.clone(), area.clone());
        move |e: PointerEvent| {
            if let Some(area) = area.cast::<Element>() {
                drop(area.set_pointer_capture(e.pointer_id()));
            }
            *dragging.borrow_mut() = true;
            handle.hold(true);
            go(&e);
        }
    };
    let moved = {
        let dragging = dragging.clone();
        move |e: PointerEvent| {
            if *dragging.borrow() {
                go(&e)
            }
        }
    };
    let up = {
        let handle = part.handle.clone();
        move |_: PointerEvent| {
            if dragging.replace(false) {
                handle.hold(false)
            }
        }
    };
    let onkeydown = {
        let (handle, chart) = (part.handle.clone(), chart.clone());
        move |e: KeyboardEvent| {
            let to = match e.key().as_str() {
                "ArrowLeft" | "ArrowDown" => chart.now.saturating_sub(SMALL),
                "ArrowRight" | "ArrowUp" => chart.now + SMALL,
                "PageDown" => chart.now.saturating_sub(LARGE),
                "PageUp" => chart.now + LARGE,
                "Home" => 0,
                "End" => chart.end,
                _ => return,
            };
            e.prevent_default();
            handle.seek(to);
        }
    };
    let place = format!("left:{:.2}%", x(&chart, chart.now));
    let known = format!("width:{:.2}%", 100.0 - x(&chart, chart.end));
    let said = part.shown.view.spoken.split(". ").next().unwrap_or_default().to_string();
    // Whole seconds: who listens to it while time runs is not told each frame.
    let value = format!("{}, {said}", words::moment((chart.now / SECOND) as i64));
    html! {
        <div class="scrub" ref={area} onpointerdown={down} onpointermove={moved} onpointerup={up.clone()} onpointercancel={up}>
            <div class="unknown" style={known} />
            <div class="playhead" style={place} role="slider" tabindex="0" aria-label={text::MOMENT} {onkeydown}
                aria-valuemin="0" aria-valuemax={(chart.end / SECOND).to_string()} aria-valuenow={(chart.now / SECOND).to_string()}
                aria-valuetext={value} />
        </div>
    }
}
