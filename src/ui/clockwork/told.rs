//! What is told of the run to people, files and scripts.

use super::Engine;
use crate::draw::svg;
use crate::ui::{canvas, text};
use crate::view::{Shot, Timeline, film, words};
use js_sys::Function;

impl Engine {
    /// The moment that is shown, in one sentence.
    pub fn summary(&self) -> String {
        let chart = self.chart.clone().unwrap_or_else(|| self.history.witness().chart());
        let deeds = Timeline::default().with_deeds(self.history.lab().commands()).deeds;
        words::summary(&self.scene, &chart, &deeds, self.history.now())
    }

    /// The scene of this moment as an SVG document.
    pub fn svg(&self) -> String {
        let caption = format!("{} · {}", words::clock(self.history.now()), self.summary());
        let (scene, layout) = (self.scene.clone(), self.layout.clone());
        svg(&[Shot { scene, layout, marks: self.motion.marks().collect(), caption }], canvas::is_dark())
    }

    /// The telling moments of the run until now, as a film strip.
    pub fn film(&self, most: u64, dark: bool) -> String {
        svg(&film(&self.history, most, (self.layout.width, self.layout.height)), dark)
    }

    /// Command lines of scripts that have ended.
    pub fn finished(&mut self) -> Vec<(Function, String)> {
        let mut done = vec![];
        let lab = self.history.lab();
        self.waiting.retain(|(id, resolve)| {
            let text = match lab.output(*id) {
                None => text::FORGOTTEN.to_string(),
                Some(run) if run.exit.is_some() => run.text.clone(),
                Some(_) => return true,
            };
            done.push((resolve.clone(), text));
            false
        });
        done
    }
}
