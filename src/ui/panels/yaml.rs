//! An object as YAML: edited, checked line by line, applied.

use crate::lab::Command;
use crate::manifest::highlight::{Class, highlight};
use crate::ui::app::Part;
use crate::ui::text;
use crate::view::sheet::{self, ChangedLine, Problem};
use web_sys::{HtmlSelectElement, HtmlTextAreaElement};
use yew::prelude::*;

/// The name under which `kubectl apply -f` finds the text.
const FILE: &str = "sheet.yaml";

fn class_of(class: Class) -> &'static str {
    match class {
        Class::Key => "k",
        Class::String => "s",
        Class::Number => "n",
        Class::Comment => "c",
        _ => "p",
    }
}

/// The text in colours, under the field that is typed in.
fn coloured(body: &str) -> Html {
    let mut pieces = vec![];
    let mut at = 0;
    for (from, to, class) in highlight(body) {
        pieces.push(html! { <>{ &body[at..from] }<span class={class_of(class)}>{ &body[from..to] }</span></> });
        at = to;
    }
    html! { <>{ for pieces }{ &body[at..] }{ "\n" }</> }
}

/// What a person has begun to change.
#[derive(Clone, PartialEq)]
struct Draft {
    choice: String,
    text: String,
    /// What the server said to it.
    refused: Vec<Problem>,
}

/// The tab "YAML".
#[component]
pub fn YamlTab(part: &Part) -> Html {
    let chosen = use_state(|| None::<String>);
    let draft = use_state(|| None::<Draft>);
    // What kubectl said of the last text that was applied.
    let done = use_state(String::new);
    let choices = part.handle.look(sheet::choices);
    let selected = part.selected_key().map(|k| format!("pod/{}", k.name));
    let choice = draft.as_ref().map(|d| d.choice.clone()).or((*chosen).clone()).or(selected);
    let choice = choice.or(choices.iter().find(|c| c.starts_with("service/")).cloned()).unwrap_or_default();
    let live = part.handle.look(|lab| sheet::text(lab, &choice)).unwrap_or_default();
    let body = draft.as_ref().map_or(live.clone(), |d| d.text.clone());
    let problems = if draft.is_some() { sheet::problems(&body) } else { vec![] };
    let changes = if draft.is_some() { sheet::changes(&live, &body) } else { vec![] };
    let refused = draft.as_ref().map(|d| d.refused.clone()).unwrap_or_default();
    let choose = {
        let (chosen, draft) = (chosen.clone(), draft.clone());
        move |e: Event| {
            chosen.set(Some(e.target_unchecked_into::<HtmlSelectElement>().value()));
            draft.set(None);
        }
    };
    let oninput = {
        let (draft, choice, done) = (draft.clone(), choice.clone(), done.clone());
        move |e: InputEvent| {
            done.set(String::new());
            let text = e.target_unchecked_into::<HtmlTextAreaElement>().value();
            draft.set(Some(Draft { choice: choice.clone(), text, refused: vec![] }));
        }
    };
    let discard = {
        let draft = draft.clone();
        move |_| draft.set(None)
    };
    let apply = {
        let (draft, chosen, handle, choice) = (draft.clone(), chosen.clone(), part.handle.clone(), choice.clone());
        let done = done.clone();
        move |_| {
            let Some(now) = (*draft).clone() else { return };
            handle.apply(Command::File { name: FILE.into(), text: now.text.clone() });
            let (said, failed) = handle.kubectl(&format!("kubectl apply -f {FILE}"));
            chosen.set(Some(choice.clone()));
            done.set(if failed { String::new() } else { said.clone() });
            draft.set(failed.then(|| Draft { refused: sheet::refusals(&now.text, &said), ..now }));
        }
    };
    let rows = body.lines().count() + 1;
    let can_apply = draft.is_some() && problems.is_empty() && !changes.is_empty();
    html! {
        <div class="yaml">
            <label for="object">{ text::OBJECT }</label><select id="object" onchange={choose}>
                { for choices.iter().map(|c| html! { <option value={c.clone()} selected={*c == choice}>{ c }</option> }) }
            </select>
            <div class="sheet mono">
                <pre aria-hidden="true">{ coloured(&body) }</pre>
                <textarea aria-label={text::YAML_OF_OBJECT} rows={rows.to_string()} spellcheck="false" autocomplete="off"
                    autocapitalize="off" wrap="off" value={body} {oninput} aria-describedby="sheet-problems" />
            </div>
            <div id="sheet-problems" role="status">
                { for problems.iter().chain(&refused).map(problem) }
                if !done.is_empty() { <p class="good said">{ (*done).clone() }</p> }
            </div>
            <div class="pair">
                <button class="primary" onclick={apply} disabled={!can_apply}>{ text::APPLY }</button>
                <button onclick={discard} disabled={draft.is_none()}>{ text::DISCARD }</button>
            </div>
            <code class="command">{ format!("kubectl apply -f {FILE}") }</code>
            <p class="quiet keys">{ text::YAML_HOW }</p>
            if !changes.is_empty() {
                <h3>{ text::WHAT_CHANGES }</h3>
                <div class="changes mono">{ for changes.iter().map(changed) }</div>
            }
        </div>
    }
}

fn problem(problem: &Problem) -> Html {
    let at = if problem.line > 0 { format!("{} {}: ", text::LINE, problem.line) } else { String::new() };
    html! { <p class="problem"><b>{ at }</b>{ &problem.message }</p> }
}

fn changed(line: &ChangedLine) -> Html {
    let class = match line.sign {
        '+' => "added",
        '-' => "removed",
        _ => "",
    };
    html! { <p class={class}>{ format!("{} {}", line.sign, line.text) }</p> }
}
