//! The lab and its clock: turns the browser's frames into virtual time, and virtual time into what is shown.

use super::canvas::Canvas;
use super::text;
use crate::lab::{Command, Lab};
use crate::time::{MILLISECOND, Nanos, SECOND};
use crate::view::{Counts, Layout, Motion, Scene, View, Watcher, state_json};
use js_sys::Function;
use serde_json::Value;
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use yew::Callback;

/// Events of the model that one frame may handle: a slow moment slows the clock, not the page.
const BUDGET: u64 = 20_000;
/// The longest time between two frames that counts (a hidden tab has no frames).
const LONGEST_FRAME_MS: f64 = 100.0;
/// Milliseconds between two updates of cards and panels.
const VIEW_MS: f64 = 180.0;
/// What is remembered is looked at after at most this much virtual time.
const LOOK: Nanos = 200 * MILLISECOND;

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
}

struct Engine {
    lab: Lab,
    watcher: Watcher,
    motion: Motion,
    layout: Rc<Layout>,
    scene: Rc<Scene>,
    canvas: Option<Canvas>,
    playing: bool,
    speed: f64,
    on_screen: bool,
    scheduled: bool,
    frames: u64,
    last_frame: Option<f64>,
    last_view: f64,
    stale: bool,
    listener: Option<Callback<Rc<Shown>>>,
    waiting: Vec<(u64, Function)>,
}

/// The one engine of the page, shared by its components.
#[derive(Clone)]
pub struct Handle {
    engine: Rc<RefCell<Engine>>,
    frame: Rc<Closure<dyn FnMut(f64)>>,
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
        let lab = Lab::start(preset, 1);
        let mut watcher = Watcher::default();
        let scene = watcher.view(&lab, speed).scene;
        let layout = Rc::new(layout_for(&scene, 820.0, 540.0));
        let mut motion = Motion::default();
        motion.clear(&lab);
        let engine = Rc::new(RefCell::new(Engine {
            lab,
            watcher,
            motion,
            layout,
            scene,
            canvas: None,
            playing,
            speed,
            on_screen: true,
            scheduled: false,
            frames: 0,
            last_frame: None,
            last_view: 0.0,
            stale: true,
            listener: None,
            waiting: vec![],
        }));
        let slot: Rc<RefCell<Option<Handle>>> = Rc::default();
        let weak = slot.clone();
        let frame = Closure::new(move |at: f64| {
            let handle = weak.borrow().clone();
            if let Some(handle) = handle {
                handle.frame(at);
            }
        });
        let handle = Handle { engine, frame: Rc::new(frame) };
        *slot.borrow_mut() = Some(handle.clone());
        handle
    }

    /// Who is told what to show. It is told at once.
    pub fn listen(&self, listener: Callback<Rc<Shown>>) {
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
        let mut engine = self.engine.borrow_mut();
        if !engine.scheduled {
            let asked = window().request_animation_frame((*self.frame).as_ref().unchecked_ref());
            engine.scheduled = asked.is_ok();
        }
    }

    fn frame(&self, at: f64) {
        let told = self.engine.borrow_mut().frame(at);
        if let Some((listener, shown)) = told {
            listener.emit(shown);
        }
        let finished = self.engine.borrow_mut().finished();
        for (resolve, text) in finished {
            drop(resolve.call1(&JsValue::NULL, &JsValue::from_str(&text)));
        }
        let goes_on = {
            let e = self.engine.borrow();
            (e.playing && e.on_screen) || e.stale
        };
        if goes_on {
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
        {
            let mut engine = self.engine.borrow_mut();
            let until = engine.lab.now() + span;
            engine.advance(until, u64::MAX);
            engine.still();
        }
        self.refresh();
    }

    /// Begins anew.
    pub fn restart(&self, preset: &str) {
        {
            let mut engine = self.engine.borrow_mut();
            engine.lab = Lab::start(preset, 1);
            engine.watcher = Watcher::default();
            let Engine { motion, lab, .. } = &mut *engine;
            motion.clear(lab);
            engine.last_frame = None;
        }
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
        self.engine.borrow_mut().lab.apply(command);
        self.refresh();
    }

    /// Runs a kubectl line: what it printed so far, and whether it failed.
    pub fn kubectl(&self, line: &str) -> (String, bool) {
        let answer = {
            let mut engine = self.engine.borrow_mut();
            let id = engine.lab.kubectl(line);
            let run = engine.lab.output(id);
            run.map_or((String::new(), true), |r| (r.text.trim_end().to_string(), r.exit.is_some_and(|e| e != 0)))
        };
        self.refresh();
        answer
    }

    /// Runs a kubectl line; `resolve` is called with what it printed, when it has ended.
    pub fn run(&self, line: &str, resolve: Function) {
        {
            let mut engine = self.engine.borrow_mut();
            let id = engine.lab.kubectl(line);
            engine.waiting.push((id, resolve));
        }
        self.refresh();
    }

    /// What `window.kubeServiceLab.state()` answers.
    pub fn state(&self) -> Value {
        let e = self.engine.borrow();
        state_json(&e.lab, e.frames, e.playing, e.speed)
    }
}

