//! How a preset's lab comes up in the page: a small one at once, a large one by and by, within each frame's budget.

use crate::cluster::Settings;
use crate::lab::presets::{self, Start};
use crate::lab::{History, Lab};
use crate::view::Watcher;

/// Milliseconds of the model that one frame may cost: a slow moment slows the clock, not the page.
const BUDGET_MS: f64 = 11.0;
/// A preset with more Pods and nodes comes up before everybody's eyes.
const AT_ONCE: usize = 210;

/// A lab without anything in it.
pub fn empty() -> Lab {
    Lab::with_settings(Settings::default(), 1)
}

/// A preset's lab; a large one comes up by and by.
pub fn begin(preset: &str) -> (History<Watcher>, Option<Start>) {
    let found = presets::find(preset);
    if found.replicas as usize + found.nodes <= AT_ONCE {
        return (History::new(Lab::start(preset, 1), Watcher::default()), None);
    }
    let mut lab = empty();
    lab.preset = found.name.to_string();
    (History::new(lab, Watcher::default()), Some(Start::new(found, 1, |_| {})))
}

/// The browser's clock, in milliseconds.
pub fn clock() -> f64 {
    gloo::utils::window().performance().map_or(0.0, |p| p.now())
}

/// Calls `step` until it says that all is done, or until the frame's time is over. Whether all is done.
pub fn within_budget(mut step: impl FnMut() -> bool) -> bool {
    let end = clock() + BUDGET_MS;
    loop {
        if step() {
            return true;
        }
        if clock() >= end {
            return false;
        }
    }
}
