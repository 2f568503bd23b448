//! The whole page: starts the engine and hands what it shows to the parts.

use super::controls::Controls;
use super::engine::{Handle, Shown};
use super::header::Header;
use super::palette::Palette;
use super::panels::Panels;
use super::query::Wishes;
use super::scene::SceneView;
use super::timeline::TimelineView;
use super::turns::{Area, News};
use super::{door, memory, text};
use crate::api::Key;
use crate::view::RequestLine;
use gloo::events::{EventListener, EventListenerOptions};
use std::rc::Rc;
use wasm_bindgen::prelude::*;
use yew::prelude::*;

/// What every part gets.
#[derive(Clone, Properties)]
pub struct Part {
    /// What to show.
    pub shown: Rc<Shown>,
    /// The engine.
    pub handle: Handle,
    /// The uid of the Pod that is selected.
    pub selected: Option<AttrValue>,
    /// Selects a Pod.
    pub select: Callback<Option<AttrValue>>,
    /// The panel that is open, by its name.
    pub panel: AttrValue,
    /// Opens a panel, also when the column of the panels is folded away.
    pub open: Callback<AttrValue>,
    /// Whether that column is folded away.
    pub folded: bool,
    /// Folds it away, or unfolds it.
    pub fold: Callback<bool>,
    /// The request that is looked at.
    pub request: Option<Rc<RequestLine>>,
    /// Chooses a request to look at.
    pub choose: Callback<Option<Rc<RequestLine>>>,
    /// Opens the command palette.
    pub ask: Callback<()>,
}

impl PartialEq for Part {
    /// What is shown is the same only if it is the same `Rc`: the engine makes a new one at each look.
    fn eq(&self, other: &Part) -> bool {
        let same = |part: &Part| (part.selected.clone(), part.select.clone(), part.panel.clone(), part.open.clone());
        Rc::ptr_eq(&self.shown, &other.shown)
            && self.handle == other.handle
            && same(self) == same(other)
            && (self.folded, &self.fold) == (other.folded, &other.fold)
            && self.request == other.request
            && self.choose == other.choose
            && self.ask == other.ask
    }
}

impl Part {
    /// The selected Pod's key.
    pub fn selected_key(&self) -> Option<Key> {
        let scene = &self.shown.view.scene;
        let mut all = scene.pods.iter().chain(&scene.waiting);
        let uid = self.selected.as_ref()?;
        all.find(|c| *c.uid == **uid).map(|c| Key::new(crate::view::NAMESPACE, &c.name))
    }
}

/// The whole page.
#[component]
pub fn App() -> Html {
    let wishes = use_memo((), |()| Wishes::read());
    let handle = use_state(|| {
        let handle = Handle::new(&wishes.preset, wishes.speed, !wishes.paused);
        door::open(&handle);
        handle
    });
    let handle = (*handle).clone();
    let [scene, chart, columns] = use_news(&handle);
    {
        let (handle, wishes) = (handle.clone(), wishes.clone());
        use_effect_with((), move |()| {
            set_theme(&wishes.theme);
            let resize = {
                let handle = handle.clone();
                move |_: &Event| handle.refresh()
            };
            let listener = EventListener::new(&gloo::utils::window(), "resize", resize);
            watch_screen(&handle);
            move || drop(listener)
        });
    }
    let (selected, select) = use_choice(|| None::<AttrValue>);
    let (panel, turn_to) = use_choice(|| AttrValue::from(memory::recall("panel").unwrap_or_default()));
    let (folded, fold) = use_choice(|| memory::recall("panels-folded").is_some_and(|f| f == "yes"));
    let open = use_callback((turn_to, fold.clone()), |panel: AttrValue, (turn_to, fold)| {
        memory::keep("panel", &panel);
        turn_to.emit(panel);
        fold.emit(false);
    });
    let (request, choose) = use_choice(|| None::<Rc<RequestLine>>);
    let (asking, asks) = use_choice(|| false);
    let ask = use_callback(asks.clone(), |(), asks| asks.emit(true));
    let close = use_callback(asks, |(), asks| asks.emit(false));
    use_shortcut(ask.clone());
    let part = |shown: Rc<Shown>| Part {
        shown,
        handle: handle.clone(),
        selected: selected.clone(),
        select: select.clone(),
        panel: panel.clone(),
        open: open.clone(),
        folded,
        fold: fold.clone(),
        request: request.clone(),
        choose: choose.clone(),
        ask: ask.clone(),
    };
    let (scene, chart, columns) = (part(scene), part(chart), part(columns));
    let chrome = wishes.chrome.clone();
    html! {
        <div class={classes!("page", format!("chrome-{chrome}"))}>
            if chrome == "scene" {
                <h1 class="unseen">{ text::NAME }</h1>
            } else {
                <Header ..scene.clone() />
            }
            <main class="body">
                if chrome != "scene" {
                    <Controls ..columns.clone() />
                }
                <div class="centre">
                    <SceneView ..scene />
                    <TimelineView ..chart />
                </div>
                if chrome == "full" {
                    <Panels ..columns.clone() />
                }
            </main>
            if chrome != "scene" {
                <Palette part={columns.clone()} open={asking} {close} />
            }
            <Announcer ..columns />
        </div>
    }
}

