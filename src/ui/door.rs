//! The door for scripts: `window.kubeServiceLab`. Its calls are documented in README.md.

use super::engine::Handle;
use js_sys::{JSON, Object, Promise, Reflect};
use wasm_bindgen::prelude::*;

/// Opens the door.
pub fn open(handle: &Handle) {
    let door = Object::new();
    let state = handle.clone();
    function(
        &door,
        "state",
        Closure::<dyn Fn() -> JsValue>::new(move || JSON::parse(&state.state().to_string()).unwrap_or(JsValue::NULL))
            .into_js_value(),
    );
    let run = handle.clone();
    function(
        &door,
        "run",
        Closure::<dyn Fn(String) -> Promise>::new(move |line: String| Promise::new(&mut |resolve, _| run.run(&line, resolve)))
            .into_js_value(),
    );
    let svg = handle.clone();
    function(&door, "svg", Closure::<dyn Fn() -> String>::new(move || svg.svg()).into_js_value());
    let summary = handle.clone();
    function(&door, "summary", Closure::<dyn Fn() -> String>::new(move || summary.summary()).into_js_value());
    let seek = handle.clone();
    let to = move |seconds: f64| {
        if seconds.is_finite() {
            seek.seek((seconds.max(0.0) * crate::time::SECOND as f64) as crate::time::Nanos)
        }
    };
    function(&door, "seek", Closure::<dyn Fn(f64)>::new(to).into_js_value());
    let play = handle.clone();
    function(&door, "play", Closure::<dyn Fn()>::new(move || play.play()).into_js_value());
    let pause = handle.clone();
    function(&door, "pause", Closure::<dyn Fn()>::new(move || pause.pause()).into_js_value());
    let speed = handle.clone();
    function(&door, "speed", Closure::<dyn Fn(f64)>::new(move |x: f64| speed.speed(x)).into_js_value());
    drop(Reflect::set(&gloo::utils::window(), &"kubeServiceLab".into(), &door));
}

fn function(door: &Object, name: &str, function: JsValue) {
    drop(Reflect::set(door, &name.into(), &function));
}
