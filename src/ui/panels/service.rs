//! The Service: its front, the list behind it, and how requests fared.

use crate::ui::app::Part;
use crate::ui::scene::revision_class;
use crate::ui::text;
use crate::view::words;
use yew::prelude::*;

/// The tab "Service".
#[component]
pub fn ServiceTab(part: &Part) -> Html {
    let view = &part.shown.view;
    let last = &view.last60;
    let Some(service) = &view.service else {
        return html! { <p class="quiet">{ text::NO_SERVICE }</p> };
    };
    let why = {
        let open = part.open.clone();
        move |_| open.emit(AttrValue::Static("Why?"))
    };
    let row = |name: &str, value: String, class: &'static str| html! { <><dt>{ name }</dt><dd class={classes!("mono", class)}>{ value }</dd></> };
    html! {
        <>
            <h3>{ text::FRONT }</h3>
            <dl class="facts">{ for service.front.iter().map(|(name, value)| row(name, value.clone(), "")) }</dl>
            <h3>{ text::BACK }</h3>
            <p class="quiet mono">{ service.slices.join(" ") }</p>
            <table class="ends-table">
                <thead><tr><th>{ text::ENDPOINT }</th><th>{ text::SHARE_OF_TRAFFIC }</th><th>{ text::STATE }</th></tr></thead>
                <tbody>
                    { for service.endpoints.iter().take(60).map(|e| html! {
                        <tr key={e.address.clone()}>
                            <td class="mono" title={e.pod.clone()}><i class={revision_class(e.revision)} />{ &e.address }</td>
                            <td><div class="share" role="img" aria-label={format!("{} percent", e.share)}>
                                <div class={revision_class(e.revision)} style={format!("width:{}%", e.share)} /></div></td>
                            <td class={classes!("end-state", e.state.replace(' ', "-"))}>{ e.state }</td>
                        </tr>
                    }) }
                </tbody>
            </table>
            if service.endpoints.is_empty() { <p class="problem">{ text::NO_ENDPOINTS }</p><button onclick={why}>{ text::WHY }</button> }
            if service.endpoints.len() > 60 { <p class="quiet">{ format!("and {} more", service.endpoints.len() - 60) }</p> }
            <h3>{ text::LAST_60 }</h3>
            <dl class="facts numbers">
                { row(text::THROUGH_SERVICE, words::share(last.service), if last.service.1 == 0 { "good" } else { "failed" }) }
                { row(text::TO_POD_IP, words::share(last.pod), if last.pod.1 == 0 { "good" } else { "failed" }) }
                { row(text::MEDIAN_P99, format!("{} / {}", words::span(last.median), words::span(last.p99)), "") }
                { row(text::ENDPOINT_CHANGES, last.endpoint_changes.to_string(), "") }
            </dl>
        </>
    }
}
