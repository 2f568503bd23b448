//! What a strategic merge patch is refused with.

use crate::api::codec::kinds;
use crate::apiserver::Status;
use crate::apiserver::patch::go_format;
use serde_json::Value;

/// An error without a Kubernetes reason: kubectl prints it behind `Error from server: `.
pub(super) fn plain(text: String) -> Status {
    Status::new(500, "", text)
}

pub(super) fn bad_order() -> Status {
    Status::bad_request("invalid patch format of setElementOrder list".to_owned())
}

pub(super) fn unknown_directive(directive: &Value, map: &Value) -> Status {
    plain(format!("unknown patch type: {} in map: {}", go_format(directive), go_format(map)))
}

pub(super) fn bad_type(expected: &str, found: &Value) -> Status {
    plain(format!("expected a {expected}, but received a {}", kinds::go_type(found)))
}
