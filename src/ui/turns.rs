//! Whose turn it is to show what is new. Drawing the whole page anew takes longer than a frame may; its parts follow each
//! other, each in a frame of its own.

use super::engine::Shown;
use std::rc::Rc;

/// A part of the page that is drawn in one frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Area {
    /// The scene and the clock.
    Scene,
    /// "Who held which address".
    Chart,
    /// The columns on both sides.
    Columns,
}

/// What is new, and for whom.
#[derive(Clone)]
pub struct News {
    /// What to show.
    pub shown: Rc<Shown>,
    /// By which part; `None`: by all.
    pub area: Option<Area>,
}

impl News {
    /// News for every part.
    pub fn everywhere(shown: Rc<Shown>) -> News {
        News { shown, area: None }
    }

    /// Whether a part is meant.
    pub fn is_for(&self, area: Area) -> bool {
        self.area.is_none_or(|meant| meant == area)
    }
}

/// What is still to be shown, by whom. The first frame is left to the model, which waited while the lab was looked at.
#[derive(Default)]
pub struct Turns {
    shown: Option<Rc<Shown>>,
    left: Vec<Option<Area>>,
}

impl Turns {
    /// Turns for what is new.
    pub fn of(shown: Rc<Shown>) -> Turns {
        Turns { shown: Some(shown), left: vec![Some(Area::Columns), Some(Area::Chart), Some(Area::Scene), None] }
    }

    /// Whether all have shown it.
    pub fn are_over(&self) -> bool {
        self.left.is_empty()
    }

    /// The next turn; `None`: nobody's in this frame.
    pub fn next(&mut self) -> Option<News> {
        let area = self.left.pop()?;
        Some(News { shown: self.shown.clone()?, area: Some(area?) })
    }
}
