//! The left column: what to do, the workload's buttons with the commands that they stand for, the clients' rates.

use super::app::Part;
use super::chooser::{chooser, use_steady};
use super::client_form::ClientForm;
use super::forms::{field, value};
use super::goals::Goals;
use super::keys::{KeyButton, Keys};
use super::sound::Sound;
use super::traffic::Traffic;
use super::trouble::{Trouble, victim};
use super::{memory, text};
use crate::lab::Command;
use crate::view::network::network_choices;
use crate::view::{Field, field_of_error, quote};
use web_sys::HtmlSelectElement;
use yew::prelude::*;

/// A message beside a field.
#[derive(Clone, PartialEq)]
struct Problem {
    form: &'static str,
    field: Field,
    text: String,
}

/// The left column.
#[component]
pub fn Controls(part: &Part) -> Html {
    let folded = use_state(|| memory::recall("controls-folded").is_some_and(|f| f == "yes"));
    let fold = {
        let folded = folded.clone();
        move |_| {
            memory::keep("controls-folded", if *folded { "no" } else { "yes" });
            folded.set(!*folded);
        }
    };
    let (sign, label) = if *folded { ("⟩", text::UNFOLD_CONTROLS) } else { ("⟨", text::FOLD_CONTROLS) };
    html! {
        <aside class={classes!("left", (*folded).then_some("folded"))} aria-label={text::CONTROLS}>
            <button class="fold" onclick={fold} aria-expanded={(!*folded).to_string()} aria-label={label} title={label}>{ sign }</button>
            if !*folded {
                <Goals ..part.clone() />
                <Workload ..part.clone() />
                <Traffic ..part.clone() />
                <ClientForm ..part.clone() />
                <Network ..part.clone() />
                <Sound ..part.clone() />
                <Keys ..part.clone() />
            }
        </aside>
    }
}

/// How the network and the kube-proxies of all nodes behave; a node's own settings are in its panel.
#[component]
fn Network(part: &Part) -> Html {
    let mut choices = part.handle.look(|lab| network_choices(lab, None)).into_iter().enumerate();
    let chooser = |(i, choice)| {
        let handle = part.handle.clone();
        chooser(format!("network-choice-{i}"), choice, move |setting| handle.apply(Command::Network(setting)))
    };
    html! {
        <>
            { for choices.next().map(chooser) }
            <details class="add client-form"><summary>{ text::NETWORK_MORE }</summary>{ for choices.map(chooser) }</details>
        </>
    }
}

