//! Labels that can be carried between selectors and Pods: by mouse (drag), and by keyboard (take it, then put it down).

use crate::ui::app::Part;
use crate::ui::engine::Handle;
use crate::ui::text;
use crate::view::quote;
use yew::prelude::*;

/// A label that somebody carries: `app=web`, and where it was taken from (`pod/…`, `service/…`).
#[derive(Clone, Debug, PartialEq)]
pub struct Label {
    text: String,
    from: String,
}

/// The label that is carried, if any, and what to do with it.
#[derive(Clone, PartialEq)]
pub struct Carried {
    state: UseStateHandle<Option<Label>>,
    handle: Handle,
}

/// The label that is carried in this scene.
#[hook]
pub fn use_carried(part: &Part) -> Carried {
    Carried { state: use_state(|| None), handle: part.handle.clone() }
}

/// The kubectl line that puts a label on a Pod, or into a Service's selector.
fn line(label: &str, to: &str) -> Option<String> {
    let (kind, name) = to.split_once('/')?;
    let (name, label) = (quote(name), quote(label));
    Some(match kind {
        "pod" => format!("kubectl label pod {name} {label} --overwrite"),
        _ => format!("kubectl set selector service {name} {label}"),
    })
}

impl Carried {
    fn put(&self, to: &str) {
        if let Some(label) = &*self.state
            && label.from != to
            && let Some(line) = line(&label.text, to)
        {
            self.handle.kubectl(&line);
        }
        self.state.set(None);
    }

    /// What makes an element a place to drop the label on.
    pub fn target(&self, to: String) -> (Callback<DragEvent>, Callback<DragEvent>) {
        let (over, drop) = (self.clone(), self.clone());
        let over = Callback::from(move |e: DragEvent| {
            if over.state.is_some() {
                e.prevent_default();
            }
        });
        let drop = Callback::from(move |e: DragEvent| {
            e.prevent_default();
            drop.put(&to);
        });
        (over, drop)
    }

    /// The button that puts the label down here, while one is carried.
    pub fn put_button(&self, to: &str, class: &'static str) -> Html {
        let Some(label) = self.state.as_ref().filter(|label| label.from != to) else { return Html::default() };
        let onclick = {
            let (carried, to) = (self.clone(), to.to_string());
            move |_| carried.put(&to)
        };
        let words = text::put_on(&label.text, to);
        html! { <button class={classes!("put", class)} {onclick} aria-label={words.clone()} title={line(&label.text, to).unwrap_or_default()}>{ "put here" }</button> }
    }

    /// Says what is carried, and how to let go of it.
    pub fn words(&self) -> Html {
        let Some(label) = &*self.state else { return Html::default() };
        let remove = label.from.strip_prefix("pod/").map(|pod| {
            let key = label.text.split('=').next().unwrap_or_default();
            format!("kubectl label pod {} {}-", quote(pod), quote(key))
        });
        let taken = {
            let carried = self.clone();
            move |_| carried.state.set(None)
        };
        let removed = {
            let (carried, remove) = (self.clone(), remove.clone());
            move |_| {
                remove.iter().for_each(|line| drop(carried.handle.kubectl(line)));
                carried.state.set(None);
            }
        };
        html! {
            <div class="carried" role="status">
                { text::YOU_CARRY }<code>{ &label.text }</code>{ text::PUT_IT }
                if let Some(line) = remove { <button onclick={removed} title={line}>{ text::TAKE_OFF }</button> }
                <button onclick={taken}>{ text::LET_GO }</button>
            </div>
        }
    }
}

#[derive(PartialEq, Properties)]
pub struct ChipProps {
    pub label: String,
    pub of: String,
    pub carried: Carried,
    pub lit: bool,
}

/// A label that can be taken up.
#[component]
pub fn LabelChip(props: &ChipProps) -> Html {
    let ChipProps { label, of, carried, lit } = props;
    let take = {
        let (carried, label) = (carried.clone(), Label { text: label.clone(), from: of.clone() });
        move || carried.state.set(Some(label.clone()))
    };
    let onclick = {
        let (take, carried, held) = (take.clone(), carried.clone(), carried.state.is_some());
        move |_| if held { carried.state.set(None) } else { take() }
    };
    let ondragstart = {
        let label = label.clone();
        move |e: DragEvent| {
            // Firefox drags only what carries data.
            if let Some(data) = e.data_transfer() {
                drop(data.set_data("text/plain", &label));
            }
            take();
        }
    };
    let words = text::take_label(label, &of.replace('/', " "));
    html! {
        <button class={classes!("chip", lit.then_some("lit"))} draggable="true" {onclick} {ondragstart} aria-label={words}>{ label }</button>
    }
}
