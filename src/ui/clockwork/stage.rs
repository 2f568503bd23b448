//! The stage: where everything is in a window of this size, nearer or farther, and what is shown there.

use super::Engine;
use crate::lab::presets::Start;
use crate::ui::canvas::{self, Canvas, Window};
use crate::ui::engine::{ConsoleLine, Shown};
use crate::view::{Layout, Moment, Timeline, cells};
use std::rc::Rc;

/// The stage is at most so many times larger than the window.
const MOST_ZOOM: f32 = 8.0;

impl Engine {
    pub(super) fn draw(&mut self) {
        if self.canvas.is_none() {
            self.canvas = Canvas::find();
        }
        if let Some(canvas) = &mut self.canvas {
            canvas.draw(&self.motion, self.window);
        }
    }

    /// What the components show.
    pub fn shown(&mut self) -> Rc<Shown> {
        let speed = self.speed;
        let (watcher, lab) = self.history.witness_mut();
        let mut view = watcher.view(lab, speed);
        if let Some(chart) = &self.chart {
            let moment = Moment { now: self.history.now(), end: self.history.end(), speed };
            let timeline = Timeline::of(chart, self.history.lab(), &moment).with_deeds(self.history.commands());
            view.timeline = Rc::new(timeline);
        }
        self.scene = view.scene.clone();
        self.place();
        let lab = self.history.lab();
        let clients = lab.traffic().clients();
        let rates = clients.map(|c| (c.setting.name.clone(), c.setting.pattern.rate_milli(), c.setting.stubborn)).collect();
        let lines = lab.outputs().map(|(id, run)| {
            let (line, text) = (run.line.clone(), run.text.clone());
            ConsoleLine { id, line, text, ended: run.exit.is_some() }
        });
        let machines = lab.cluster().machines().iter();
        Rc::new(Shown {
            view,
            layout: self.layout.clone(),
            playing: self.playing,
            speed: self.speed,
            preset: lab.preset.clone(),
            rates,
            console: Rc::new(lines.collect()),
            down: machines.filter(|(_, m)| !m.up).map(|(name, _)| name.to_string()).collect(),
            cut_at: self.history.cut_at(),
            zoom: self.zoom,
            every: self.motion.every(),
            corner: self.window.corner,
            still: self.still.clone(),
            coming: self.coming.as_ref().map(Start::progress),
        })
    }

    /// Places for the scene as it is now.
    fn place(&mut self) {
        let size = canvas::scene_size().unwrap_or(self.window.size);
        if size != self.window.size {
            self.window.size = size;
            self.canvas = None;
        }
        let (width, height) = (size.0 * self.zoom, size.1 * self.zoom);
        let corner = &mut self.window.corner;
        *corner = (corner.0.clamp(0.0, width - size.0), corner.1.clamp(0.0, height - size.1));
        let layout = Layout::new(width, height, self.scene.counts());
        if layout != *self.layout {
            self.layout = Rc::new(layout);
            self.still();
        }
        if self.canvas.is_none() {
            self.canvas = Canvas::find();
        }
        if let Some(canvas) = &mut self.canvas {
            let chosen = self.chosen.as_deref();
            canvas.draw_cells(cells(&self.scene, &self.layout, |uid| chosen == Some(uid)), self.window);
        }
    }

    /// Makes the stage larger or smaller around a point of the window (its middle without one).
    pub fn zoom_by(&mut self, factor: f32, around: Option<(f32, f32)>) {
        let Window { size, corner } = self.window;
        let (x, y) = around.unwrap_or((size.0 / 2.0, size.1 / 2.0));
        let zoom = (self.zoom * factor).clamp(1.0, MOST_ZOOM);
        let by = zoom / self.zoom;
        self.zoom = zoom;
        self.window.corner = ((corner.0 + x) * by - x, (corner.1 + y) * by - y);
        self.stale = true;
    }

    /// Moves the window over the stage.
    pub fn pan_by(&mut self, x: f32, y: f32) {
        self.window.corner.0 += x;
        self.window.corner.1 += y;
        self.stale = true;
    }
}