#[component]
fn Workload(part: &Part) -> Html {
    let problem = use_state(|| None::<Problem>);
    let (replicas, image) = (use_node_ref(), use_node_ref());
    let shown = &part.shown;
    let said = |form: &'static str| problem.as_ref().filter(|p| p.form == form).map(|p| p.text.clone());
    let run = {
        let (handle, problem) = (part.handle.clone(), problem.clone());
        move |form: &'static str, line: String| {
            let (text, failed) = handle.kubectl(&line);
            problem.set(failed.then(|| Problem { form, field: field_of_error(&text), text }));
        }
    };
    let kill = victim(part).map(|pod| format!("kubectl delete pod {}", quote(&pod.name)));
    let on_kill = {
        let (run, kill) = (run.clone(), kill.clone());
        move |_| kill.clone().into_iter().for_each(|line| run("kill", line))
    };
    let deployments = &shown.view.deployments;
    let (chosen, choose) = use_steady(deployments.iter().map(|d| d.name.clone()).collect());
    let Some(deployment) = chosen.and_then(|i| deployments.get(i)).cloned() else {
        return html! {
            <section class="workload" aria-label={text::WORKLOAD}>
                <h3>{ text::WORKLOAD }</h3>
                <p class="quiet">{ text::NO_DEPLOYMENT }</p>
                <AddPod ..part.clone() />
            </section>
        };
    };
    let choose = choose.reform(|e: Event| e.target_unchecked_into::<HtmlSelectElement>().value());
    let name = deployment.name.clone();
    let scale_line = move |n: &str| format!("kubectl scale deployment {name} --replicas={}", quote(n));
    let scale_by = |by: i32| {
        let (run, line) = (run.clone(), scale_line((deployment.wanted + by).max(0).to_string().as_str()));
        move |_| run("scale", line.clone())
    };
    let on_scale = {
        let (run, scale_line, replicas) = (run.clone(), scale_line.clone(), replicas.clone());
        move |e: SubmitEvent| {
            e.prevent_default();
            run("scale", scale_line(&value(&replicas)))
        }
    };
    let target = format!("kubectl set image deployment/{} {}", deployment.name, deployment.container);
    let on_update = {
        let (run, image, target) = (run.clone(), image.clone(), target.clone());
        move |e: SubmitEvent| {
            e.prevent_default();
            run("update", format!("{target}={}", quote_value(&value(&image))))
        }
    };
    let undo = format!("kubectl rollout undo deployment/{}", deployment.name);
    let on_undo = {
        let (run, undo) = (run.clone(), undo.clone());
        move |_| run("undo", undo.clone())
    };
    html! {
        <section class="workload" aria-label={text::WORKLOAD}>
            <h3>{ text::WORKLOAD }</h3>
            if deployments.len() > 1 {
                <div class="setting"><label for="which-deployment">{ text::DEPLOYMENT }</label>
                    <select id="which-deployment" onchange={choose}>
                        { for deployments.iter().map(|d| html! { <option value={d.name.clone()} selected={d.name == deployment.name}>{ &d.name }</option> }) }
                    </select>
                </div>
            }
            <p class="line"><strong>{ text::deployment(&deployment.name) }</strong>
                <span class="mono">{ text::ready_of(deployment.ready, deployment.wanted) }</span></p>
            <form class="scale" onsubmit={on_scale} novalidate=true>
                <button type="button" aria-label={text::SCALE_DOWN} onclick={scale_by(-1)}>{ "−" }</button>
                <output class="count" aria-label={text::REPLICAS}>{ deployment.wanted }</output>
                <button type="button" aria-label={text::SCALE_UP} onclick={scale_by(1)}>{ "+" }</button>
                { field("replicas", text::SCALE_TO, &deployment.wanted.to_string(), &replicas, said("scale").as_deref()) }
                <button type="submit">{ text::SCALE }</button>
            </form>
            <code class="command">{ format!("kubectl scale deployment {} --replicas=N", deployment.name) }</code>
            <form class="update" onsubmit={on_update} novalidate=true>
                { field("image", text::IMAGE, other_image(&deployment.image), &image, said("update").as_deref()) }
                <button type="submit">{ text::UPDATE }</button>
            </form>
            <code class="command">{ format!("{target}=IMAGE") }</code>
            <div class="pair">
                <KeyButton letter="K" label={text::KILL_POD} onclick={on_kill} disabled={kill.is_none()} described_by="kill-command" />
                <button onclick={on_undo} aria-describedby="undo-command">{ text::ROLL_BACK }</button>
            </div>
            <code class="command" id="kill-command">{ kill.unwrap_or_default() }</code>
            <code class="command" id="undo-command">{ undo }</code>
            if let Some(text) = said("kill").or(said("undo")) {
                <p class="problem" role="alert">{ text }</p>
            }
            <Trouble ..part.clone() />
            <AddPod ..part.clone() />
        </section>
    }
}

/// The image to offer: the other one of two versions.
fn other_image(image: &str) -> &'static str {
    if image == "nginx:1.27" { "nginx:1.28" } else { "nginx:1.27" }
}

/// A flag's value: empty stays empty, so that Kubernetes says what it thinks of it.
fn quote_value(value: &str) -> String {
    if value.is_empty() { String::new() } else { quote(value) }
}

/// A Pod of one's own.
#[component]
fn AddPod(part: &Part) -> Html {
    let problem = use_state(|| None::<(Field, String)>);
    let (name, image, port) = (use_node_ref(), use_node_ref(), use_node_ref());
    let count = use_state(|| 1);
    let said = |field: Field| problem.as_ref().filter(|p| p.0 == field).map(|p| p.1.clone());
    let submit = {
        let (handle, problem, count) = (part.handle.clone(), problem.clone(), count.clone());
        let (name, image, port) = (name.clone(), image.clone(), port.clone());
        move |e: SubmitEvent| {
            e.prevent_default();
            let line = format!(
                "kubectl run {} --image={} --labels=app=web --port={}",
                quote(&value(&name)),
                quote_value(&value(&image)),
                quote_value(&value(&port))
            );
            let (text, failed) = handle.kubectl(&line);
            if !failed {
                count.set(*count + 1);
            }
            problem.set(failed.then(|| (field_of_error(&text), text)));
        }
    };
    html! {
        <details class="add">
            <summary>{ text::POD_OF_YOUR_OWN }</summary>
            <form onsubmit={submit} novalidate=true>
                { field("pod-name", text::NAME_FIELD, &format!("mine-{}", *count), &name, said(Field::Name).as_deref()) }
                { field("pod-image", text::IMAGE, "nginx:1.28", &image, said(Field::Image).as_deref()) }
                { field("pod-port", text::PORT, "80", &port, said(Field::Port).as_deref()) }
                <button type="submit">{ text::ADD_POD }</button>
                if let Some(text) = said(Field::Whole).or(said(Field::Replicas)) {
                    <p class="problem" role="alert">{ text }</p>
                }
                <code class="command">{ "kubectl run NAME --image=IMAGE --labels=app=web --port=PORT" }</code>
            </form>
        </details>
    }
}
