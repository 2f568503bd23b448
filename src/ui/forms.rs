//! Fields of forms: a label, what is typed, and what Kubernetes says of it, beside it; and switches.

use web_sys::HtmlInputElement;
use yew::prelude::*;

/// What a field holds.
pub fn value(node: &NodeRef) -> String {
    node.cast::<HtmlInputElement>().map(|i| i.value()).unwrap_or_default()
}

#[derive(PartialEq, Properties)]
struct FieldProps {
    id: &'static str,
    label: &'static str,
    /// What it holds until somebody types.
    start: AttrValue,
    node: NodeRef,
    problem: Option<AttrValue>,
}

/// A field with its label and its problem. What somebody types stays until `start` changes.
#[component]
fn TextField(props: &FieldProps) -> Html {
    let FieldProps { id, label, start, node, problem } = props;
    let id = *id;
    {
        let node = node.clone();
        use_effect_with(start.clone(), move |start| {
            if let Some(input) = node.cast::<HtmlInputElement>() {
                input.set_value(start);
            }
        });
    }
    let error_id = format!("{id}-problem");
    html! {
        <div class="field">
            <label for={id}>{ *label }</label>
            <input {id} ref={node.clone()} type="text" autocomplete="off" spellcheck="false"
                aria-invalid={problem.is_some().to_string()} aria-describedby={problem.as_ref().map(|_| error_id.clone())} />
            if let Some(text) = problem {
                <p class="problem" id={error_id.clone()} role="alert">{ text }</p>
            }
        </div>
    }
}

/// A field with its label; `start` is what it holds until somebody types.
pub fn field(id: &'static str, label: &'static str, start: &str, node: &NodeRef, problem: Option<&str>) -> Html {
    let (start, problem) = (AttrValue::from(start.to_string()), problem.map(|p| AttrValue::from(p.to_string())));
    html! { <TextField {id} {label} {start} node={node.clone()} {problem} /> }
}

#[derive(PartialEq, Properties)]
pub struct SwitchProps {
    /// The element's id.
    pub id: &'static str,
    /// What it switches.
    pub label: &'static str,
    /// Whether it is on.
    pub on: bool,
    /// Switches it.
    pub set: Callback<bool>,
}

/// A setting that is on or off.
#[component]
pub fn Switch(props: &SwitchProps) -> Html {
    let SwitchProps { id, label, on, set } = props;
    let onchange = {
        let (set, new) = (set.clone(), !*on);
        move |_: Event| set.emit(new)
    };
    html! {
        <div class="setting"><label for={*id}>{ *label }</label><input id={*id} type="checkbox" checked={*on} {onchange} /></div>
    }
}
