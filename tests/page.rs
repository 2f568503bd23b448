//! The page's components, mounted in a real browser.
#![cfg(target_arch = "wasm32")]

use kube_service_lab::ui::App;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen_test]
async fn page_has_its_name_as_heading() {
    let root = gloo::utils::document().create_element("div").expect("a new element");
    yew::Renderer::<App>::with_root(root.clone()).render();
    yew::scheduler::flush().await;
    let heading = root.query_selector("h1").expect("a valid selector").expect("a heading");
    assert_eq!(heading.text_content().as_deref(), Some("Kube Service Lab"));
}
