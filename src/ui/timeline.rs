//! "Who held which address", as a chart.

use super::app::Part;
use super::scene::revision_class;
use crate::time::{Nanos, SECOND};
use crate::view::{Lane, Phase, Strip, Timeline};
use yew::prelude::*;

/// The chart's own units: percent of its width.
fn x(chart: &Timeline, at: Nanos) -> f64 {
    let window = chart.seconds * SECOND;
    let left = chart.to as f64 - window as f64;
    ((at as f64 - left) / window as f64 * 100.0).clamp(0.0, 100.0)
}

fn piece(chart: &Timeline, from: Nanos, to: Nanos, class: Classes, words: Html) -> Html {
    let (a, b) = (x(chart, from), x(chart, to));
    html! { <div class={classes!("piece", class)} style={format!("left:{a:.2}%;width:{:.2}%", (b - a).max(0.2))}>{ words }</div> }
}

/// The chart below the scene.
#[component]
pub fn TimelineView(part: &Part) -> Html {
    let chart = &part.shown.view.timeline;
    let service = chart.service.as_ref().map(|(ip, since)| html! {
        <div class="lane service">
            <span class="mono">{ ip }</span>
            <div class="track">{ piece(chart, (*since).max(chart.from), chart.to, classes!("whole"), html! { "one address, never a gap" }) }</div>
        </div>
    });
    html! {
        <section class="timeline" aria-label="Who held which address">
            <p class="line"><strong>{ "Who held which address" }</strong><span>{ format!("last {} s", chart.seconds) }</span></p>
            { for service }
            { for chart.lanes.iter().map(|lane| lane_view(chart, lane)) }
            if chart.more > 0 { <p class="quiet more-lanes">{ format!("and {} more", chart.more) }</p> }
            { strip_view(chart, "Service success", &chart.through_service) }
            { strip_view(chart, "Pod-IP success", &chart.to_pod) }
        </section>
    }
}

fn lane_view(chart: &Timeline, lane: &Lane) -> Html {
    let ends = lane.phases.iter().skip(1).map(|p| p.0).chain([chart.to]);
    let pieces = lane.phases.iter().zip(ends).filter(|(_, end)| *end > chart.from).map(|((from, phase), end)| {
        if *phase == Phase::Gone {
            return html! { <i class="gone" style={format!("left:{:.2}%", x(chart, *from))} aria-label="gone">{ "✕" }</i> };
        }
        let class = match phase {
            Phase::Starting => "starting",
            Phase::Ready => "held",
            _ => "leaving",
        };
        piece(chart, *from, end, classes!(class, revision_class(lane.revision)), Html::default())
    });
    html! {
        <div class="lane" key={&*lane.uid} title={lane.pod.to_string()}>
            <span class="mono">{ &*lane.ip }</span>
            <div class="track">{ for pieces }</div>
        </div>
    }
}

fn strip_view(chart: &Timeline, name: &str, strips: &[Strip]) -> Html {
    let pieces = strips.iter().map(|s| {
        let class = if s.failed { "failed" } else { "good" };
        piece(chart, s.from.max(chart.from), s.to.min(chart.to), classes!(class), Html::default())
    });
    let failed = strips.iter().filter(|s| s.failed).count();
    let words =
        if failed == 0 { "no failures".to_string() } else { crate::view::words::counted(failed, "stretch") + " with failures" };
    html! {
        <div class="lane strip">
            <span>{ name }</span>
            <div class="track" role="img" aria-label={format!("{name}: {words}")}>{ for pieces }</div>
        </div>
    }
}
