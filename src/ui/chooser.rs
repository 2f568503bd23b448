//! A choice of the view as a labelled list to choose from; and what is shown of a list that changes.

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

/// Which of several things is shown: the one that somebody chose, else the one that was shown before, else the first.
/// A new thing never takes another's place by itself.
#[hook]
pub fn use_steady(names: Vec<String>) -> (Option<usize>, Callback<String>) {
    let chosen = use_state(|| None::<String>);
    let before = use_mut_ref(String::new);
    let at = |name: &str| names.iter().position(|n| n == name);
    let found = chosen.as_deref().and_then(at).or_else(|| at(&before.borrow())).or((!names.is_empty()).then_some(0));
    if let Some(name) = found.and_then(|i| names.get(i)) {
        before.replace(name.clone());
    }
    let choose = use_callback((), {
        let setter = chosen.setter();
        move |name: String, ()| setter.set(Some(name))
    });
    (found, choose)
}
