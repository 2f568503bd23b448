//! A client as a card.

use super::{Lit, at};
use crate::ui::text;
use crate::view::{ClientCard, Rect};
use std::rc::Rc;
use yew::prelude::*;

/// Cards lower than this have smaller letters.
const LOW: f32 = 52.0;

#[derive(PartialEq, Properties)]
pub struct ClientProps {
    pub client: Rc<ClientCard>,
    pub place: Rect,
    pub rate: Option<u64>,
    pub lit: Lit,
    pub chosen: Callback<()>,
}

#[component]
pub fn ClientView(props: &ClientProps) -> Html {
    let ClientProps { client, place, rate, lit, chosen } = props;
    let failing = client.recent.1 > client.recent.0 / 20;
    let id = format!("client/{}", client.name);
    let class = classes!(
        "client",
        client.stubborn.then_some("stubborn"),
        client.absent.then_some("absent"),
        (place.h < LOW).then_some("low"),
        lit.client(client).then_some("lit"),
    );
    let onclick = {
        let chosen = chosen.clone();
        move |_| chosen.emit(())
    };
    let rate = rate.map(text::per_second).unwrap_or_default();
    let words = text::client(&client.name, &client.detail, &rate, failing);
    html! {
        <button {class} style={at(*place)} {onclick} aria-label={words} aria-pressed={lit.is(&id).to_string()}>
            <strong>{ &*client.name }</strong>
            <span class="mono">{ &client.detail }</span>
            <span class="mono rate">{ rate }</span>
            if failing { <span class="mark">{ "✕ failing" }</span> }
        </button>
    }
}
