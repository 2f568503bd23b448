//! What the page remembers of a person's choices between visits (width of the panels, what is folded, which panel is open).
//! Works without it too: a browser that keeps nothing shows the page as it is at first.

fn storage() -> Option<web_sys::Storage> {
    gloo::utils::window().local_storage().ok().flatten()
}

/// What was kept under a name.
pub fn recall(name: &str) -> Option<String> {
    storage()?.get_item(&format!("kube-service-lab.{name}")).ok().flatten()
}

/// Keeps something under a name, as long as the browser likes.
pub fn keep(name: &str, value: &str) {
    if let Some(storage) = storage() {
        drop(storage.set_item(&format!("kube-service-lab.{name}"), value));
    }
}
