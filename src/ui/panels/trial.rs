//! A way out, tried: the run goes once more from before the cause, in the page's spare time, and what became of it is told.

use crate::lab::{Fared, Trial, Way};
use crate::time::Nanos;
use crate::ui::app::Part;
use crate::ui::beginning::within_budget;
use crate::ui::text;
use crate::view::RequestLine;
use gloo::timers::callback::Timeout;
use std::rc::Rc;
use yew::prelude::*;

/// Events of the trial between two looks at the browser's clock: few, because the first ones after a copy was made cost most
/// (what the copies shared is taken apart then, a node's whole rules in one event).
const PORTION: u64 = 1;
/// Milliseconds between two portions: the page itself has its frame in between.
const BETWEEN_MS: u32 = 12;

/// What is tried.
#[derive(PartialEq, Properties)]
pub struct TrialProps {
    /// The page.
    pub part: Part,
    /// What is otherwise.
    pub way: Way,
    /// The moment of the first cause.
    pub since: Nanos,
    /// The request that would have been answered: it stays chosen while it is tried.
    pub request: Rc<RequestLine>,
}

#[derive(Clone, PartialEq)]
enum Stage {
    Offered,
    /// In percent, and how often it has gone on.
    Runs(u64, u64),
    Over {
        there: Fared,
        here: Fared,
        seconds: u64,
        unlike: usize,
    },
    TooLongAgo,
}

/// See [`TrialProps`]. Whoever leaves it ends it.
#[component]
pub fn TrialOf(props: &TrialProps) -> Html {
    let TrialProps { part, way, since, request } = props;
    let stage = use_state(|| Stage::Offered);
    let trial = use_mut_ref(|| None::<Trial>);
    {
        let (trial, set) = (trial.clone(), stage.setter());
        use_effect_with((*stage).clone(), move |stage| {
            let next = match stage {
                Stage::Runs(_, times) => Some((*times, trial)),
                _ => None,
            };
            let timeout =
                next.map(|(times, trial)| Timeout::new(BETWEEN_MS, move || set.set(go_on(&mut trial.borrow_mut(), times))));
            move || drop(timeout)
        });
    }
    let begin = {
        let (part, way, since, request) = (part.clone(), way.clone(), *since, request.clone());
        let (trial, stage) = (trial.clone(), stage.clone());
        move |()| {
            part.choose.emit(Some(request.clone()));
            let begun = part.handle.trial(since, &way);
            stage.set(if begun.is_some() { Stage::Runs(0, 0) } else { Stage::TooLongAgo });
            *trial.borrow_mut() = begun;
        }
    };
    let stop = {
        let stage = stage.clone();
        move |()| {
            trial.borrow_mut().take();
            stage.set(Stage::Offered);
        }
    };
    // One button for all stages, so that the focus stays where it was.
    let (words, press) = match &*stage {
        Stage::Runs(..) => (text::STOP_TRIAL.to_string(), Callback::from(stop)),
        Stage::Over { .. } => (text::AGAIN.to_string(), Callback::from(begin)),
        Stage::Offered | Stage::TooLongAgo => (text::try_it(way), Callback::from(begin)),
    };
    html! {
        <div class="trial">
            if let Stage::Runs(percent, _) = &*stage {
                <p>{ text::tries(way, *percent) }</p>
                <progress max="100" value={percent.to_string()} aria-label={text::try_it(way)} />
            }
            <div role="status">{ match &*stage {
                Stage::Over { there, here, seconds, unlike } => html! {
                    <p><b class={if there.failed < here.failed { "good" } else { "failed" }}>{ text::tried(way, *there) }</b><br />
                        <span class="quiet">{ text::as_it_was(*here, *seconds) }</span>
                        if *unlike > 0 { <br /><span class="quiet">{ text::unlike(*unlike) }</span> }
                    </p>
                },
                Stage::TooLongAgo => html! { <p class="quiet">{ text::TOO_LONG_AGO }</p> },
                Stage::Offered | Stage::Runs(..) => html! {},
            } }</div>
            <button onclick={press.reform(|_: MouseEvent| ())}>{ words }</button>
        </div>
    }
}

/// Lets the trial go on for as long as a frame may take.
fn go_on(slot: &mut Option<Trial>, times: u64) -> Stage {
    let Some(trial) = slot.as_mut() else { return Stage::Offered };
    if within_budget(|| trial.advance(PORTION)) {
        let over = Stage::Over { there: trial.fared(), here: trial.here, seconds: trial.seconds(), unlike: trial.unlike() };
        *slot = None;
        return over;
    }
    Stage::Runs(trial.percent(), times + 1)
}
