//! `kubectl get --raw`: a path of the API server, answered as it is.
//!
//! Sources: `staging/src/k8s.io/kubectl/pkg/cmd/get/get.go`, `…/pkg/rawhttp`.

use crate::api::object::KINDS;
use crate::kubectl::cx::{Cx, key};
use crate::kubectl::failure::Failure;
use crate::kubectl::flags::Parsed;

/// `kubectl get --raw PATH`.
pub fn get(cx: &mut Cx, flags: &Parsed, path: &str) -> Result<(), Failure> {
    check(flags, path)?;
    match path {
        "/healthz" | "/livez" | "/readyz" => {
            cx.out.push_str("ok");
            Ok(())
        }
        path => object(cx, path),
    }
}

/// Flags and words that do not go together with a path.
fn check(flags: &Parsed, path: &str) -> Result<(), Failure> {
    let given = |name: &str| !flags.text(name).is_empty();
    if flags.on("watch") || flags.on("watch-only") || given("selector") {
        let text = "--raw may not be specified with other flags that filter the server request or alter the output";
        return Err(Failure::error(text));
    }
    if !flags.words.is_empty() {
        return Err(Failure::error("arguments may not be passed when --raw is specified"));
    }
    if given("output") {
        return Err(Failure::error("--raw and --output are mutually exclusive"));
    }
    match path.starts_with('/') {
        true => Ok(()),
        false => Err(Failure::error(format!("--raw must be a valid URL path: parse {path:?}: invalid URI for request"))),
    }
}

/// What is said of an object's path: that it is not there, or that the lab does not print it so.
fn object(cx: &mut Cx, path: &str) -> Result<(), Failure> {
    let parts: Vec<&str> = path.split('?').next().unwrap_or_default().split('/').filter(|p| !p.is_empty()).collect();
    let (group, version, rest) = match parts.as_slice() {
        ["version" | "metrics" | "openapi" | "readyz" | "livez" | "healthz" | "api" | "apis"] | ["openapi", ..] => {
            return Err(unmodelled());
        }
        ["api", version, rest @ ..] => ("", *version, rest),
        ["apis", group, version, rest @ ..] => (*group, *version, rest),
        _ => return Err(nowhere()),
    };
    let (namespace, rest) = match rest {
        ["namespaces", namespace, rest @ ..] if !rest.is_empty() => (*namespace, rest),
        rest => ("", rest),
    };
    let Some((plural, rest)) = rest.split_first() else {
        let known = KINDS.iter().any(|k| k.group == group && k.version == version);
        return Err(if known { unmodelled() } else { nowhere() });
    };
    let Some(info) = KINDS.iter().find(|k| k.group == group && k.version == version && k.plural == *plural) else {
        return Err(nowhere());
    };
    if let [name, ..] = rest {
        let place = key(info.kind, namespace, name);
        cx.backend.read().read(info.kind, &place).map_err(|s| Failure::status(&s))?;
    }
    Err(unmodelled())
}

fn nowhere() -> Failure {
    Failure::plain("Error from server (NotFound): the server could not find the requested resource")
}

fn unmodelled() -> Failure {
    Failure::error(
        "of raw requests the lab's API server answers /healthz, /livez and /readyz only; kubectl get -o json shows objects",
    )
}
