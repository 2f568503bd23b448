//! Lanes: who held an address, how requests fared, what people did.

use super::{piece, x};
use crate::time::SECOND;
use crate::ui::app::Part;
use crate::ui::scene::revision_class;
use crate::ui::text;
use crate::view::{Deed, Phase, Row, Strip, Timeline, words};
use yew::prelude::*;

/// The Pods that held an address.
pub fn row_view(part: &Part, row: &Row) -> Html {
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

/// How requests fared, stretch by stretch.
pub fn strip_view(chart: &Timeline, name: &str, strips: &[Strip]) -> Html {
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

/// What people did, as marks on the chart with their words below.
pub fn deeds(chart: &Timeline) -> Html {
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
