//! What to hand on: a link to this beginning, and the two lines that put it into another page.

use super::app::Part;
use super::popup::Popup;
use super::query::link;
use super::text;
use js_sys::Reflect;
use wasm_bindgen::prelude::*;
use web_sys::HtmlTextAreaElement;
use yew::prelude::*;

#[derive(PartialEq, Properties)]
pub struct ShareProps {
    /// The page.
    pub part: Part,
    /// Closes it.
    pub close: Callback<()>,
}

/// A text to take along, with its button.
#[derive(PartialEq, Properties)]
struct CopyProps {
    id: &'static str,
    label: &'static str,
    text: String,
    rows: &'static str,
}

#[component]
fn Copy(props: &CopyProps) -> Html {
    let CopyProps { id, label, text: content, rows } = props;
    let (node, copied) = (use_node_ref(), use_state(|| false));
    {
        let (node, copied) = (node.clone(), copied.clone());
        use_effect_with(content.clone(), move |content| {
            if let Some(area) = node.cast::<HtmlTextAreaElement>() {
                area.set_value(content);
            }
            copied.set(false);
        });
    }
    let onclick = {
        let (node, copied, content) = (node.clone(), copied.clone(), content.clone());
        move |_| {
            // The text is chosen as well, for browsers that do not let a page copy.
            if let Some(area) = node.cast::<HtmlTextAreaElement>() {
                area.select();
            }
            write_clipboard(&content);
            copied.set(true);
        }
    };
    html! {
        <>
            <label for={*id}>{ *label }</label>
            <textarea class="mono" id={*id} ref={node} rows={*rows} readonly=true spellcheck="false" />
            <p class="line"><button {onclick}>{ text::COPY }</button><span role="status" class="good">{ if *copied { text::COPIED } else { "" } }</span></p>
        </>
    }
}

/// Browsers have a clipboard for pages on safe addresses only, and a frame may be denied it.
fn write_clipboard(text: &str) {
    let navigator = gloo::utils::window().navigator();
    if Reflect::get(&navigator, &"clipboard".into()).is_ok_and(|c| !c.is_undefined()) {
        let denied = Closure::<dyn FnMut(JsValue)>::new(|_| ());
        drop(navigator.clipboard().write_text(text).catch(&denied));
        denied.forget();
    }
}

/// A link to this beginning at this speed.
#[component]
pub fn Share(props: &ShareProps) -> Html {
    let shown = &props.part.shown;
    let address = link(&shown.preset, shown.speed, "");
    html! {
        <Popup title={text::SHARE} close={props.close.clone()}>
            <p class="quiet">{ text::SHARE_WHAT }</p>
            <Copy id="share-link" label={text::LINK} text={address} rows="2" />
        </Popup>
    }
}

/// The lines that put the lab into another page.
#[component]
pub fn Embed(props: &ShareProps) -> Html {
    let shown = &props.part.shown;
    let address = link(&shown.preset, shown.speed, "scene");
    let lines = format!(
        "<iframe src=\"{}\" title=\"Kube Service Lab\"\n        width=\"900\" height=\"560\" style=\"border:0\" loading=\"lazy\"></iframe>",
        address.replace('&', "&amp;")
    );
    html! {
        <Popup title={text::EMBED} close={props.close.clone()}>
            <p class="quiet">{ text::EMBED_WHAT }</p>
            <Copy id="embed-lines" label={text::LINES_TO_PASTE} text={lines} rows="4" />
        </Popup>
    }
}
