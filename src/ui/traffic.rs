//! A slider for each client's rate.

use super::app::Part;
use super::text;
use crate::lab::Command;
use crate::view::words;
use web_sys::HtmlInputElement;
use yew::prelude::*;

/// The clients' rates.
#[component]
pub fn Traffic(part: &Part) -> Html {
    let slider = |(name, milli, stubborn): &(String, u64, bool)| {
        let (handle, client) = (part.handle.clone(), name.clone());
        let oninput = move |e: InputEvent| {
            let input = e.target_unchecked_into::<HtmlInputElement>();
            let rate = input.value_as_number().clamp(0.0, 1000.0) as u64;
            handle.apply(Command::SetRate { client: client.clone(), rate_milli: rate * 1000 });
        };
        let rate = (milli + 500) / 1000;
        let max = if rate > 40 { 300 } else { 40 };
        let title = if *stubborn { format!("{name} → {}", text::ONE_PODS_ADDRESS) } else { name.clone() };
        html! {
            <div class={classes!("slider", stubborn.then_some("stubborn"))} key={name.clone()}>
                <label>
                    <span>{ &title }</span>
                    <span class="mono">{ text::per_second(rate) }</span>
                    <input type="range" min="0" max={max.to_string()} value={rate.to_string()} {oninput}
                        aria-label={title.clone()} aria-valuetext={words::counted(rate as usize, "request") + " a second"} />
                </label>
            </div>
        }
    };
    html! {
        <section class="traffic" aria-label={text::TRAFFIC}>
            <h3>{ text::TRAFFIC }</h3>
            { for part.shown.rates.iter().map(slider) }
        </section>
    }
}
