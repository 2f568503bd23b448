//! `kubectl describe`.

use super::files::{self, FILE_FLAGS};
use crate::api::{Event, Kind, Object};
use crate::apiserver::ApiServer;
use crate::kubectl::cx::{Cx, Pick, key};
use crate::kubectl::describe::{World, describe_all};
use crate::kubectl::failure::Failure;
use crate::kubectl::flags::{self, Flag, Takes};
use crate::kubectl::resources;
use std::rc::Rc;

pub(super) const FLAGS: &[Flag] = &[
    Flag("selector", Some('l'), Takes::Text),
    Flag("all-namespaces", Some('A'), Takes::Bool),
    Flag("filename", Some('f'), Takes::Many),
    Flag("recursive", Some('R'), Takes::Bool),
    Flag("show-events", None, Takes::Bool),
    Flag("chunk-size", None, Takes::Int),
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
    if flags.words.is_empty() && !flags.has(FILE_FLAGS) {
        return Err(Failure::error(
            "You must specify the type of resource to describe. Use \"kubectl api-resources\" for a complete list of supported resources.\n",
        ));
    }
    let named = if flags.has(FILE_FLAGS) { files::named(cx, &flags)? } else { resources::named(&flags.words)? };
    cx.warn_endpoints(named.items.iter().map(|(k, _)| *k));
    let pick = Pick::of(&flags, named.items.first().map(|(k, _)| *k))?;
    let own = cx.namespace(&flags);
    let namespace = (!flags.on("all-namespaces")).then_some(own.as_str());
    let (found, failures) = with_prefixes(cx, &named, namespace, &pick);
    let now = cx.now();
    let show_events = flags.has("show-events").then(|| flags.on("show-events"));
    let text = describe_all(&found, cx.backend.read(), show_events, now);
    cx.out.push_str(&text);
    if !failures.is_empty() {
        return Err(Failure::join(failures));
    }
    if found.is_empty() {
        let place = if namespace.is_none() { String::new() } else { format!(" in {own} namespace.") };
        cx.line(format!("No resources found{place}"));
    }
    Ok(())
}

/// A name that no object has may be the beginning of names that there are.
fn with_prefixes(cx: &Cx, named: &resources::Named, namespace: Option<&str>, pick: &Pick) -> (Vec<Object>, Vec<Failure>) {
    let (mut found, mut failures) = (vec![], vec![]);
    for item in &named.items {
        let one = resources::Named { items: vec![item.clone()], with_kind: false, single: false };
        let (objects, failed) = cx.find(&one, namespace, pick);
        let (kind, name) = item;
        let near: Vec<Object> = match name {
            Some(name) if objects.is_empty() => {
                let all = cx.list(*kind, namespace.or(Some("default")), &Pick::default()).unwrap_or_default();
                all.into_iter().filter(|o| o.meta().name.starts_with(name.as_str())).collect()
            }
            _ => vec![],
        };
        if near.is_empty() {
            found.extend(objects);
            failures.extend(failed);
        } else {
            found.extend(near);
        }
    }
    (found, failures)
}
