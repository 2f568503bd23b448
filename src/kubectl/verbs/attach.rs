//! `kubectl attach` and `kubectl debug`: what they refuse before they would reach a container; the lab's have no terminal.
//!
//! Sources: `staging/src/k8s.io/kubectl/pkg/cmd/{attach/attach,debug/debug}.go`.

use super::other::missing;
use super::pods_behind::{kind_and_name, pods_behind};
use crate::api::Object;
use crate::kubectl::cx::Cx;
use crate::kubectl::failure::Failure;
use crate::kubectl::flags::{self, FILES, Flag, Flags, TERMINAL, Takes};
use crate::kubectl::resources;

pub(super) const ATTACH: Flags = &[
    TERMINAL,
    &[
        Flag("container", Some('c'), Takes::Text),
        Flag("detach-keys", None, Takes::Text),
        Flag("pod-running-timeout", None, Takes::Duration),
    ],
];

/// `kubectl attach`.
pub fn attach(cx: &mut Cx, args: &[String]) -> Result<(), Failure> {
    let flags = flags::parse(args, ATTACH).map_err(|why| Failure::usage("attach", &why))?;
    let (kind, name) = match flags.words.as_slice() {
        [] => return Err(Failure::error("at least 1 argument is required for attach")),
        [word] => kind_and_name(word)?,
        [kind, name] => (resources::kind(kind)?, name.as_str()),
        many => {
            let (count, words) = (many.len(), many.join(" "));
            let text = format!("expected POD, TYPE/NAME, or TYPE NAME, (at most 2 arguments) saw {count}: [{words}]");
            return Err(Failure::error(text));
        }
    };
    let object = cx.get(kind, &cx.namespace(&flags), name)?;
    let pod = match &object {
        Object::Pod(pod) => pod.clone(),
        other => pods_behind(cx, other, "attach to", true)?.remove(0),
    };
    if pod.is_terminal() {
        let phase = &pod.status.phase;
        return Err(Failure::error(format!("cannot attach a container in a completed pod; current phase is {phase}")));
    }
    let wanted = flags.text("container");
    if !wanted.is_empty() && !pod.spec.all_containers().any(|c| c.name == wanted) {
        let why = format!("container {wanted} not found in pod {}", pod.meta.name);
        return Err(Failure::error(format!("cannot attach to the container: {why}")));
    }
    Err(missing("attach"))
}

pub(super) const DEBUG: Flags = &[
    FILES,
    TERMINAL,
    &[
        Flag("image", None, Takes::Text),
        Flag("container", Some('c'), Takes::Text),
        Flag("target", None, Takes::Text),
        Flag("copy-to", None, Takes::Text),
        Flag("set-image", None, Takes::Many),
        Flag("env", None, Takes::Many),
        Flag("image-pull-policy", None, Takes::Text),
        Flag("profile", None, Takes::Text),
        Flag("custom", None, Takes::Text),
        Flag("replace", None, Takes::Bool),
        Flag("same-node", None, Takes::Bool),
        Flag("share-processes", None, Takes::Bool),
        Flag("attach", None, Takes::Bool),
    ],
];

/// `kubectl debug`.
pub fn debug(_: &mut Cx, args: &[String]) -> Result<(), Failure> {
    let flags = flags::parse(args, DEBUG).map_err(|why| Failure::usage("debug", &why))?;
    let (image, copy) = (flags.has("image"), flags.has("copy-to"));
    let command = flags.rest.as_ref().is_some_and(|rest| !rest.is_empty());
    let why = match () {
        () if copy && !image && !flags.has("set-image") && !command => {
            "you must specify --image, --set-image or command arguments."
        }
        () if !copy && flags.on("replace") => "--replace may only be used with --copy-to.",
        () if !copy && flags.on("same-node") => "--same-node may only be used with --copy-to.",
        () if !copy && flags.has("set-image") => "--set-image may only be used with --copy-to.",
        () if !copy && !image => "you must specify --image when not using --copy-to.",
        () if flags.words.is_empty() && !flags.has("filename") => "NAME or filename is required for debug",
        () if copy && flags.has("target") => "--target is incompatible with --copy-to. Use --share-processes instead.",
        () if flags.on("tty") && !flags.on("stdin") => "-i/--stdin is required for containers with -t/--tty=true",
        () => return Err(missing("debug")),
    };
    Err(Failure::error(why))
}
