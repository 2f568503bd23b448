//! The scene as numbered stills that go on when asked: for those who want no motion, and after every step.

use crate::ui::app::Part;
use crate::ui::clockwork::Step;
use crate::ui::engine::STEP;
use crate::ui::query::reduced_motion;
use crate::ui::text;
use yew::prelude::*;

/// What is new in this still, and the way to the next.
#[component]
pub fn Stills(part: &Part) -> Html {
    let shown = &part.shown;
    let calm = use_memo((), |()| reduced_motion());
    if shown.playing || (shown.still.is_none() && !*calm) {
        return Html::default();
    }
    let step = |step: Step| {
        let handle = part.handle.clone();
        move |_| handle.step_to(step)
    };
    let number = shown.still.as_ref().map_or(0, |s| s.number);
    let news = shown.still.as_ref().map_or(text::STANDS_STILL.to_string(), |s| s.news.join(". "));
    html! {
        <div class="stills" role="group" aria-label={text::STILLS}>
            <strong>{ text::still(number, shown.view.now) }</strong>
            <span role="status">{ news }</span>
            <button onclick={step(Step::By(STEP))}>{ text::NEXT_STILL }</button>
            <button onclick={step(Step::Change)}>{ text::NEXT_CHANGE }</button>
        </div>
    }
}
