//! The Service: its front, the list behind it, and how requests fared.

use crate::ui::app::Part;
use crate::ui::scene::revision_class;
use crate::view::words;
use yew::prelude::*;

/// The tab "Service".
#[component]
pub fn ServiceTab(part: &Part) -> Html {
    let view = &part.shown.view;
    let last = &view.last60;
    let Some(service) = &view.service else {
        return html! { <p class="quiet">{ "There is no Service. Try: kubectl expose deployment web --port=80" }</p> };
    };
    let row = |name: &str, value: String, class: &'static str| html! { <><dt>{ name }</dt><dd class={classes!("mono", class)}>{ value }</dd></> };
    html! {
        <>
            <h3>{ "The front never changes" }</h3>
            <dl class="facts">{ for service.front.iter().map(|(name, value)| row(name, value.clone(), "")) }</dl>
            <h3>{ "The back follows the Pods" }</h3>
            <p class="quiet mono">{ service.slices.join(" ") }</p>
            <table class="ends-table">
                <thead><tr><th>{ "endpoint" }</th><th>{ "share of traffic" }</th><th>{ "state" }</th></tr></thead>
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
            if service.endpoints.is_empty() { <p class="problem">{ "No endpoints: no ready Pod has the selector's labels." }</p> }
            if service.endpoints.len() > 60 { <p class="quiet">{ format!("and {} more", service.endpoints.len() - 60) }</p> }
            <h3>{ "Last 60 seconds" }</h3>
            <dl class="facts numbers">
                { row("through the Service", words::share(last.service), if last.service.1 == 0 { "good" } else { "failed" }) }
                { row("to one Pod IP", words::share(last.pod), if last.pod.1 == 0 { "good" } else { "failed" }) }
                { row("median / p99", format!("{} / {}", words::span(last.median), words::span(last.p99)), "") }
                { row("endpoint changes", last.endpoint_changes.to_string(), "") }
            </dl>
        </>
    }
}
