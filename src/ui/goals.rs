//! What the preset is about and what there is to do in it, with ticks, and the way to the next one.

use super::app::Part;
use super::text;
use crate::lab::presets::{PRESETS, Preset};
use crate::view::GoalLine;
use yew::prelude::*;

/// The top of the left column.
#[component]
pub fn Goals(part: &Part) -> Html {
    let goals = &part.shown.view.goals;
    let here = PRESETS.iter().position(|p| p.name == part.shown.preset).unwrap_or(0);
    let preset = &PRESETS[here];
    let done = goals.iter().filter(|g| g.done).count();
    let all_done = done == goals.len();
    let line = |(i, goal): (usize, &GoalLine)| {
        let class = classes!(goal.done.then_some("done"), (i == done).then_some("here"));
        html! {
            <li {class} aria-current={(i == done).then_some("step")}>
                <u aria-hidden="true">{ if goal.done { "✓" } else { "" } }</u>
                <span>{ goal.words }<span class="unseen">{ if goal.done { text::IS_DONE } else { text::TO_DO } }</span></span>
            </li>
        }
    };
    let way = |to: Option<&'static Preset>, words: &'static str, class: Option<&'static str>| {
        let Some(to) = to else { return html! { <span /> } };
        let handle = part.handle.clone();
        let onclick = move |_| handle.restart(to.name);
        html! { <button {class} {onclick} aria-label={text::goes_to(words, to.title)}>{ words }</button> }
    };
    let before = here.checked_sub(1).and_then(|i| PRESETS.get(i));
    html! {
        <section class="goals" aria-label={text::YOUR_TURN}>
            <p class="place-of">{ text::preset_of(here + 1, PRESETS.len()) }</p>
            <h2 class="title">{ preset.title }</h2>
            <p class="hint">{ preset.hint }</p>
            if !goals.is_empty() {
                <div class="turn">
                    <h3>{ text::YOUR_TURN }</h3>
                    <p class="unseen" role="status">{ text::done_of(done, goals.len()) }</p>
                    <ol>{ for goals.iter().enumerate().map(line) }</ol>
                    if all_done { <p class="good">{ text::ALL_DONE }</p> }
                </div>
            }
            <div class="pair ways">
                { way(before, text::PREVIOUS, None) }
                { way(PRESETS.get(here + 1), text::NEXT, all_done.then_some("primary")) }
            </div>
        </section>
    }
}
