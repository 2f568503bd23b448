//! View data to pixels: the RGBA buffer of the dots.
//!
//! Promises: the same view gives the same pixels everywhere.
//! Must not know: the cluster, HTML, a browser.

mod dots;
mod palette;

pub use dots::Dots;
pub use palette::{Palette, Rgb};
