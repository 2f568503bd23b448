//! What the engine does in a frame: lets time pass, works out what is shown, draws the dots.

use super::beginning::{begin, clock, empty, within_budget};
use super::canvas::{Canvas, Window};
use super::engine::{ConsoleLine, Shown};
use super::text;
use super::turns::{News, Turns};
use crate::draw::svg;
use crate::lab::presets::Start;
use crate::lab::{History, Lab};
use crate::time::{MILLISECOND, Nanos, SECOND};
use crate::view::{Chart, Layout, Moment, Motion, Scene, Shot, Still, Timeline, Watcher, cells, film, words};
use js_sys::Function;
use std::rc::Rc;
use yew::Callback;

/// Events of the model between two looks at the browser's clock.
const PORTION: u64 = 25;
/// The longest time between two frames that counts (a hidden tab has no frames).
const LONGEST_FRAME_MS: f64 = 100.0;
/// Milliseconds between two updates of cards and panels: at least, and at most.
const VIEW_MS: (f64, f64) = (180.0, 500.0);
/// An update that takes long is followed by a pause of so many times its length.
const PAUSE: f64 = 15.0;
/// The stage is at most so many times larger than the window.
const MOST_ZOOM: f32 = 8.0;
/// While nothing moves on the scene, a frame is needed only after so many milliseconds; and cards and panels are updated
/// as seldom as after a slow update.
pub const REST_MS: f64 = 100.0;
/// A step to something that happens ends after this time at the latest.
const LONGEST_STEP: Nanos = 60 * SECOND;

/// What to step to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Step {
    /// So much later.
    By(Nanos),
    /// The next change of an object in the API server.
    Change,
    /// The next end of a request.
    Request,
}

/// The lab, its clock, and what is drawn of it.
pub struct Engine {
    pub history: History<Watcher>,
    /// A large lab on its way: what is shown until then is empty.
    pub coming: Option<Start>,
    /// The chart of the whole run, while the lab is taken back; and the one of the future that was given up.
    pub chart: Option<Chart>,
    pub cut_chart: Option<Chart>,
    pub motion: Motion,
    pub layout: Rc<Layout>,
    pub scene: Rc<Scene>,
    pub canvas: Option<Canvas>,
    pub playing: bool,
    /// Time stands still though it plays: somebody holds the playhead.
    pub held: bool,
    pub speed: f64,
    /// How many times larger than the window the stage is, and what of it is seen.
    pub zoom: f32,
    pub window: Window,
    /// The uid of the Pod that is chosen.
    pub chosen: Option<String>,
    /// Steps that were made, and what the last one showed.
    pub still: Option<Rc<Still>>,
    pub on_screen: bool,
    pub scheduled: bool,
    pub frames: u64,
    pub last_frame: Option<f64>,
    /// Milliseconds that have passed and that the model has not gone on for yet.
    pub owed: f64,
    pub last_view: f64,
    /// The virtual moment at which it was last looked at.
    pub looked: Nanos,
    /// Milliseconds until cards and panels are updated again.
    pub pause: f64,
    pub stale: bool,
    pub turns: Turns,
    pub seek_to: Option<Nanos>,
    pub listener: Option<Callback<News>>,
    pub waiting: Vec<(u64, Function)>,
}

impl Engine {
    /// An engine with a fresh lab.
    pub fn new(preset: &str, speed: f64, playing: bool) -> Engine {
        let (mut history, coming) = begin(preset);
        if playing && coming.is_none() {
            // Time passes from now on, also while the page is drawn for the first time.
            history.advance((LONGEST_FRAME_MS * speed) as Nanos * MILLISECOND, 160 * PORTION);
        }
        let (watcher, lab) = history.witness_mut();
        let scene = watcher.view(lab, speed).scene;
        let layout = Rc::new(Layout::new(820.0, 540.0, scene.counts()));
        Engine {
            history,
            coming,
            chart: None,
            cut_chart: None,
            motion: Motion::default(),
            layout,
            scene,
            canvas: None,
            playing,
            held: false,
            speed,
            zoom: 1.0,
            window: Window { size: (820.0, 540.0), corner: (0.0, 0.0) },
            chosen: None,
            still: None,
            on_screen: true,
            scheduled: false,
            frames: 0,
            last_frame: None,
            owed: 0.0,
            last_view: 0.0,
            looked: 0,
            pause: 0.0,
            stale: true,
            turns: Turns::default(),
            seek_to: None,
            listener: None,
            waiting: vec![],
        }
    }

    /// Begins anew.
    pub fn restart(&mut self, preset: &str) {
        (self.history, self.coming) = begin(preset);
        (self.chart, self.cut_chart, self.seek_to, self.still) = (None, None, None, None);
        self.last_frame = None;
        self.owed = 0.0;
        self.still();
    }

    /// Whether time passes.
    pub fn runs(&self) -> bool {
        self.playing && self.on_screen && !self.held
    }

    /// Whether time passes and nothing is seen of it but the clock: a frame now and then is enough.
    pub fn rests(&self) -> bool {
        let waited_for = self.stale || self.coming.is_some() || self.seek_to.is_some();
        self.runs() && self.motion.is_empty() && self.turns.are_over() && !waited_for
    }

