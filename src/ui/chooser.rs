//! A choice of the view as a labelled list to choose from.

use super::text;
use crate::view::Choice;
use web_sys::HtmlSelectElement;
use yew::prelude::*;

/// The list; `make` is called with what makes the chosen way so.
pub fn chooser<T: Clone + 'static>(id: String, choice: Choice<T>, make: impl Fn(T) + 'static) -> Html {
    let Choice { label, options, chosen } = choice;
    let words: Vec<&'static str> = options.iter().map(|o| o.0).collect();
    let onchange = move |e: Event| {
        let at = e.target_unchecked_into::<HtmlSelectElement>().value();
        if let Some((_, value)) = at.parse().ok().and_then(|n: usize| options.get(n)) {
            make(value.clone());
        }
    };
    html! {
        <div class="setting" key={id.clone()}><label for={id.clone()}>{ label }</label>
            <select {id} {onchange}>
                if chosen.is_none() { <option value="" selected=true>{ text::ANOTHER_WAY }</option> }
                { for words.into_iter().enumerate().map(|(n, words)| html! {
                    <option value={n.to_string()} selected={chosen == Some(n)}>{ words }</option>
                }) }
            </select>
        </div>
    }
}
