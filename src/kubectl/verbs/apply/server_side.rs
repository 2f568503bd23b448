//! `kubectl apply --server-side`: the server merges, and knows who owns which field.
//!
//! Source: `staging/src/k8s.io/kubectl/pkg/cmd/apply/apply.go`. Promises: what `kubectl apply` without the server has made goes over to the server's way of it.

use super::object::{modified, say, warn_if_deleting};
use crate::api::{Key, Object};
use crate::kubectl::cx::Cx;
use crate::kubectl::failure::Failure;
use crate::kubectl::flags::Parsed;
use crate::kubectl::verbs::create::DryRun;
use crate::kubectl::verbs::files::Item;

/// What kubectl advises when others own what the file would change.
const CONFLICT: &str = "Please review the fields above--they currently have other managers. Here
are the ways you can resolve this warning:
* If you intend to manage all of these fields, please re-run the apply
  command with the `--force-conflicts` flag.
* If you do not intend to manage all of the fields, please edit your
  manifest to remove references to the fields that should keep their
  current managers.
* You may co-own fields by updating your manifest to match the existing
  value; in this case, you'll become the manager if the other manager(s)
  stop managing the field (remove it from their configuration).
See https://kubernetes.io/docs/reference/using-api/server-side-apply/#conflicts";

/// Server-side apply of one object.
pub(super) fn server_side(cx: &mut Cx, item: &Item, place: &Key, flags: &Parsed, dry: DryRun) -> Result<Object, Failure> {
    let (value, force) = (modified(cx, item), flags.on("force-conflicts"));
    let send = |cx: &mut Cx| {
        let object = cx.backend.api().apply(item.kind, place, &value, force, dry != DryRun::No);
        object.map_err(|s| match s.reason {
            "Conflict" if s.message.starts_with("Apply failed") => Failure::error(format!("{}\n{CONFLICT}", s.message)),
            _ => Failure::status(&s),
        })
    };
    let mut object = send(cx)?;
    if dry == DryRun::No && cx.backend.api().take_over(&object.meta().uid) {
        object = send(cx)?;
    }
    cx.warn();
    warn_if_deleting(cx, &object);
    say(cx, item, flags, dry, "serverside-applied");
    Ok(object)
}
