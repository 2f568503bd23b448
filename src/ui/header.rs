//! The head of the page: name, preset, time, theme, help.

use super::app::{Part, set_theme};
use super::canvas::is_dark;
use super::engine::STEP;
use super::popup::{Popup, give_back, use_way_out};
use super::share::{Embed, Share};
use super::text;
use crate::lab::presets::{self, PRESETS};
use crate::view::words;
use web_sys::HtmlSelectElement;
use yew::prelude::*;

/// What the head can open; one is open at a time.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sheet {
    /// A link.
    Share,
    /// The lines to paste.
    Embed,
    /// How to read the scene, and what is simulated.
    Help,
}

/// Speeds to choose from.
const SPEEDS: &[(&str, f64)] = &[
    ("×0.1", 0.1),
    ("×0.25", 0.25),
    ("×0.5", 0.5),
    ("×1", 1.0),
    ("×2", 2.0),
    ("×5", 5.0),
    ("×10", 10.0),
    ("×60", 60.0),
    ("×100", 100.0),
    ("×1000", 1000.0),
];

/// The head of the page.
#[component]
pub fn Header(part: &Part) -> Html {
    let sheet = use_state(|| None::<Sheet>);
    let head = use_node_ref();
    let handle = &part.handle;
    let shown = &part.shown;
    let toggle = {
        let h = handle.clone();
        move |_| h.toggle()
    };
    let restart = {
        let (h, preset) = (handle.clone(), shown.preset.clone());
        move |_| h.restart(&preset)
    };
    let step = {
        let h = handle.clone();
        move |_| {
            h.pause();
            h.step(STEP)
        }
    };
    let theme = {
        let h = handle.clone();
        move |_| {
            set_theme(if is_dark() { "light" } else { "dark" });
            h.refresh()
        }
    };
    let preset = {
        let h = handle.clone();
        move |e: Event| h.restart(&e.target_unchecked_into::<HtmlSelectElement>().value())
    };
    let speed = {
        let h = handle.clone();
        move |e: Event| {
            let value = e.target_unchecked_into::<HtmlSelectElement>().value();
            if let Some((_, x)) = SPEEDS.iter().find(|(name, _)| *name == value) {
                h.speed(*x);
            }
        }
    };
    let ask = part.ask.reform(|_: MouseEvent| ());
    let open = |which: Sheet| {
        let sheet = sheet.clone();
        move |_| sheet.set((*sheet != Some(which)).then_some(which))
    };
    let is_open = |which: Sheet| (*sheet == Some(which)).to_string();
    let shut = use_callback((), {
        let sheet = sheet.setter();
        move |(), ()| sheet.set(None)
    });
    use_way_out(sheet.is_some(), head.clone(), shut.clone());
    let close = {
        let (head, shut) = (head.clone(), shut.clone());
        Callback::from(move |()| {
            give_back(&head);
            shut.emit(());
        })
    };
    html! {
        <header class="head" ref={head}>
            <div class="brand">
                <svg viewBox="0 0 24 24" width="26" height="26" aria-hidden="true">
                    <path d="M12 1.5 21 6.8v10.4L12 22.5 3 17.2V6.8z" fill="none" stroke="var(--service)" stroke-width="2" />
                    <circle cx="12" cy="12" r="3" fill="var(--service)" />
                </svg>
                <h1>{ text::NAME }</h1>
            </div>
            <select class="preset" aria-label={text::PRESET} onchange={preset}>
                { for PRESETS.iter().map(|p| html! {
                    <option value={p.name} selected={p.name == shown.preset}>{ p.title }</option>
                }) }
            </select>
            <p class="hint">{ presets::find(&shown.preset).hint }</p>
            <div class="time" role="group" aria-label={text::TIME}>
                <button onclick={restart} aria-label={text::RESTART} title={text::RESTART}>{ "↺" }</button>
                <button class="primary" onclick={toggle} aria-label={if shown.playing { text::PAUSE } else { text::PLAY }}>
                    { if shown.playing { "‖" } else { "▶" } }
                </button>
                <button onclick={step} aria-label={text::STEP} title={text::STEP_HOW}>{ "▸|" }</button>
                <span class="clock" role="timer" aria-label={text::CLOCK}>{ words::clock(shown.view.now) }</span>
                <select aria-label={text::SPEED} onchange={speed}>
                    { for SPEEDS.iter().map(|(name, x)| html! {
                        <option value={*name} selected={(*x - shown.speed).abs() < 1e-9}>{ *name }</option>
                    }) }
                    if !SPEEDS.iter().any(|(_, x)| (*x - shown.speed).abs() < 1e-9) {
                        <option selected=true>{ format!("×{}", shown.speed) }</option>
                    }
                </select>
            </div>
            <div class="more">
                <button onclick={ask} aria-keyshortcuts="Control+K">{ text::ASK }<kbd aria-hidden="true">{ text::ASK_KEYS }</kbd></button>
                <button onclick={open(Sheet::Share)} aria-expanded={is_open(Sheet::Share)}>{ text::SHARE }</button>
                <button onclick={open(Sheet::Embed)} aria-expanded={is_open(Sheet::Embed)}>{ text::EMBED }</button>
                <button onclick={theme} aria-label={text::THEME} title={text::THEME}>{ "◐" }</button>
                <button onclick={open(Sheet::Help)} aria-label={text::HELP} title={text::HELP} aria-expanded={is_open(Sheet::Help)}>{ "?" }</button>
            </div>
            { match *sheet {
                None => Html::default(),
                Some(Sheet::Share) => html! { <Share part={part.clone()} {close} /> },
                Some(Sheet::Embed) => html! { <Embed part={part.clone()} {close} /> },
                Some(Sheet::Help) => help(close),
            } }
        </header>
    }
}

/// How to read the scene, what is simulated, and where that is told in full.
fn help(close: Callback<()>) -> Html {
    let list = |lines: &[(&'static str, &'static str)]| {
        html! { <dl>{ for lines.iter().map(|(what, how)| html! { <><dt>{ *what }</dt><dd>{ *how }</dd></> }) }</dl> }
    };
    html! {
        <Popup title={text::HELP} class="help" {close}>
            { list(text::LEGEND) }
            <h2>{ text::WORDS_HERE }</h2>
            { list(text::WORDS) }
            <h2>{ text::WHAT_IS_SIMULATED }</h2>
            <p>{ text::SIMULATOR }</p>
            { list(text::SIMULATED) }
            <p><a href="what-is-simulated.html" target="_blank" rel="noopener">{ text::SIMULATED_IN_FULL }</a></p>
        </Popup>
    }
}
