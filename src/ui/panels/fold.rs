//! Many lines behind one button: opened a hundred at a time, so that no click makes thousands of them.

use std::ops::Range;
use yew::prelude::*;

/// Lines that one press opens.
const PAGE: usize = 100;

/// What is folded.
#[derive(PartialEq, Properties)]
pub struct FoldProps {
    /// How many lines there are.
    pub count: usize,
    /// What the button says of those that are still folded.
    pub words: Callback<usize, String>,
    /// The lines of a range.
    pub lines: Callback<Range<usize>, Html>,
}

/// See [`FoldProps`]. An element of a list.
#[component]
pub fn Fold(props: &FoldProps) -> Html {
    let open = use_state(|| 0);
    let shown = (*open).min(props.count);
    let more = {
        let (open, count) = (open.clone(), props.count);
        move |_| open.set((shown + PAGE).min(count))
    };
    let fewer = {
        let open = open.clone();
        move |_| open.set(0)
    };
    html! {
        <>
            { props.lines.emit(0..shown) }
            <li class="fold-line">
                if shown < props.count {
                    <button onclick={more} aria-expanded={(shown > 0).to_string()}>{ props.words.emit(props.count - shown) }</button>
                }
                if shown > 0 { <button onclick={fewer}>{ crate::ui::text::FEWER }</button> }
            </li>
        </>
    }
}
