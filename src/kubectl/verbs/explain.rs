//! `kubectl explain`.

use crate::kubectl::cx::Cx;
use crate::kubectl::explain;
use crate::kubectl::failure::Failure;
use crate::kubectl::flags::{self, Flag, Flags, Takes};
use crate::kubectl::resources;

pub(super) const FLAGS: Flags = &[&[
    Flag("recursive", Some('R'), Takes::Bool),
    Flag("max-depth", None, Takes::Int),
    Flag("api-version", None, Takes::Text),
    Flag("output", Some('o'), Takes::Text),
]];

/// `kubectl explain TYPE.FIELD.FIELD`.
pub fn explain(cx: &mut Cx, args: &[String]) -> Result<(), Failure> {
    let flags = flags::parse(args, FLAGS).map_err(|why| Failure::usage("explain", &why))?;
    let word = match flags.words.as_slice() {
        [] => {
            let hint = "Use \"kubectl api-resources\" for a complete list of supported resources.";
            return Err(Failure::error(format!("You must specify the type of resource to explain. {hint}")));
        }
        [word] => word.trim_end_matches('.'),
        _ => return Err(Failure::error("We accept only this format: explain RESOURCE")),
    };
    let depth = flags.int("max-depth").unwrap_or(0);
    if depth > 0 && !flags.on("recursive") {
        return Err(Failure::error("--max-depth requires --recursive"));
    }
    let depth = usize::try_from(depth).map_err(|_| Failure::error("--max-depth must be non-negative"))?;
    let (name, fields) = word.split_once('.').unwrap_or((word, ""));
    let kind = resources::kind(name).map_err(Failure::bare)?;
    let path: Vec<&str> = fields.split('.').filter(|f| !f.is_empty()).collect();
    let path = behind_group(&path, kind);
    explain::explain(kind, path, flags.on("recursive"), depth, &mut cx.out).map_err(Failure::error)?;
    Ok(())
}

/// The fields behind a resource that was named with its group, or version and group: `deployments.apps.spec`.
fn behind_group<'a>(path: &'a [&'a str], kind: crate::api::Kind) -> &'a [&'a str] {
    let Some(info) = crate::api::object::KINDS.iter().find(|info| info.kind == kind) else { return path };
    let group: Vec<&str> = info.group.split('.').filter(|part| !part.is_empty()).collect();
    let unversioned = path.strip_prefix(&[info.version][..]).unwrap_or(path);
    match unversioned.strip_prefix(group.as_slice()) {
        Some(rest) if !group.is_empty() => rest,
        _ => path,
    }
}
