//! `kubectl describe`.

use crate::api::{Event, Kind, Object};
use crate::apiserver::ApiServer;
use crate::kubectl::builder::{self, Ask};
use crate::kubectl::cx::{Cx, Pick, key};
use crate::kubectl::describe::{World, describe_all};
use crate::kubectl::failure::Failure;
use crate::kubectl::flags::{self, FILES, Flag, Flags, Parsed, Takes};
use crate::kubectl::resources;
use std::rc::Rc;

pub(super) const FLAGS: Flags = &[
    FILES,
    &[
        Flag("selector", Some('l'), Takes::Text),
        Flag("all-namespaces", Some('A'), Takes::Bool),
        Flag("show-events", None, Takes::Bool),
        Flag("chunk-size", None, Takes::Int),
    ],
];

impl World for ApiServer {
    fn list(&self, kind: Kind, namespace: &str) -> Vec<Object> {
        self.store().list(kind, (!namespace.is_empty()).then_some(namespace)).cloned().collect()
    }
    fn get(&self, kind: Kind, namespace: &str, name: &str) -> Option<Object> {
        self.store().get(kind, &key(kind, namespace, name)).cloned()
    }
    fn events_of(&self, object: &Object) -> Vec<Rc<Event>> {
        let meta = object.meta();
        let about = |e: &Rc<Event>| {
            let o = &e.involved_object;
            o.name == meta.name
                && o.namespace == meta.namespace
                && o.kind == object.kind().info().name
                && (o.uid == meta.uid || object.kind() == Kind::Node)
        };
        let namespace = if meta.namespace.is_empty() { None } else { Some(meta.namespace.as_str()) };
        self.store().list(Kind::Event, namespace).filter_map(Object::as_::<Event>).filter(|e| about(e)).cloned().collect()
    }
}

/// `kubectl describe`.
pub fn describe(cx: &mut Cx, args: &[String]) -> Result<(), Failure> {
    let flags = flags::parse(args, FLAGS).map_err(|why| Failure::usage("describe", &why))?;
    if flags.words.is_empty() && !flags.has("filename") {
        return Err(Failure::error(
            "You must specify the type of resource to describe. Use \"kubectl api-resources\" for a complete list of supported resources.\n",
        ));
    }
    let found = builder::find(cx, &flags, &Ask::of(&flags.words).kind_alone(true))?;
    let now = cx.now();
    let explicit = flags.has("show-events").then(|| flags.on_or("show-events", true));
    let objects = found.objects();
    let several = objects.len() > 1 || !found.failures.is_empty();
    let show_events = explicit.unwrap_or(!several);
    if let [failure] = found.failures.as_slice()
        && failure.not_found
        && flags.words.len() == 2
    {
        return matching(cx, &flags, failure.clone(), show_events);
    }
    let text = describe_all(&objects, cx.backend.read(), Some(show_events), now);
    cx.out.push_str(&text);
    if objects.is_empty() && found.failures.is_empty() {
        let place = if flags.on("all-namespaces") { String::new() } else { format!(" in {} namespace.", cx.namespace(&flags)) };
        cx.line(format!("No resources found{place}"));
    }
    Failure::result(found.failures)
}

/// A name that no object has may be the beginning of names that there are.
fn matching(cx: &mut Cx, flags: &Parsed, failure: Failure, show_events: bool) -> Result<(), Failure> {
    if flags.words[0].contains(',') {
        return Err(Failure::error("you may only specify a single resource type"));
    }
    let Ok(kind) = resources::kind(&flags.words[0]) else { return Err(failure) };
    let (own, prefix) = (cx.namespace(flags), flags.words[1].clone());
    let namespace = (!flags.on("all-namespaces")).then_some(own.as_str());
    let mut near = cx.list(kind, namespace, &Pick::default())?;
    near.retain(|o| o.meta().name.starts_with(&prefix));
    let now = cx.now();
    for object in &near {
        let text = describe_all(std::slice::from_ref(object), cx.backend.read(), Some(show_events), now);
        cx.line(text);
    }
    if near.is_empty() { Err(failure) } else { Ok(()) }
}
