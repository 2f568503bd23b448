//! Recorded and own answer side by side, down to the fields that differ.

use serde_json::Value;
use std::collections::BTreeMap;

/// A place where our answer is not the recorded one. `None`: that side has nothing there.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// Path within the answer (`step 2.slices[0].labels`); empty for the answer as a whole.
    pub place: String,
    /// What the recording has.
    pub expected: Option<Value>,
    /// What we have.
    pub got: Option<Value>,
}

/// Collects the differences of one case. `<allocated…>` in the recording stands for any value, the same text for the same value.
#[derive(Default)]
pub struct Comparison {
    differences: Vec<Difference>,
    compared: usize,
    allocated: BTreeMap<String, Value>,
}

impl Comparison {
    /// Compares two values; `place` says what they are.
    pub fn same(&mut self, place: &str, expected: &Value, got: &Value) {
        self.compared += 1;
        self.walk(place.to_string(), Some(expected), Some(got));
    }

    /// Notes a difference that was found otherwise.
    pub fn differ(&mut self, place: &str, expected: Value, got: Value) {
        self.compared += 1;
        self.differences.push(Difference { place: place.into(), expected: Some(expected), got: Some(got) });
    }

    /// All differences. A case that compared nothing is told as one: it must not pass unseen.
    pub fn finish(mut self) -> Vec<Difference> {
        if self.compared == 0 {
            self.differ("", "something to compare".into(), Value::Null);
        }
        self.differences
    }

    fn walk(&mut self, place: String, expected: Option<&Value>, got: Option<&Value>) {
        match (expected, got) {
            (Some(Value::String(name)), Some(got)) if is_allocated(name) => self.stands_for(place, name, got),
            (Some(Value::String(a)), Some(Value::String(b))) if same_text(a, b) => {}
            (Some(Value::Object(a)), Some(Value::Object(b))) => {
                let added = b.keys().filter(|key| !a.contains_key(*key));
                for key in a.keys().chain(added) {
                    let place = if place.is_empty() { key.clone() } else { format!("{place}.{key}") };
                    self.walk(place, a.get(key), b.get(key));
                }
            }
            (Some(Value::Array(a)), Some(Value::Array(b))) if a.len() == b.len() => {
                for (index, (a, b)) in a.iter().zip(b).enumerate() {
                    self.walk(format!("{place}[{index}]"), Some(a), Some(b));
                }
            }
            _ if expected == got => {}
            _ => self.differences.push(Difference { place, expected: expected.cloned(), got: got.cloned() }),
        }
    }

    /// `got` stands where the server picked something at random: the same name must mean the same value.
    /// Ports and addresses are named apart from each other.
    fn stands_for(&mut self, place: String, name: &str, got: &Value) {
        let bound = self.allocated.entry(format!("{name} {}", got.is_number())).or_insert_with(|| got.clone());
        if bound != got {
            let expected = Some(bound.clone());
            self.differences.push(Difference { place, expected, got: Some(got.clone()) });
        }
    }
}

fn is_allocated(text: &str) -> bool {
    text.strip_prefix("<allocated").and_then(|rest| rest.strip_suffix('>')).is_some_and(|name| !name.contains('<'))
}

/// Texts with `<allocated…>` in them: any address or number may stand there.
fn same_text(expected: &str, got: &str) -> bool {
    let Some((before, rest)) = expected.split_once("<allocated") else { return expected == got };
    let Some((_, after)) = rest.split_once('>') else { return expected == got };
    let Some(got) = got.strip_prefix(before) else { return false };
    let picked = got.bytes().take_while(|b| b.is_ascii_digit() || *b == b'.').count();
    picked > 0 && same_text(after, &got[picked..])
}

#[cfg(test)]
mod tests {
    use super::Comparison;
    use serde_json::json;

    fn places(expected: serde_json::Value, got: serde_json::Value) -> Vec<String> {
        let mut found = Comparison::default();
        found.same("", &expected, &got);
        found.finish().into_iter().map(|d| d.place).collect()
    }

    #[test]
    fn a_difference_is_told_by_its_path() {
        assert_eq!(places(json!({"a": [{"b": 1}, 2], "c": 1}), json!({"a": [{"b": 2}, 2], "d": 1})), ["a[0].b", "c", "d"]);
        assert_eq!(places(json!({"a": [1, 2]}), json!({"a": [1]})), ["a"]);
        assert_eq!(places(json!({"a": null}), json!({})), ["a"]);
        assert!(places(json!(null), json!(null)).is_empty());
    }

    #[test]
    fn what_was_allocated_is_any_value_but_the_same() {
        let expected = json!({"ip": "<allocated>", "ips": ["<allocated>"], "text": "took <allocated>, fine"});
        let got = |ip: &str| json!({"ip": "10.96.0.7", "ips": [ip], "text": "took 10.96.0.7, fine"});
        assert!(places(expected.clone(), got("10.96.0.7")).is_empty());
        assert_eq!(places(expected, got("10.96.0.8")), ["ips[0]"]);
        assert_eq!(places(json!("took <allocated>"), json!("took ")), [""]);
    }

    #[test]
    fn a_case_that_compares_nothing_has_failed() {
        assert_eq!(Comparison::default().finish().len(), 1);
    }
}
