//! kubectl: the last lines and what they printed, with history (arrow keys) and completion (Tab).

use crate::kubectl::complete;
use crate::ui::app::Part;
use crate::ui::text;
use web_sys::HtmlInputElement;
use yew::prelude::*;

/// Lines that are shown.
const SHOWN: usize = 12;
/// Words that are offered at once.
const OFFERED: usize = 8;

/// The line with its last word replaced.
fn with_word(line: &str, word: &str) -> String {
    let kept = line.rfind(char::is_whitespace).map_or(0, |i| i + 1);
    format!("{}{word} ", &line[..kept])
}

/// What the words offered have in common, if that is longer than what stands there.
fn common(line: &str, words: &[String]) -> Option<String> {
    let last = &line[line.rfind(char::is_whitespace).map_or(0, |i| i + 1)..];
    let first = words.first()?;
    let len = words.iter().fold(first.len(), |len, w| first.bytes().zip(w.bytes()).take(len).take_while(|(a, b)| a == b).count());
    let shared = first.get(..len)?;
    if words.len() == 1 {
        return Some(with_word(line, first));
    }
    (shared.len() > last.len()).then(|| with_word(line, shared).trim_end().to_string())
}

/// The tab "Console".
#[component]
pub fn ConsoleTab(part: &Part) -> Html {
    let input = use_node_ref();
    let at = use_mut_ref(|| 0_usize);
    let offered = use_state(Vec::<String>::new);
    let log = use_node_ref();
    let console = part.shown.console.clone();
    {
        let log = log.clone();
        let last = console.last().map(|run| (run.id, run.text.len()));
        use_effect_with(last, move |_| {
            if let Some(log) = log.cast::<web_sys::Element>() {
                log.set_scroll_top(log.scroll_height());
            }
        });
    }
    let run: Callback<()> = {
        let (handle, input, at, offered) = (part.handle.clone(), input.clone(), at.clone(), offered.clone());
        Callback::from(move |()| {
            let Some(input) = input.cast::<HtmlInputElement>() else { return };
            let line = input.value();
            if !line.trim().is_empty() {
                handle.kubectl(line.trim());
                input.set_value("");
                *at.borrow_mut() = 0;
            }
            offered.set(vec![]);
        })
    };
    let onsubmit = {
        let run = run.clone();
        move |e: SubmitEvent| {
            e.prevent_default();
            run.emit(());
        }
    };
    let suggest = {
        let (handle, offered) = (part.handle.clone(), offered.clone());
        move |line: &str| {
            let words = if line.trim().is_empty() { vec![] } else { handle.look(|lab| complete(line, lab.cluster())) };
            offered.set(words);
        }
    };
    let oninput = {
        let suggest = suggest.clone();
        move |e: InputEvent| suggest(&e.target_unchecked_into::<HtmlInputElement>().value())
    };
    let onkeydown = {
        let (console, input, offered, suggest) = (console.clone(), input.clone(), offered.clone(), suggest.clone());
        move |e: KeyboardEvent| {
            let Some(input) = input.cast::<HtmlInputElement>() else { return };
            let mut at = at.borrow_mut();
            *at = match e.key().as_str() {
                "ArrowUp" => (*at + 1).min(console.len()),
                "ArrowDown" => at.saturating_sub(1),
                // Tab takes what is offered; with nothing offered, or after Escape, it goes on to the next field.
                "Tab" if !e.shift_key() && !offered.is_empty() => {
                    if let Some(line) = common(&input.value(), &offered) {
                        e.prevent_default();
                        input.set_value(&line);
                        suggest(&line);
                    }
                    return;
                }
                "Escape" => return offered.set(vec![]),
                _ => return,
            };
            e.prevent_default();
            let line = console.len().checked_sub(*at).and_then(|i| console.get(i));
            input.set_value(line.map_or("", |run| run.line.as_str()));
            offered.set(vec![]);
        }
    };
    let word = |word: &String| {
        let (input, suggest, chosen) = (input.clone(), suggest.clone(), word.clone());
        let onclick = move |_| {
            let Some(input) = input.cast::<HtmlInputElement>() else { return };
            let line = with_word(&input.value(), &chosen);
            input.set_value(&line);
            drop(input.focus());
            suggest(&line);
        };
        html! { <li key={word.clone()}><button type="button" {onclick}>{ word }</button></li> }
    };
    let skip = console.len().saturating_sub(SHOWN);
    html! {
        <div class="console">
            <div class="log mono" role="log" aria-label={text::CONSOLE_OUTPUT} tabindex="0" ref={log}>
                { for console.iter().skip(skip).map(|run| html! {
                    <div key={run.id}>
                        <p class="typed">{ format!("$ {}", run.line) }</p>
                        <pre>{ &run.text }</pre>
                        if !run.ended { <p class="quiet">{ text::WAITS }</p> }
                    </div>
                }) }
            </div>
            if !offered.is_empty() {
                <ul class="offered mono" aria-label={text::COMPLETIONS}>
                    { for offered.iter().take(OFFERED).map(word) }
                    if offered.len() > OFFERED { <li class="quiet">{ format!("+{}", offered.len() - OFFERED) }</li> }
                </ul>
            }
            <form {onsubmit}>
                <label for="line">{ "kubectl" }</label>
                <input id="line" ref={input} class="mono" {onkeydown} {oninput} placeholder="kubectl get pods -o wide" autocomplete="off" autocapitalize="off" spellcheck="false" />
                <button type="submit">{ text::RUN }</button>
            </form>
            <p class="quiet keys">{ text::CONSOLE_KEYS }</p>
        </div>
    }
}
