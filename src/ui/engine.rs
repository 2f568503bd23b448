//! The lab and its clock, as the components know them: what can be asked of them, and what is shown.

use super::clockwork::{Engine, REST_MS, Step};
use super::turns::News;
use crate::lab::{Command, Lab, Trial, Way, transcript_of as transcript};
use crate::time::{Nanos, SECOND};
use crate::view::{Layout, Still, View, state_json};
use gloo::timers::callback::Timeout;
use js_sys::Function;
use serde_json::Value;
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use yew::Callback;

/// A step of the step button.
pub const STEP: Nanos = SECOND / 4;

/// A command line and its output so far.
#[derive(Clone, Debug, PartialEq)]
pub struct ConsoleLine {
    /// Its number.
    pub id: u64,
    /// As typed.
    pub line: String,
    /// What it printed.
    pub text: String,
    /// Whether it has ended.
    pub ended: bool,
}

/// What the components show.
#[derive(Clone, PartialEq)]
pub struct Shown {
    /// The lab's view.
    pub view: View,
    /// Where everything is.
    pub layout: Rc<Layout>,
    /// Whether time passes.
    pub playing: bool,
    /// Virtual seconds per second.
    pub speed: f64,
    /// Name of the preset.
    pub preset: String,
    /// Clients and their rates in requests per 1000 seconds.
    pub rates: Vec<(String, u64, bool)>,
    /// The console.
    pub console: Rc<Vec<ConsoleLine>>,
    /// Nodes that are cut off.
    pub down: Vec<String>,
    /// The moment at which a known future was given up for another one, if that can be undone.
    pub cut_at: Option<Nanos>,
    /// Of the answered requests every so many-th is drawn.
    pub every: u64,
    /// How many times larger than its window the stage is.
    pub zoom: f32,
    /// The stage's point at the window's left upper corner.
    pub corner: (f32, f32),
    /// What the last step showed.
    pub still: Option<Rc<Still>>,
    /// A large lab comes up: its Pods that are ready, and all of them.
    pub coming: Option<(usize, usize)>,
}

/// The one engine of the page, shared by its components.
#[derive(Clone)]
pub struct Handle {
    engine: Rc<RefCell<Engine>>,
    frame: Rc<Closure<dyn FnMut(f64)>>,
    rest: Rc<RefCell<Option<Timeout>>>,
}

impl PartialEq for Handle {
    fn eq(&self, other: &Handle) -> bool {
        Rc::ptr_eq(&self.engine, &other.engine)
    }
}

fn window() -> web_sys::Window {
    gloo::utils::window()
}

impl Handle {
    /// An engine with a fresh lab.
    pub fn new(preset: &str, speed: f64, playing: bool) -> Handle {
        let engine = Rc::new(RefCell::new(Engine::new(preset, speed, playing)));
        let slot: Rc<RefCell<Option<Handle>>> = Rc::default();
        let weak = slot.clone();
        let frame = Closure::new(move |at: f64| {
            let handle = weak.borrow().clone();
            if let Some(handle) = handle {
                handle.frame(at);
            }
        });
        let handle = Handle { engine, frame: Rc::new(frame), rest: Rc::default() };
        *slot.borrow_mut() = Some(handle.clone());
        handle
    }

    /// Who is told what to show. It is told at once.
    pub fn listen(&self, listener: Callback<News>) {
        self.engine.borrow_mut().listener = Some(listener);
        self.refresh();
    }

    /// What to show now.
    pub fn shown(&self) -> Rc<Shown> {
        self.engine.borrow_mut().shown()
    }

    /// Shows the state of now in the next frame, also when time stands still.
    pub fn refresh(&self) {
        self.engine.borrow_mut().stale = true;
        self.wake();
    }

    fn wake(&self) {
        self.rest.take();
        let mut engine = self.engine.borrow_mut();
        if !engine.scheduled {
            let asked = window().request_animation_frame((*self.frame).as_ref().unchecked_ref());
            engine.scheduled = asked.is_ok();
        }
    }

    fn frame(&self, at: f64) {
        let told = self.engine.borrow_mut().frame(at);
        if let Some((listener, news)) = told {
            listener.emit(news);
        }
        let finished = self.engine.borrow_mut().finished();
        for (resolve, text) in finished {
            drop(resolve.call1(&JsValue::NULL, &JsValue::from_str(&text)));
        }
        let (rests, goes_on) = {
            let e = self.engine.borrow();
            (e.rests(), e.runs() || e.stale || !e.turns.are_over() || e.seek_to.is_some() || e.coming.is_some())
        };
        if rests {
            let handle = self.clone();
            *self.rest.borrow_mut() = Some(Timeout::new(REST_MS as u32, move || handle.wake()));
        } else if goes_on {
            self.wake();
        }
    }

    /// Lets time pass.
    pub fn play(&self) {
        {
            let mut e = self.engine.borrow_mut();
            e.playing = true;
            e.last_frame = None;
        }
        self.refresh();
    }

