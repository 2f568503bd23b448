//! `--record`: the command line becomes the object's change-cause (`cli-runtime/pkg/genericclioptions/record_flags.go`). Deprecated,
//! and still what many courses type.

use super::Verb;
use crate::api::Object;
use crate::kubectl::cx::Cx;
use crate::kubectl::flags::{Flag, GLOBAL, Takes};
use crate::kubectl::rollout::CHANGE_CAUSE;
use serde_json::{Value, json};

/// What kubectl says of the flag.
const DEPRECATED: &str = "Flag --record has been deprecated, --record will be removed in the future";

/// Remembers the command line if it asks to be recorded.
pub(super) fn begin(cx: &mut Cx, verb: &Verb, args: &[String]) {
    let asked = args.iter().take_while(|a| *a != "--").any(|a| a == "--record" || a.starts_with("--record="));
    if !asked || !verb.flags.iter().any(|list| list.iter().any(|f| f.0 == "record")) {
        return;
    }
    cx.line(DEPRECATED);
    let (words, flags) = shown(verb, args);
    if !flags.contains(" --record=false") {
        cx.record = Some(format!("kubectl {}{words}{flags}", verb.name));
    }
}

/// The words of a command line, and its flags as the flag parser tells them.
fn shown(verb: &Verb, args: &[String]) -> (String, String) {
    let (mut words, mut flags) = (String::new(), String::new());
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        if arg == "--" {
            args.by_ref().for_each(|word| words.push_str(&format!(" {word}")));
            break;
        }
        let Some(rest) = arg.strip_prefix('-').filter(|r| !r.is_empty()) else {
            words.push_str(&format!(" {arg}"));
            continue;
        };
        let (name, value) = rest.trim_start_matches('-').split_once('=').map_or((rest, None), |(n, v)| (n, Some(v.to_string())));
        let name = name.trim_start_matches('-');
        let is = |f: &&Flag| f.0 == name || name.chars().count() == 1 && f.1 == name.chars().next();
        let Some(flag) = verb.flags.iter().copied().flatten().chain(GLOBAL).find(is) else { continue };
        let value = value.or_else(|| match flag.2 {
            Takes::Bool => Some("true".into()),
            Takes::Optional(default) => Some(default.into()),
            _ => args.next().cloned(),
        });
        flags.push_str(&format!(" --{}={}", flag.0, value.unwrap_or_default()));
    }
    (words, flags)
}

/// An object with the change-cause, if there is one to record.
pub(super) fn object(cx: &Cx, mut object: Object) -> Object {
    if let Some(cause) = &cx.record {
        object.meta_mut().annotations.insert(CHANGE_CAUSE.into(), cause.clone());
    }
    object
}

/// The same for an object that is a tree still.
pub(super) fn tree(cx: &Cx, value: &mut Value) {
    let Some(meta) = value.get_mut("metadata").and_then(Value::as_object_mut) else { return };
    if let Some(cause) = &cx.record
        && let Some(annotations) = meta.entry("annotations").or_insert_with(|| json!({})).as_object_mut()
    {
        annotations.insert(CHANGE_CAUSE.into(), json!(cause));
    }
}
