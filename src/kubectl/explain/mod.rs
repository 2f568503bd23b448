//! `kubectl explain`: what the fields of the objects are for, in this lab's own words.
//!
//! Promises: the shape of kubectl's output (checked against its own template), fields and types as in Kubernetes 1.37.
//! Must not know: objects; the text is data (`fields.txt`).

mod print;
mod schema;

use crate::api::Kind;
use crate::api::object::KINDS;

/// Prints what `kubectl explain KIND.FIELD.FIELD` says. `max_depth` 0 is no limit. The error goes behind `error: `, and behind
/// what was printed by then.
pub fn explain(kind: Kind, path: &[&str], recursive: bool, max_depth: usize, out: &mut String) -> Result<(), String> {
    let info = KINDS.iter().find(|info| info.kind == kind);
    let info = info.ok_or_else(|| format!("couldn't find resource for {kind:?}"))?;
    let types = schema::types();
    if !types.contains_key(info.name) {
        return Err(format!("the lab has no description of {} ({})", info.plural, info.name));
    }
    if !info.group.is_empty() {
        out.push_str(&format!("GROUP:      {}\n", info.group));
    }
    out.push_str(&format!("KIND:       {}\nVERSION:    {}\n\n", info.name, info.version));
    out.push_str(&print::body(&types, info.name, path, recursive, max_depth)?);
    out.push('\n');
    Ok(())
}

/// Names of the fields that a kind has at a path, sorted; none for a path that leads nowhere.
pub fn fields(kind: Kind, path: &[&str]) -> Vec<&'static str> {
    let types = schema::types();
    let mut at = types.get(kind.info().name);
    for name in path {
        let field = at.and_then(|t| t.fields.iter().find(|f| f.name == *name));
        at = field.and_then(|f| types.get(schema::element(f.type_name)));
    }
    at.map(|t| t.fields.iter().map(|f| f.name).collect()).unwrap_or_default()
}
