//! A tick for each request that fails, for those who ask for it. Off at first; it needs nothing but the browser's own tone.

use super::app::Part;
use super::forms::Switch;
use super::{memory, text};
use crate::view::Fate;
use web_sys::AudioContext;
use yew::prelude::*;

/// Pitch in hertz, length in seconds, and loudness of a tick.
const PITCH: f32 = 660.0;
const LENGTH: f64 = 0.06;
const LOUDNESS: f32 = 0.08;

fn tick(audio: &AudioContext) -> Result<(), wasm_bindgen::JsValue> {
    let (tone, gain) = (audio.create_oscillator()?, audio.create_gain()?);
    tone.frequency().set_value(PITCH);
    gain.gain().set_value(LOUDNESS);
    tone.connect_with_audio_node(&gain)?.connect_with_audio_node(&audio.destination())?;
    tone.start()?;
    tone.stop_with_when(audio.current_time() + LENGTH)
}

/// The switch, and the ticks while it is on: at most one each time the panels are shown anew.
#[component]
pub fn Sound(part: &Part) -> Html {
    let on = use_state(|| memory::recall("ticks").is_some_and(|v| v == "on"));
    let audio = use_mut_ref(|| None::<AudioContext>);
    let newest = part.shown.view.requests.iter().filter(|r| r.fate != Fate::Answered).map(|r| r.id).max();
    {
        let (audio, on) = (audio.clone(), *on);
        use_effect_with((newest, part.shown.playing), move |(newest, playing)| {
            if on && *playing && newest.is_some() {
                let mut audio = audio.borrow_mut();
                if audio.is_none() {
                    *audio = AudioContext::new().ok();
                }
                drop(audio.as_ref().map(tick));
            }
        });
    }
    let set = {
        let on = on.clone();
        Callback::from(move |new: bool| {
            memory::keep("ticks", if new { "on" } else { "off" });
            on.set(new);
        })
    };
    html! { <Switch id="ticks" label={text::TICKS} on={*on} {set} /> }
}