    /// Milliseconds between the last look at the lab and the next one.
    fn pause(&self) -> f64 {
        let calm = self.motion.is_empty() && self.history.lab().cluster().last_change() <= self.looked;
        if calm { VIEW_MS.1 } else { self.pause }
    }

    /// One frame; what is to be told to whom.
    pub fn frame(&mut self, at: f64) -> Option<(Callback<News>, News)> {
        self.scheduled = false;
        self.frames += 1;
        let passed = self.last_frame.map_or(0.0, |last| (at - last).clamp(0.0, LONGEST_FRAME_MS + REST_MS));
        self.last_frame = Some(at);
        let looks = self.stale || (self.turns.are_over() && at - self.last_view >= self.pause());
        if self.coming.is_some() {
            self.come();
        } else if let Some(to) = self.seek_to.take() {
            self.seek(to);
        } else if self.runs() {
            self.still = None;
            // A frame that updates the panels leaves the model's time to the next one: both together would be too late.
            let later = looks && self.owed == 0.0;
            self.owed += passed;
            if !later {
                let until = self.history.now() + (self.owed * self.speed * MILLISECOND as f64) as Nanos;
                self.owed = 0.0;
                let Engine { history, .. } = self;
                within_budget(|| history.advance(until, PORTION));
                self.arrived();
            }
            let Engine { motion, history, scene, layout, .. } = self;
            motion.advance(passed as f32 * self.speed.clamp(0.05, 1.0) as f32);
            motion.observe(history.lab(), scene, layout, history.witness());
        }
        self.draw();
        let news = if looks || self.stale { self.look_anew(at) } else { self.turns.next() };
        self.listener.clone().zip(news)
    }

    /// Looks at the lab. What a person did is shown everywhere at once; what time brought, by one part of the page after the other.
    fn look_anew(&mut self, at: f64) -> Option<News> {
        self.last_view = at;
        self.looked = self.history.lab().cluster().now();
        let at_once = std::mem::take(&mut self.stale);
        let placed = self.layout.clone();
        let begun = clock();
        let shown = self.shown();
        self.pause = ((clock() - begun) * PAUSE).clamp(VIEW_MS.0, VIEW_MS.1);
        if at_once || !Rc::ptr_eq(&placed, &self.layout) {
            self.turns = Turns::default();
            return Some(News::everywhere(shown));
        }
        self.turns = Turns::of(shown);
        None
    }

    /// A large lab comes up a little further.
    fn come(&mut self) {
        let Some(start) = &mut self.coming else { return };
        if within_budget(|| start.advance(PORTION)) {
            let ready = self.coming.take().map(Start::finish);
            self.history = History::new(ready.unwrap_or_else(empty), Watcher::default());
            self.still();
        }
    }

    /// Goes to a moment of the run. What is known of the time after it stays on the chart.
    pub fn seek(&mut self, to: Nanos) {
        if to < self.history.now() && self.chart.is_none() {
            self.chart = Some(self.history.witness().chart());
        }
        self.history.seek(to);
        self.still = None;
        self.arrived();
        self.still();
    }

    /// At the end of the run the chart is the lab's own again.
    fn arrived(&mut self) {
        if self.history.now() >= self.history.end() {
            self.chart = None;
        }
    }

    /// Lets time pass at once until what is asked for.
    pub fn step(&mut self, step: Step) {
        let before = self.scene.clone();
        let counted = Still::count(self.history.lab());
        self.leap(step);
        let (watcher, lab) = self.history.witness_mut();
        self.scene = watcher.view(lab, self.speed).scene;
        let number = self.still.as_ref().map_or(0, |s| s.number) + 1;
        self.still = Some(Rc::new(Still::between(number, &before, &self.scene, counted, self.history.lab())));
        self.still();
    }

    fn leap(&mut self, step: Step) {
        let start = self.history.now();
        let ended = |lab: &Lab| -> u64 { lab.traffic().clients().map(|c| c.stats.answered + c.stats.bad()).sum() };
        let state = |lab: &Lab| match step {
            Step::By(_) => 0,
            Step::Change => lab.cluster().last_change(),
            Step::Request => ended(lab),
        };
        if let Step::By(span) = step {
            self.history.advance(start + span, u64::MAX);
        } else {
            let before = state(self.history.lab());
            let limit = start + LONGEST_STEP;
            while state(self.history.lab()) == before && self.history.now() < limit {
                let next = self.history.lab().next_at().unwrap_or(limit).clamp(self.history.now() + 1, limit);
                self.history.advance(next, u64::MAX);
            }
        }
        self.arrived();
    }

    /// After a leap: the requests that are under way at this moment, where they are.
    pub fn still(&mut self) {
        let Engine { motion, history, scene, layout, .. } = self;
        motion.rebuild(history.lab(), scene, layout, history.witness(), self.speed as f32);
        self.stale = true;
    }

    /// Something is done now: the future that was known, if any, is given up.
    pub fn cut(&mut self) {
        if self.history.now() < self.history.end() {
            self.cut_chart = self.chart.take();
        }
    }

    fn draw(&mut self) {
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
        let size = super::canvas::scene_size().unwrap_or(self.window.size);
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
        svg(&[Shot { scene, layout, marks: self.motion.marks().collect(), caption }], super::canvas::is_dark())
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
