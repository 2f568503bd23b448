//! View data to pixels, the RGBA buffers of the dots and of the cells, and to SVG.
//!
//! Promises: the same view gives the same pixels everywhere.
//! Must not know: the cluster, HTML, a browser.

mod cells;
mod dots;
mod palette;
mod svg;

pub use cells::{Area, Cells};
pub use dots::Dots;
pub use palette::{Palette, Rgb};
pub use svg::svg;
