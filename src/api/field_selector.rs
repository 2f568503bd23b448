//! Field selectors (`--field-selector`): equality over the few fields that each kind's store can select by
//! (`staging/apimachinery/pkg/fields/selector.go`, `pkg/apis/core/v1/conversion.go`).

use super::Kind;
use serde_json::Value;

/// Requirements that must all hold.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FieldSelector {
    requirements: Vec<Requirement>,
}

#[derive(Clone, Debug, PartialEq)]
struct Requirement {
    field: String,
    equal: bool,
    value: String,
}

impl FieldSelector {
    /// Reads `a=b,c==d,e!=f`; a backslash keeps the next character from meaning anything.
    pub fn parse(text: &str) -> Result<FieldSelector, String> {
        let mut requirements = vec![];
        for term in split(text).iter().filter(|t| !t.is_empty()) {
            let found = ["!=", "==", "="]
                .iter()
                .filter_map(|op| term.find(op).map(|at| (at, *op)))
                .min_by_key(|(at, op)| (*at, 3 - op.len()));
            let Some((at, op)) = found else { return Err(format!("invalid selector: '{text}'; can't understand '{term}'")) };
            let value = term[at + op.len()..].replace("\\,", ",").replace("\\=", "=").replace("\\\\", "\\");
            requirements.push(Requirement { field: term[..at].to_string(), equal: op != "!=", value });
        }
        Ok(FieldSelector { requirements })
    }

    /// Whether objects of a kind can be selected by these fields; the error is the server's.
    pub fn check(&self, kind: Kind) -> Result<(), String> {
        let unknown = self.requirements.iter().find(|r| !supported(kind).contains(&r.field.as_str()) && !is_common(&r.field));
        match unknown {
            Some(r) if matches!(kind, Kind::Deployment | Kind::EndpointSlice | Kind::Lease) => {
                Err(format!("{:?} is not a known field selector: only \"metadata.name\", \"metadata.namespace\"", r.field))
            }
            Some(r) => Err(format!("field label not supported: {}", r.field)),
            None => Ok(()),
        }
    }

    /// Whether an object (as a tree) matches.
    pub fn matches(&self, object: &Value) -> bool {
        self.requirements.iter().all(|r| (field(object, &r.field) == r.value) == r.equal)
    }
}

fn is_common(field: &str) -> bool {
    matches!(field, "metadata.name" | "metadata.namespace")
}

fn supported(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Pod => &[
            "spec.nodeName",
            "spec.restartPolicy",
            "spec.schedulerName",
            "spec.serviceAccountName",
            "spec.hostNetwork",
            "status.phase",
            "status.podIP",
            "status.podIPs",
            "status.nominatedNodeName",
        ],
        Kind::Event => &[
            "involvedObject.kind",
            "involvedObject.namespace",
            "involvedObject.name",
            "involvedObject.uid",
            "involvedObject.apiVersion",
            "involvedObject.resourceVersion",
            "involvedObject.fieldPath",
            "reason",
            "reportingComponent",
            "source",
            "type",
        ],
        Kind::Service => &["spec.clusterIP", "spec.type"],
        Kind::Node => &["spec.unschedulable"],
        Kind::Namespace => &["status.phase"],
        Kind::ReplicaSet => &["status.replicas"],
        Kind::Secret => &["type"],
        _ => &[],
    }
}

/// The text of a field as the store indexes it.
fn field(object: &Value, path: &str) -> String {
    let path = if path == "source" { "source.component" } else { path };
    let found = path.split('.').fold(object, |value, part| &value[part]);
    match found {
        Value::String(text) => text.clone(),
        Value::Null if path == "spec.unschedulable" || path == "spec.hostNetwork" => "false".into(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// Splits at commas that no backslash stands before.
fn split(text: &str) -> Vec<String> {
    let (mut terms, mut term, mut escaped) = (vec![], String::new(), false);
    for c in text.chars() {
        if c == ',' && !escaped {
            terms.push(std::mem::take(&mut term));
        } else {
            term.push(c);
        }
        escaped = c == '\\' && !escaped;
    }
    terms.push(term);
    terms
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn fields_select_by_equality() {
        let pod = json!({"spec": {"nodeName": "node-2"}, "status": {"phase": "Pending"}});
        let matches = |text: &str| FieldSelector::parse(text).unwrap().matches(&pod);
        assert!(matches("status.phase=Pending,spec.nodeName!=node-1"));
        assert!(!matches("status.phase==Running"));
        assert!(matches(""));
        assert!(FieldSelector::parse("status.phase").is_err());
        assert!(FieldSelector::parse("spec.foo=1").unwrap().check(Kind::Pod).is_err());
    }
}
