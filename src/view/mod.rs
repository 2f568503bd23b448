//! What a person sees, as plain data: scene positions, timeline lanes, shares, sentences.
//!
//! Promises: everything that can be decided without a browser is decided (and tested) here.
//! Must not know: pixels, HTML, a browser.
