//! "Who held which address", as a chart; its playhead takes the lab to any moment of the run.

mod crowd;
mod lanes;
mod scrubber;

use crate::time::{Nanos, SECOND};
use crate::ui::app::Part;
use crate::ui::clockwork::Step;
use crate::ui::text;
use crate::view::Timeline;
use crowd::{crowd, latency};
use lanes::{deeds, row_view, strip_view};
use scrubber::Scrubber;
use yew::prelude::*;

/// A moment's place in percent of the chart's width.
fn x(chart: &Timeline, at: Nanos) -> f64 {
    let (from, width) = (chart.from as f64, (chart.to - chart.from).max(1) as f64);
    ((at as f64 - from) / width * 100.0).clamp(0.0, 100.0)
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
            <div class="track">{ piece(chart, (*since).max(chart.from), chart.end.min(chart.to), classes!("whole"), html! { <span>{ text::ONE_ADDRESS }</span> }) }</div>
        </div>
    });
    html! {
        <section class="timeline" aria-label={text::WHO_HELD}>
            <Head ..part.clone() />
            <div class="chart">
                <Scrubber ..part.clone() />
                { for service }
                { for chart.rows.iter().map(|row| row_view(part, row)) }
                if chart.more > 0 { <p class="quiet more-lanes">{ text::more_addresses(chart.more) }</p> }
                if chart.crowded { { crowd(chart) } }
                { strip_view(chart, text::SERVICE_SUCCESS, &chart.through_service) }
                { strip_view(chart, text::POD_SUCCESS, &chart.to_pod) }
                { latency(chart) }
                { deeds(chart) }
            </div>
        </section>
    }
}

/// The line above the chart: what it shows, and the steps from moment to moment.
#[component]
fn Head(part: &Part) -> Html {
    let chart = &part.shown.view.timeline;
    let title = if chart.crowded { text::WHAT_CHANGED } else { text::WHO_HELD };
    let span = if chart.from == 0 { text::SINCE_START.to_string() } else { format!("{} s", (chart.to - chart.from) / SECOND) };
    let step = |step: Step| {
        let handle = part.handle.clone();
        move |_| {
            handle.pause();
            handle.step_to(step)
        }
    };
    let seek = |at: Option<Nanos>| {
        let handle = part.handle.clone();
        move |_| at.into_iter().for_each(|at| handle.seek(at))
    };
    let undo = {
        let handle = part.handle.clone();
        move |_| handle.undo_cut()
    };
    let before = chart.before(chart.now);
    html! {
        <div class="line chart-head">
            <strong>{ title }</strong>
            <span class="steps" role="group" aria-label={text::STEP}>
                <button onclick={seek(before)} disabled={before.is_none()} title={text::BACK_HOW}>{ text::BACK_STEP }</button>
                <button onclick={step(Step::Change)} title={text::CHANGE_HOW}>{ text::CHANGE_STEP }</button>
                <button onclick={step(Step::Request)} title={text::REQUEST_HOW}>{ text::REQUEST_STEP }</button>
                if chart.now < chart.end {
                    <button class="primary" onclick={seek(Some(chart.end))}>{ text::forward_to(chart.end) }</button>
                }
            </span>
            if let Some(at) = part.shown.cut_at {
                <span class="cut">{ text::given_up(at) }
                    <button onclick={undo}>{ text::UNDO }</button></span>
            }
            <span class="span">{ span }</span>
        </div>
    }
}
