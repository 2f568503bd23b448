//! The page: yew components, canvas, the door for scripts. wasm32 only.
//!
//! Promises: components show view data and send Commands; nothing is decided here that could be decided in `view`.
//! Must not: be imported by any other room; take focus, scroll, wheel or keys by itself; ask any other origin.

mod app;
mod beginning;
mod canvas;
mod chooser;
mod client_form;
mod clockwork;
mod controls;
mod deeds;
mod door;
mod engine;
mod forms;
mod goals;
mod header;
mod keys;
mod memory;
mod palette;
mod panels;
mod popup;
mod query;
mod save;
mod scene;
mod share;
mod sound;
mod text;
mod timeline;
mod traffic;
mod trouble;
mod turns;

pub use app::App;

/// Puts the page in the place of the outline that index.html shows while it loads.
pub fn start() {
    let document = gloo::utils::document();
    let root = document.get_element_by_id("app").unwrap_or_else(|| gloo::utils::body().into());
    yew::Renderer::<App>::with_root(root).render();
}
