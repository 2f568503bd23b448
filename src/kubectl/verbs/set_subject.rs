//! `kubectl set subject` (`…/cmd/set/set_subject.go`): whom a binding gives its role to.

use super::set::{finish, targets};
use crate::api::codec::Decoder;
use crate::api::{Kind, Object};
use crate::kubectl::builder::Info;
use crate::kubectl::cx::Cx;
use crate::kubectl::failure::Failure;
use crate::kubectl::flags::Parsed;
use serde_json::{Value, json};

/// `kubectl set subject`.
pub(super) fn subject(cx: &mut Cx, flags: &Parsed) -> Result<(), Failure> {
    let found = targets(cx, flags, &flags.words)?;
    let wanted = wanted(flags)?;
    let mut failures = vec![];
    for info in found.infos {
        let done = match with_subjects(&info, &wanted) {
            Ok(after) => finish(cx, &info, after, flags, "subjects"),
            Err(why) => Err(why),
        };
        failures.extend(done.err());
    }
    Failure::result(failures)
}

/// The subjects that the flags name.
fn wanted(flags: &Parsed) -> Result<Vec<Value>, Failure> {
    const GROUP: &str = "rbac.authorization.k8s.io";
    let named = |kind: &str, name: &String| json!({"apiGroup": GROUP, "kind": kind, "name": name});
    let mut subjects: Vec<Value> = flags.all("user").iter().map(|name| named("User", name)).collect();
    subjects.extend(flags.all("group").iter().map(|name| named("Group", name)));
    for account in flags.all("serviceaccount") {
        let Some((namespace, name)) = account.split_once(':').filter(|(n, a)| !n.is_empty() && !a.is_empty() && !a.contains(':'))
        else {
            return Err(Failure::error("serviceaccount must be <namespace>:<name>"));
        };
        subjects.push(json!({"kind": "ServiceAccount", "name": name, "namespace": namespace}));
    }
    match subjects.is_empty() {
        true => Err(Failure::error("you must specify at least one value of user, group or serviceaccount")),
        false => Ok(subjects),
    }
}

/// A binding with these subjects, too.
fn with_subjects(info: &Info, wanted: &[Value]) -> Result<Object, Failure> {
    if !matches!(info.kind, Kind::RoleBinding | Kind::ClusterRoleBinding) {
        let (plural, name) = (info.kind.info().plural, &info.key.name);
        let text = "setting subjects is only supported for RoleBinding/ClusterRoleBinding";
        return Err(Failure::plain(format!("error: {plural}/{name} {text}")));
    }
    let mut value = info.object.as_ref().map(Object::to_value).unwrap_or_default();
    let mut subjects = value["subjects"].as_array().cloned().unwrap_or_default();
    subjects.extend(wanted.iter().filter(|new| !value["subjects"].as_array().is_some_and(|old| old.contains(new))).cloned());
    value["subjects"] = Value::Array(subjects);
    let object = Object::decode(info.kind, &value, &mut Decoder::default());
    object.ok_or_else(|| Failure::error("the binding cannot be read back"))
}
