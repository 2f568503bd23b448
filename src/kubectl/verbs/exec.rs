//! `kubectl exec`: a command in a container, from the words that name both to the process that runs.
//!
//! Source: `staging/src/k8s.io/kubectl/pkg/cmd/exec/exec.go`.

use super::pods_behind::{container, kind_and_name, pods_behind};
use crate::api::Object;
use crate::apiserver::Status;
use crate::kubectl::cx::Cx;
use crate::kubectl::exec::Executing;
use crate::kubectl::failure::Failure;
use crate::kubectl::flags::{self, Flag, Flags, TERMINAL, Takes};
use crate::kubectl::wait::Wait;

pub(super) const FLAGS: Flags =
    &[TERMINAL, &[Flag("container", Some('c'), Takes::Text), Flag("pod-running-timeout", None, Takes::Text)]];

/// `kubectl exec`.
pub fn exec(cx: &mut Cx, args: &[String]) -> Result<(), Failure> {
    let flags = flags::parse(args, FLAGS).map_err(|why| Failure::usage("exec", &why))?;
    let help = "\nSee 'kubectl exec -h' for help and examples";
    let Some(word) = flags.words.first() else {
        return Err(Failure::error("pod, type/name or --filename must be specified"));
    };
    let command = match &flags.rest {
        Some(command) if !command.is_empty() => command.clone(),
        _ if flags.words.len() > 1 => {
            let text = "exec [POD] [COMMAND] is not supported anymore. Use exec [POD] -- [COMMAND] instead";
            return Err(Failure::error(format!("{text}{help}")));
        }
        _ => return Err(Failure::error("you must specify at least one command for the container")),
    };
    let (kind, name) = kind_and_name(word)?;
    let object = cx.get(kind, &cx.namespace(&flags), name)?;
    let mut found = match &object {
        Object::Pod(pod) => vec![pod.clone()],
        other => {
            let quiet = std::mem::take(&mut cx.out);
            let found = pods_behind(cx, other, "attach to", true);
            cx.out = quiet;
            found?
        }
    };
    let pod = found.remove(0);
    if pod.is_terminal() {
        let phase = &pod.status.phase;
        return Err(Failure::error(format!("cannot exec into a container in a completed pod; current phase is {phase}")));
    }
    let wanted = flags.text("container");
    let container = container(cx, &pod, &wanted, flags.on("quiet")).map_err(Failure::error)?;
    if pod.spec.node_name.is_empty() {
        return Err(Failure::status(&Status::bad_request(format!("pod {} does not have a host assigned", pod.meta.name))));
    }
    if flags.on("stdin") && flags.on("tty") && !flags.on("quiet") {
        cx.line("Unable to use a TTY - input is not a terminal or the right kind of file");
    }
    cx.wait = Some(Wait::Exec(Box::new(Executing::new(&pod, &container, &command))));
    Ok(())
}
