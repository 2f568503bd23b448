//! Ready-made beginnings: objects and clients to look at at once, and what there is to do.

mod goals;
mod start;
mod table;

pub use goals::{Goal, Reached};
pub use start::Start;
pub use table::{PRESETS, Preset};

/// The preset of a name, or the first one.
pub fn find(name: &str) -> &'static Preset {
    PRESETS.iter().find(|p| p.name == name).unwrap_or(&PRESETS[0])
}
