//! Takes pictures and texts out of the page: saved as files, by the person's own click.

use super::canvas::is_dark;
use super::engine::Handle;
use super::popup::{give_back, use_way_out};
use super::text;
use gloo::events::EventListener;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, HtmlImageElement};
use yew::prelude::*;

/// Pictures of a film strip at most.
const FILM: u64 = 8;
/// Pixels of a PNG for each of the scene's: sharp in print.
const SHARP: f64 = 2.0;

fn element<T: JsCast>(name: &str) -> Option<T> {
    gloo::utils::document().create_element(name).ok()?.dyn_into().ok()
}

/// Saves a URL's content as a file.
fn save(url: &str, name: &str) {
    let Some(link) = element::<web_sys::HtmlElement>("a") else { return };
    drop(link.set_attribute("href", url));
    drop(link.set_attribute("download", name));
    link.click();
}

fn data(kind: &str, text: &str) -> String {
    format!("data:{kind};charset=utf-8,{}", String::from(js_sys::encode_uri_component(text)))
}

/// Draws an SVG on a canvas and saves that.
fn save_png(svg: &str) {
    let Some(image) = element::<HtmlImageElement>("img") else { return };
    let drawn = image.clone();
    let listener =
        EventListener::once(&image, "load", move |_| drop(rasterised(&drawn).map(|url| save(&url, "kube-service-lab.png"))));
    listener.forget();
    image.set_src(&data("image/svg+xml", svg));
}

fn rasterised(image: &HtmlImageElement) -> Result<String, JsValue> {
    let canvas: HtmlCanvasElement = element("canvas").ok_or(JsValue::NULL)?;
    let (width, height) = (f64::from(image.natural_width()) * SHARP, f64::from(image.natural_height()) * SHARP);
    canvas.set_width(width as u32);
    canvas.set_height(height as u32);
    let context: CanvasRenderingContext2d = canvas.get_context("2d")?.ok_or(JsValue::NULL)?.dyn_into()?;
    context.draw_image_with_html_image_element_and_dw_and_dh(image, 0.0, 0.0, width, height)?;
    canvas.to_data_url_with_type("image/png")
}

#[derive(PartialEq, Properties)]
pub struct SaveProps {
    pub handle: Handle,
}

/// The button with its list of what can be saved.
#[component]
pub fn Save(props: &SaveProps) -> Html {
    let open = use_state(|| false);
    let toggle = {
        let open = open.clone();
        move |_| open.set(!*open)
    };
    let place = use_node_ref();
    let shut = use_callback((), {
        let open = open.setter();
        move |(), ()| open.set(false)
    });
    use_way_out(*open, place.clone(), shut.clone());
    let item = |label: &'static str, deed: fn(&Handle)| {
        let (handle, place, shut) = (props.handle.clone(), place.clone(), shut.clone());
        let onclick = move |_| {
            deed(&handle);
            give_back(&place);
            shut.emit(());
        };
        html! { <li><button {onclick}>{ label }</button></li> }
    };
    html! {
        <div class="save" ref={place.clone()}>
            <button onclick={toggle} aria-label={text::SAVE} title={text::SAVE} aria-expanded={open.to_string()}>{ "⤓" }</button>
            if *open {
                <ul class="menu" aria-label={text::SAVE}>
                    { item(text::SAVE_SVG, |h| save(&data("image/svg+xml", &h.svg()), "kube-service-lab.svg")) }
                    { item(text::SAVE_PNG, |h| save_png(&h.svg())) }
                    { item(text::SAVE_FILM, |h| save(&data("image/svg+xml", &h.film(FILM, is_dark())), "kube-service-lab-film.svg")) }
                    { item(text::SAVE_TRANSCRIPT, |h| save(&data("text/plain", &h.transcript()), "kube-service-lab.transcript")) }
                </ul>
            }
        </div>
    }
}
