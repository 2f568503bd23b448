//! The page: yew components, canvas, the door for scripts. wasm32 only.
//!
//! Promises: components show view data and send Commands; nothing is decided here that could be decided in `view`.
//! Must not: be imported by any other room; take focus, scroll, wheel or keys by itself; ask any other origin.