/// What the scene, the chart and the columns show: each is told when it is its turn.
#[hook]
fn use_news(handle: &Handle) -> [Rc<Shown>; 3] {
    let first = use_memo((), |()| handle.shown());
    let (scene, chart, columns) =
        (use_state(|| (*first).clone()), use_state(|| (*first).clone()), use_state(|| (*first).clone()));
    let shows = [(Area::Scene, scene.setter()), (Area::Chart, chart.setter()), (Area::Columns, columns.setter())];
    let handle = handle.clone();
    use_effect_with((), move |()| {
        handle.listen(Callback::from(move |news: News| {
            let meant = shows.iter().filter(|(area, _)| news.is_for(*area));
            meant.for_each(|(_, show)| show.set(news.shown.clone()));
        }));
    });
    [(*scene).clone(), (*chart).clone(), (*columns).clone()]
}

/// Something that can be chosen, and how: always by the same callback, so that nothing is drawn anew for it.
#[hook]
fn use_choice<T: Clone + PartialEq + 'static>(first: impl FnOnce() -> T) -> (T, Callback<T>) {
    let state = use_state_eq(first);
    let choose = use_callback((), {
        let setter = state.setter();
        move |new: T, ()| setter.set(new)
    });
    ((*state).clone(), choose)
}

/// Sets the theme; empty: as the system has it.
pub fn set_theme(theme: &str) {
    let Some(root) = gloo::utils::document().document_element() else { return };
    drop(if theme.is_empty() { root.remove_attribute("data-theme") } else { root.set_attribute("data-theme", theme) });
}

/// Ctrl+K (or Cmd+K) anywhere on the page opens the command palette.
#[hook]
fn use_shortcut(ask: Callback<()>) {
    use_effect_with((), move |()| {
        let options = EventListenerOptions::enable_prevent_default();
        let listener = EventListener::new_with_options(&gloo::utils::document(), "keydown", options, move |e| {
            let Some(e) = e.dyn_ref::<web_sys::KeyboardEvent>() else { return };
            if (e.ctrl_key() || e.meta_key()) && !e.shift_key() && !e.alt_key() && e.key().eq_ignore_ascii_case("k") {
                e.prevent_default();
                ask.emit(());
            }
        });
        move || drop(listener)
    });
}

/// Stops time while nothing of the page can be seen, and places everything anew when the scene has another size (also when
/// only the chart below it has grown, while time stands still).
fn watch_screen(handle: &Handle) {
    let Some(scene) = gloo::utils::document().get_element_by_id(super::canvas::SCENE) else { return };
    let seen = {
        let handle = handle.clone();
        Closure::<dyn Fn(js_sys::Array)>::new(move |entries: js_sys::Array| {
            if let Ok(entry) = entries.get(entries.length() - 1).dyn_into::<web_sys::IntersectionObserverEntry>() {
                handle.on_screen(entry.is_intersecting());
            }
        })
    };
    let handle = handle.clone();
    let resized = Closure::<dyn Fn()>::new(move || handle.refresh());
    if let Ok(observer) = web_sys::IntersectionObserver::new(seen.as_ref().unchecked_ref()) {
        observer.observe(&scene);
        seen.forget();
    }
    if let Ok(observer) = web_sys::ResizeObserver::new(resized.as_ref().unchecked_ref()) {
        observer.observe(&scene);
        resized.forget();
    }
}

/// Says what happens to those who do not see it, at a rate that a person can follow.
#[component]
fn Announcer(part: &Part) -> Html {
    // A change is said after five seconds of virtual calm at the earliest.
    let said = use_mut_ref(|| (f64::MIN, AttrValue::from("")));
    let now = gloo::utils::window().performance().map_or(0.0, |p| p.now());
    let mut last = said.borrow_mut();
    let summary = part.shown.view.spoken.split(". ").next().unwrap_or_default().to_string();
    if now - last.0 > 5_000.0 && *last.1 != *summary {
        *last = (now, summary.into());
    }
    html! { <div class="unseen" role="status" aria-live="polite">{ last.1.clone() }</div> }
}
