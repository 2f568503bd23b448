//! "Who held which address", as a chart; its playhead takes the lab to any moment of the run.

use super::app::Part;
use super::clockwork::Step;
use super::scene::revision_class;
use super::text;
use crate::time::{Nanos, SECOND};
use crate::view::{Deed, Phase, Row, Strip, Timeline, words};
use web_sys::{Element, PointerEvent};
use yew::prelude::*;

/// What an arrow key moves the playhead by, and Page Up and Page Down.
const SMALL: Nanos = SECOND;
const LARGE: Nanos = 10 * SECOND;

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

/// The playhead: by mouse or finger anywhere on the chart, by keyboard on its handle.
#[component]
fn Scrubber(part: &Part) -> Html {
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

fn row_view(part: &Part, row: &Row) -> Html {
    let chart = &part.shown.view.timeline;
    let known = chart.end.min(chart.to);
    let pieces = row.holders.iter().flat_map(|lane| {
        let ends = lane.phases.iter().skip(1).map(|p| p.0).chain([known]);
        lane.phases.iter().zip(ends).filter(|((from, _), end)| *end >= chart.from && *from <= chart.to).map(
            |((from, phase), end)| {
                let class = match phase {
                    Phase::Gone => {
                        return html! { <i class="gone" style={format!("left:{:.2}%", x(chart, *from))}>{ "✕" }</i> };
                    }
                    Phase::Starting => "starting",
                    Phase::Ready => "held",
                    Phase::Leaving => "leaving",
                };
                piece(chart, *from, end.min(known), classes!(class, revision_class(lane.revision)), Html::default())
            },
        )
    });
    let holders: Vec<&str> = row.holders.iter().map(|l| &*l.pod).collect();
    let last = row.holders.last().map(|l| l.uid.to_string());
    let selected = last.is_some() && part.selected.as_deref() == last.as_deref();
    let onclick = {
        let (select, last) = (part.select.clone(), last.filter(|_| !selected).map(AttrValue::from));
        move |_| select.emit(last.clone())
    };
    html! {
        <div class={classes!("lane", selected.then_some("lit"))} key={&*row.ip}>
            <button class="mono" {onclick} title={text::held_by(&holders)}>{ &*row.ip }</button>
            <div class="track">{ for pieces }</div>
        </div>
    }
}

fn strip_view(chart: &Timeline, name: &str, strips: &[Strip]) -> Html {
    let pieces = strips.iter().map(|s| {
        let class = if s.failed { "failed" } else { "good" };
        let good = (s.failed && s.percent < 100)
            .then(|| html! { <i class="part" style={format!("height:{}%", 100 - s.percent.clamp(25, 90))} /> });
        piece(chart, s.from, s.to, classes!(class), good.unwrap_or_default())
    });
    let failed = strips.iter().filter(|s| s.failed).count();
    let words = if failed == 0 { "no failures".to_string() } else { words::counted(failed, "stretch") + " with failures" };
    html! {
        <div class="lane strip">
            <span>{ name }</span>
            <div class="track" role="img" aria-label={format!("{name}: {words}")}>{ for pieces }</div>
        </div>
    }
}

/// A row of small bars, one for each column, as high as its number.
fn bars(chart: &Timeline, name: &str, class: &'static str, unit: String, numbers: Vec<u64>) -> Html {
    let most = numbers.iter().copied().max().unwrap_or(0).max(1);
    let path: String = chart
        .columns
        .iter()
        .zip(&numbers)
        .filter(|(_, n)| **n > 0)
        .map(|(c, n)| {
            let (a, b) = (x(chart, c.from) * 10.0, x(chart, c.to) * 10.0);
            format!("M{a:.0} 20V{:.0}H{:.0}V20z", 20.0 - 20.0 * *n as f64 / most as f64, b - 1.0)
        })
        .collect();
    html! {
        <div class={classes!("lane", "numbers", class)}>
            <span>{ name }</span>
            <svg class="track" viewBox="0 0 1000 20" preserveAspectRatio="none" role="img" aria-label={format!("{name}: {unit}")}><path d={path} /></svg>
        </div>
    }
}

fn latency(chart: &Timeline) -> Html {
    let numbers: Vec<u64> = chart.columns.iter().map(|c| c.service.mean().unwrap_or(0)).collect();
    let most = numbers.iter().copied().max().filter(|n| *n > 0);
    bars(chart, "latency", "latency", text::mean_at_most(most), numbers)
}

/// With too many Pods for lanes: revisions as areas, endpoints, failures and rules that were behind as bars.
fn crowd(chart: &Timeline) -> Html {
    let revisions = chart.columns.iter().map(|c| c.revisions.len()).max().unwrap_or(0);
    let most = chart.columns.iter().map(|c| c.revisions.iter().sum::<usize>()).max().unwrap_or(0).max(1) as f64;
    let area = |revision: usize| {
        let below = |c: &crate::view::Column, n: usize| 60.0 - 60.0 * c.revisions.iter().take(n).sum::<usize>() as f64 / most;
        let columns = || chart.columns.iter();
        let mut path = String::new();
        for (i, c) in columns().enumerate() {
            let sign = if i == 0 { 'M' } else { 'L' };
            path += &format!("{sign}{:.0} {:.1}", x(chart, c.from) * 10.0, below(c, revision));
            path += &format!("L{:.0} {:.1}", x(chart, c.to) * 10.0, below(c, revision));
        }
        for c in columns().rev() {
            path += &format!("L{:.0} {:.1}", x(chart, c.to) * 10.0, below(c, revision + 1));
            path += &format!("L{:.0} {:.1}", x(chart, c.from) * 10.0, below(c, revision + 1));
        }
        html! { <path class={revision_class(Some(revision))} d={path} /> }
    };
    // Each revision's version stands where it has most Pods, if there is room.
    let label = |(revision, version): (usize, &String)| {
        let share = |c: &crate::view::Column| c.revisions.get(revision).copied().unwrap_or(0) as f64 / most;
        let at = chart.columns.iter().max_by(|a, b| share(a).total_cmp(&share(b))).filter(|c| share(c) > 0.3)?;
        let under = at.revisions.iter().take(revision).sum::<usize>() as f64 / most;
        let middle = (x(chart, at.from) + x(chart, at.to)) / 2.0;
        let style = format!("left:{middle:.1}%;bottom:{:.0}%", (under + share(at) / 2.0) * 100.0);
        Some(html! { <b class={classes!("mono", revision_class(Some(revision)))} {style} aria-hidden="true">{ version }</b> })
    };
    let now = chart.columns.last();
    let counts: Vec<String> = now.map_or(vec![], |c| c.revisions.iter().map(usize::to_string).collect());
    let numbers = |of: fn(&crate::view::Column) -> u64| chart.columns.iter().map(of).collect::<Vec<u64>>();
    let last = |of: fn(&crate::view::Column) -> u64| now.map_or(0, of).to_string();
    html! {
        <>
            <div class="lane areas">
                <span>{ text::BY_REVISION }</span>
                <div class="track">
                    <svg viewBox="0 0 1000 60" preserveAspectRatio="none" role="img"
                        aria-label={text::by_revision(&counts)}>{ for (0..revisions).map(area) }</svg>
                    { for chart.versions.iter().enumerate().filter_map(label) }
                </div>
            </div>
            { bars(chart, text::ENDPOINTS_READY, "ready", text::now(&last(|c| c.ready as u64)), numbers(|c| c.ready as u64)) }
            { bars(chart, text::FAILED_REQUESTS, "failed", text::last_second(&last(|c| c.service.failed)), numbers(|c| c.service.failed)) }
            { bars(chart, text::NODES_BEHIND, "behind", text::now(&last(|c| c.behind as u64)), numbers(|c| c.behind as u64)) }
        </>
    }
}

/// What people did, as marks on the chart with their words below.
fn deeds(chart: &Timeline) -> Html {
    let inside: Vec<&Deed> = chart.deeds.iter().filter(|d| d.at >= chart.from && d.at <= chart.to).collect();
    let lines = inside.iter().map(|d| {
        let class = classes!("deed", d.fault.then_some("fault"));
        html! { <i {class} style={format!("left:{:.2}%", x(chart, d.at))} title={d.words.clone()} /> }
    });
    let label = inside.iter().rev().find(|d| d.at <= chart.now).or(inside.last());
    let words = label.map(|d| {
        let at = x(chart, d.at);
        // On the side that has more room.
        let side = if at > 50.0 {
            format!("right:{:.2}%;max-width:{at:.2}%;text-align:right", 100.0 - at)
        } else {
            format!("left:{at:.2}%;max-width:{:.2}%", 100.0 - at)
        };
        html! { <code style={side}>{ format!("{} · {}", words::moment((d.at / SECOND) as i64), d.words) }</code> }
    });
    html! {
        <div class="lane deeds">
            <span>{ text::WHAT_WAS_DONE }</span>
            <div class="track" role={(!inside.is_empty()).then_some("list")} aria-label={(!inside.is_empty()).then_some(text::WHAT_WAS_DONE)}>
                { for inside.iter().map(|d| html! { <span class="unseen" role="listitem">{ format!("{} {}", words::moment((d.at / SECOND) as i64), d.words) }</span> }) }
                <div class="marks" aria-hidden="true">{ for lines }</div>
                <span class="deed-words" aria-hidden="true">{ for words }</span>
            </div>
        </div>
    }
}