fn layout_for(scene: &Scene, width: f32, height: f32) -> Layout {
    let outside = scene.clients.iter().filter(|c| c.node.is_none()).count();
    let counts = Counts { nodes: scene.nodes.len(), slots: scene.slots, bars: scene.bars.len(), outside };
    Layout::new(width, height, counts)
}

impl Engine {
    /// One frame; what is to be told to whom.
    fn frame(&mut self, at: f64) -> Option<(Callback<Rc<Shown>>, Rc<Shown>)> {
        self.scheduled = false;
        self.frames += 1;
        let passed = self.last_frame.map_or(0.0, |last| (at - last).clamp(0.0, LONGEST_FRAME_MS));
        self.last_frame = Some(at);
        if self.playing && self.on_screen {
            let until = self.lab.now() + (passed * self.speed * MILLISECOND as f64) as Nanos;
            self.advance(until, BUDGET);
            let Engine { motion, lab, scene, layout, watcher, .. } = self;
            motion.observe(lab, scene, layout, watcher);
            motion.advance(passed as f32 * self.speed.clamp(0.05, 1.0) as f32);
        }
        self.draw();
        if !self.stale && at - self.last_view < VIEW_MS {
            return None;
        }
        self.last_view = at;
        self.stale = false;
        let shown = self.shown();
        self.listener.clone().map(|listener| (listener, shown))
    }

    fn advance(&mut self, until: Nanos, budget: u64) {
        while self.lab.now() < until {
            let next = until.min(self.lab.now() + LOOK.max((until - self.lab.now()) / 64));
            let done = self.lab.advance(next, budget);
            self.watcher.observe(&self.lab);
            if !done {
                return;
            }
        }
    }

    /// After a step: requests of the step stand at their ends.
    fn still(&mut self) {
        let Engine { motion, lab, scene, layout, watcher, .. } = self;
        motion.observe(lab, scene, layout, watcher);
        motion.advance(crate::view::FLIGHT_MS * 0.55);
    }

    fn draw(&mut self) {
        if self.canvas.is_none() {
            self.canvas = Canvas::find();
        }
        if let Some(canvas) = &mut self.canvas {
            canvas.draw(&self.motion, self.layout.width, self.layout.height);
        }
    }

    fn shown(&mut self) -> Rc<Shown> {
        let view = self.watcher.view(&self.lab, self.speed);
        self.scene = view.scene.clone();
        let (width, height) = super::canvas::scene_size().unwrap_or((self.layout.width, self.layout.height));
        let layout = layout_for(&self.scene, width, height);
        if layout != *self.layout {
            if (layout.width, layout.height) != (self.layout.width, self.layout.height) {
                self.canvas = None;
                self.stale = true;
            }
            let Engine { motion, lab, .. } = self;
            motion.clear(lab);
            self.layout = Rc::new(layout);
        }
        let clients = self.lab.traffic().clients();
        let rates = clients.map(|c| (c.setting.name.clone(), c.setting.pattern.rate_milli(), c.setting.stubborn)).collect();
        let lines = self.lab.outputs().map(|(id, run)| {
            let (line, text) = (run.line.clone(), run.text.clone());
            ConsoleLine { id, line, text, ended: run.exit.is_some() }
        });
        let machines = self.lab.cluster().machines().iter();
        Rc::new(Shown {
            view,
            layout: self.layout.clone(),
            playing: self.playing,
            speed: self.speed,
            preset: self.lab.preset.clone(),
            rates,
            console: Rc::new(lines.collect()),
            down: machines.filter(|(_, m)| !m.up).map(|(name, _)| name.to_string()).collect(),
        })
    }

    /// Command lines of scripts that have ended.
    fn finished(&mut self) -> Vec<(Function, String)> {
        let mut done = vec![];
        let lab = &self.lab;
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

/// A step of the step button.
pub const STEP: Nanos = SECOND / 4;
