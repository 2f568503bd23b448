//! Moments of a run as pictures: one, or the telling ones from the beginning to now.

use super::watcher::{View, Watcher};
use super::{Layout, Mark, Motion, Scene, words};
use crate::lab::History;
use crate::time::{Nanos, SECOND};
use std::rc::Rc;

/// What a picture of the scene is made of.
#[derive(Clone, Debug)]
pub struct Shot {
    /// What is to be seen.
    pub scene: Rc<Scene>,
    /// Where it is.
    pub layout: Rc<Layout>,
    /// Requests under way.
    pub marks: Vec<Mark>,
    /// The line above the picture.
    pub caption: String,
}

fn view(history: &mut History<Watcher>) -> View {
    let (watcher, lab) = history.witness_mut();
    watcher.view(lab, 1.0)
}

/// The picture of a moment; the run is taken there.
pub fn shot(history: &mut History<Watcher>, at: Nanos, (width, height): (f32, f32)) -> Shot {
    history.seek(at);
    let view = view(history);
    let layout = Layout::new(width, height, view.scene.counts());
    let mut motion = Motion::default();
    motion.rebuild(history.lab(), &view.scene, &layout, history.witness(), 1.0);
    let summary = words::summary(&view.scene, &history.witness().chart(), &view.timeline.deeds, at);
    let caption = format!("{} · {summary}", words::clock(at));
    Shot { marks: motion.marks().collect(), scene: view.scene, layout: Rc::new(layout), caption }
}

/// The telling moments of a run (commands, Pods that come and go), at most `most`, the last one among them.
pub fn moments(history: &mut History<Watcher>, most: u64) -> Vec<Nanos> {
    let chart = view(history).timeline;
    let end = history.now();
    let mut moments = vec![end];
    let mut before = end;
    while (moments.len() as u64) < most {
        let Some(at) = chart.before(before) else { break };
        before = at;
        // What happens within half a second is one moment, seen when it has shown.
        let seen = at + SECOND / 4;
        if seen + SECOND / 2 <= moments[moments.len() - 1] {
            moments.push(seen);
        }
    }
    moments.reverse();
    moments
}

/// The telling moments of a run until now, each as a picture. The run itself stays where it is.
pub fn film(history: &History<Watcher>, most: u64, size: (f32, f32)) -> Vec<Shot> {
    let mut copy = history.clone();
    let moments = moments(&mut copy, most);
    moments.into_iter().map(|at| shot(&mut copy, at, size)).collect()
}
