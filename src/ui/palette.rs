//! The command palette (Ctrl+K): everything that can be done, found by typing, done by Enter.

use super::app::Part;
use super::panels::visit;
use super::{deeds, text};
use crate::view::actions::{Action, actions, matching};
use std::rc::Rc;
use web_sys::{HtmlDialogElement, HtmlInputElement};
use yew::prelude::*;

/// Actions that are listed at once.
const LISTED: usize = 60;

#[derive(PartialEq, Properties)]
pub struct PaletteProps {
    /// The page.
    pub part: Part,
    /// Whether it is open.
    pub open: bool,
    /// Closes it.
    pub close: Callback<()>,
}

/// The palette. The browser's own dialog keeps the focus inside and gives it back.
#[component]
pub fn Palette(props: &PaletteProps) -> Html {
    let dialog = use_node_ref();
    {
        let dialog = dialog.clone();
        use_effect_with(props.open, move |open| {
            let Some(dialog) = dialog.cast::<HtmlDialogElement>() else { return };
            if *open && !dialog.open() {
                drop(dialog.show_modal());
            } else if !*open && dialog.open() {
                dialog.close();
            }
        });
    }
    let onclose = {
        let close = props.close.clone();
        move |_: Event| close.emit(())
    };
    html! {
        <dialog class="palette" ref={dialog} aria-label={text::PALETTE} closedby="any" {onclose}>
            if props.open { <Chooser part={props.part.clone()} open=true close={props.close.clone()} /> }
        </dialog>
    }
}

/// What was typed, the actions that fit, and which of them is marked.
#[component]
fn Chooser(props: &PaletteProps) -> Html {
    let part = &props.part;
    let typed = use_state(String::new);
    let marked = use_state(|| 0_usize);
    let problem = use_state(|| None::<String>);
    let all = {
        let handle = part.handle.clone();
        use_memo((), move |()| handle.look(actions))
    };
    let found: Rc<Vec<Action>> = {
        let all = all.clone();
        use_memo((*typed).clone(), move |typed| matching(&all, typed))
    };
    let at = (*marked).min(found.len().saturating_sub(1));
    let act: Callback<Action> = {
        let (part, close, problem) = (part.clone(), props.close.clone(), problem.clone());
        Callback::from(move |action: Action| match deeds::perform(&part, &action.deed) {
            Some((text, true)) => problem.set(Some(text)),
            Some((text, false)) if text.lines().count() > 1 => {
                visit(&part, "Console");
                close.emit(());
            }
            _ => close.emit(()),
        })
    };
    let oninput = {
        let (typed, marked, problem) = (typed.clone(), marked.clone(), problem.clone());
        move |e: InputEvent| {
            typed.set(e.target_unchecked_into::<HtmlInputElement>().value());
            marked.set(0);
            problem.set(None);
        }
    };
    let onkeydown = {
        let (act, marked, last) = (act.clone(), marked.clone(), found.len().min(LISTED).saturating_sub(1));
        // The words of the list that is drawn: a state's handle would tell the newest ones.
        let (drawn, found) = (typed.to_string(), found.clone());
        move |e: KeyboardEvent| {
            match e.key().as_str() {
                "ArrowDown" => marked.set((at + 1).min(last)),
                "ArrowUp" => marked.set(at.saturating_sub(1)),
                "Enter" => {
                    // Who types fast is ahead of the list that is shown: what stands in the field counts.
                    let words = e.target_unchecked_into::<HtmlInputElement>().value();
                    let chosen = if words == drawn { found.get(at).cloned() } else { matching(&all, &words).into_iter().next() };
                    chosen.into_iter().for_each(|action| act.emit(action));
                }
                _ => return,
            }
            e.prevent_default();
        }
    };
    {
        use_effect_with(at, |at| {
            let marked = gloo::utils::document().get_element_by_id(&format!("action-{at}"));
            if let Some(marked) = marked {
                marked.scroll_into_view_with_bool(false);
            }
        });
    }
    let option = |(i, action): (usize, &Action)| {
        let act = act.reform({
            let action = action.clone();
            move |_: MouseEvent| action.clone()
        });
        html! {
            <li id={format!("action-{i}")} role="option" aria-selected={(i == at).to_string()} onclick={act}>
                <span>{ &action.title }</span><code>{ action.line() }</code>
            </li>
        }
    };
    html! {
        <>
            <p class="line"><label for="palette-input">{ text::PALETTE_ASKS }</label>
                <button onclick={props.close.reform(|_: MouseEvent| ())}>{ text::CLOSE }</button></p>
            <input id="palette-input" type="text" role="combobox" autofocus=true autocomplete="off" spellcheck="false"
                aria-expanded="true" aria-controls="actions" aria-activedescendant={format!("action-{at}")}
                value={(*typed).clone()} {oninput} {onkeydown} />
            if let Some(text) = &*problem { <p class="problem" role="alert">{ text }</p> }
            <ul id="actions" role="listbox" aria-label={text::PALETTE}>
                { for found.iter().take(LISTED).enumerate().map(option) }
            </ul>
            if found.is_empty() { <p class="quiet" role="status">{ text::PALETTE_NOTHING }</p> }
            if found.len() > LISTED { <p class="quiet">{ format!("{} {}", found.len() - LISTED, text::PALETTE_MORE) }</p> }
            <p class="quiet keys">{ text::PALETTE_KEYS }</p>
        </>
    }
}
