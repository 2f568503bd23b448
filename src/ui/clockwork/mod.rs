//! What the engine does in a frame: lets time pass, works out what is shown, draws the dots.

mod moments;
mod stage;
mod told;

pub use moments::Step;

use crate::lab::History;
use crate::lab::presets::Start;
use crate::time::{MILLISECOND, Nanos};
use crate::ui::beginning::{begin, clock, empty, within_budget};
use crate::ui::canvas::{Canvas, Window};
use crate::ui::turns::{News, Turns};
use crate::view::{Chart, Layout, Motion, Scene, Still, Watcher};
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
/// While nothing moves on the scene, a frame is needed only after so many milliseconds; and cards and panels are updated
/// as seldom as after a slow update.
pub const REST_MS: f64 = 100.0;

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
}
