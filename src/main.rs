//! Starts the page. Natively there is no page: it says how to get one.

#[cfg(target_arch = "wasm32")]
fn main() {
    kube_service_lab::ui::start();
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {
    println!("This is the page of Kube Service Lab. Start it with `make serve`; the headless command is `ksl`.");
}