    /// Lets time pass if it stands still, or stops it: by how it is now, not by what is shown yet.
    pub fn toggle(&self) {
        let playing = self.engine.borrow().playing;
        if playing { self.pause() } else { self.play() }
    }

    /// Stops time.
    pub fn pause(&self) {
        self.engine.borrow_mut().playing = false;
        self.refresh();
    }

    /// Virtual seconds per second.
    pub fn speed(&self, speed: f64) {
        if speed.is_finite() {
            self.engine.borrow_mut().speed = speed.clamp(0.01, 1000.0);
            self.refresh();
        }
    }

    /// Lets a span of virtual time pass at once.
    pub fn step(&self, span: Nanos) {
        self.step_to(Step::By(span));
    }

    /// Lets time pass at once until something happens.
    pub fn step_to(&self, step: Step) {
        self.engine.borrow_mut().step(step);
        self.refresh();
    }

    /// Goes to a moment of the run, back or forth, with the next frame.
    pub fn seek(&self, to: Nanos) {
        self.engine.borrow_mut().seek_to = Some(to);
        self.refresh();
    }

    /// Holds time while somebody drags, or lets it go on as before.
    pub fn hold(&self, held: bool) {
        {
            let mut e = self.engine.borrow_mut();
            e.held = held;
            e.last_frame = None;
        }
        self.refresh();
    }

    /// Makes the scene larger or smaller around a point of its window (its middle without one).
    pub fn zoom_by(&self, factor: f32, around: Option<(f32, f32)>) {
        self.engine.borrow_mut().zoom_by(factor, around);
        self.refresh();
    }

    /// Moves the scene's window over it, in CSS pixels.
    pub fn pan_by(&self, x: f32, y: f32) {
        self.engine.borrow_mut().pan_by(x, y);
        self.refresh();
    }

    /// The uid of the Pod that is chosen: it is lit where Pods are cells.
    pub fn choose(&self, uid: Option<String>) {
        self.engine.borrow_mut().chosen = uid;
        self.refresh();
    }

    /// Gives back the future that was given up last.
    pub fn undo_cut(&self) {
        {
            let mut e = self.engine.borrow_mut();
            if e.history.undo_cut() {
                e.chart = e.cut_chart.take();
                e.still();
            }
        }
        self.refresh();
    }

    /// Begins anew.
    pub fn restart(&self, preset: &str) {
        self.engine.borrow_mut().restart(preset);
        self.refresh();
    }

    /// Whether the page can be seen. Off screen, time stands still and nothing is drawn.
    pub fn on_screen(&self, seen: bool) {
        {
            let mut e = self.engine.borrow_mut();
            e.on_screen = seen;
            e.last_frame = None;
        }
        self.refresh();
    }

    /// Does what a person asked for.
    pub fn apply(&self, command: Command) {
        {
            let mut e = self.engine.borrow_mut();
            e.cut();
            e.history.apply(command);
        }
        self.refresh();
    }

    /// Runs a kubectl line: what it printed so far, and whether it failed.
    pub fn kubectl(&self, line: &str) -> (String, bool) {
        let answer = {
            let mut e = self.engine.borrow_mut();
            e.cut();
            let id = e.history.kubectl(line);
            let run = e.history.lab().output(id);
            run.map_or((String::new(), true), |r| (r.text.trim_end().to_string(), r.exit.is_some_and(|e| e != 0)))
        };
        self.refresh();
        answer
    }

    /// Runs a kubectl line; `resolve` is called with what it printed, when it has ended.
    pub fn run(&self, line: &str, resolve: Function) {
        {
            let mut e = self.engine.borrow_mut();
            e.cut();
            let id = e.history.kubectl(line);
            e.waiting.push((id, resolve));
        }
        self.refresh();
    }

    /// The run from before a moment once more, with one thing otherwise.
    pub fn trial(&self, cause: Nanos, way: &Way) -> Option<Trial> {
        self.engine.borrow().history.trial(cause, way)
    }

    /// Looks at the lab as it is now.
    pub fn look<R>(&self, f: impl FnOnce(&Lab) -> R) -> R {
        f(self.engine.borrow().history.lab())
    }

    /// The moment that is shown, in one sentence.
    pub fn summary(&self) -> String {
        self.engine.borrow().summary()
    }

    /// The telling moments of the run until now, as a film strip.
    pub fn film(&self, most: u64, dark: bool) -> String {
        self.engine.borrow().film(most, dark)
    }

    /// The run as a session that `ksl replay` plays.
    pub fn transcript(&self) -> String {
        transcript(self.engine.borrow().history.lab())
    }

    /// The scene of this moment as an SVG document.
    pub fn svg(&self) -> String {
        self.engine.borrow().svg()
    }

    /// What `window.kubeServiceLab.state()` answers.
    pub fn state(&self) -> Value {
        let e = self.engine.borrow();
        state_json(e.history.lab(), e.frames, e.playing, e.speed)
    }
}
