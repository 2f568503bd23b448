//! Columns: latency, and what is shown when there are too many Pods for lanes.

use super::x;
use crate::ui::scene::revision_class;
use crate::ui::text;
use crate::view::Timeline;
use yew::prelude::*;

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

/// The mean latency of each column.
pub fn latency(chart: &Timeline) -> Html {
    let numbers: Vec<u64> = chart.columns.iter().map(|c| c.service.mean().unwrap_or(0)).collect();
    let most = numbers.iter().copied().max().filter(|n| *n > 0);
    bars(chart, "latency", "latency", text::mean_at_most(most), numbers)
}

/// With too many Pods for lanes: revisions as areas, endpoints, failures and rules that were behind as bars.
pub fn crowd(chart: &Timeline) -> Html {
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
