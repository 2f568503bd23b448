//! `kubectl set selector` (`…/cmd/set/set_selector.go`): which Pods a Service takes.

use super::set::{finish, targets};
use crate::api::Object;
use crate::api::meta::LabelSelectorRequirement;
use crate::api::selector::Selector;
use crate::kubectl::cx::Cx;
use crate::kubectl::failure::Failure;
use crate::kubectl::flags::Parsed;
use std::rc::Rc;

/// `kubectl set selector`.
pub(super) fn selector(cx: &mut Cx, flags: &Parsed) -> Result<(), Failure> {
    let Some((text, words)) = flags.words.split_last() else { return Err(Failure::error("one selector is required")) };
    let wanted = Selector::as_label_selector(text).map_err(Failure::error)?;
    let found = targets(cx, flags, words)?;
    for info in found.infos {
        let Some(Object::Service(service)) = &info.object else {
            return Err(Failure::error("setting a selector is only supported for Services"));
        };
        if !wanted.match_expressions.is_empty() {
            let text = shown(&wanted.match_expressions);
            return Err(Failure::error(format!("match expression {text} not supported on this object")));
        }
        let mut changed = service.clone();
        Rc::make_mut(&mut changed).spec.selector = wanted.match_labels.clone();
        finish(cx, &info, Object::Service(changed), flags, "selector")?;
    }
    Ok(())
}

/// Expressions as Go's `%v` prints them.
fn shown(expressions: &[LabelSelectorRequirement]) -> String {
    let one = |e: &LabelSelectorRequirement| format!("{{{} {} [{}]}}", e.key, e.operator, e.values.join(" "));
    format!("[{}]", expressions.iter().map(one).collect::<Vec<_>>().join(" "))
}
