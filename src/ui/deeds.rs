//! Does what the palette's actions say.

use super::app::{Part, set_theme};
use super::canvas::is_dark;
use super::engine::STEP;
use super::panels::visit;
use crate::view::actions::{Deed, PageDeed};

/// Does it. What a kubectl line printed, and whether it failed; `None` for everything else.
pub fn perform(part: &Part, deed: &Deed) -> Option<(String, bool)> {
    let handle = &part.handle;
    match deed {
        Deed::Kubectl(line) => return Some(handle.kubectl(line)),
        Deed::Lab(command) => handle.apply(command.clone()),
        Deed::Page(deed) => match deed {
            PageDeed::Toggle => handle.toggle(),
            PageDeed::Step => {
                handle.pause();
                handle.step(STEP);
            }
            PageDeed::Speed(speed) => handle.speed(*speed),
            PageDeed::Restart => handle.restart(&part.shown.preset),
            PageDeed::Preset(name) => handle.restart(name),
            PageDeed::Theme => {
                set_theme(if is_dark() { "light" } else { "dark" });
                handle.refresh();
            }
            PageDeed::Panel(name) => visit(part, name),
            PageDeed::Select(uid) => part.select.emit(Some(uid.clone().into())),
        },
    }
    None
}
