//! `--sort-by`: objects in the order of the value that a JSONPath finds (`…/cmd/get/sorter.go`).

use crate::api::Object;
use crate::api::quantity::Amount;
use crate::kubectl::failure::Failure;
use crate::kubectl::print::jsonpath::{JsonPath, relaxed};
use serde_json::Value;

/// Why objects were not sorted.
pub enum Unsorted {
    /// None of them has a field at that path.
    NoField(String),
    /// Something else.
    Other(String),
}

impl From<Unsorted> for Failure {
    fn from(why: Unsorted) -> Failure {
        Failure::error(match why {
            Unsorted::NoField(path) => format!("couldn't find any field with path {path:?} in the list of objects"),
            Unsorted::Other(why) => why,
        })
    }
}

/// Sorts objects; a path that no object has is an error, told apart from others by [`Unsorted`].
pub fn sort(objects: &mut [Object], path: &str) -> Result<(), Unsorted> {
    let template = relaxed(path).unwrap_or_else(|_| path.to_string());
    let parsed = JsonPath::parse(&template).map_err(|why| Unsorted::Other(format!("sorting error: {why}")))?;
    let mut keyed: Vec<(Option<Value>, Object)> = vec![];
    for object in objects.iter() {
        let found = parsed.find(&object.to_value()).map_err(Unsorted::Other)?;
        keyed.push((found.into_iter().next().and_then(|items| items.into_iter().next()), object.clone()));
    }
    if !keyed.is_empty() && keyed.iter().all(|(value, _)| value.is_none()) {
        return Err(Unsorted::NoField(template));
    }
    // Go sorts short lists by insertion; what has no value is less than anything, also than what has none either.
    for i in 1..keyed.len() {
        let mut j = i;
        while j > 0 && less(keyed[j].0.as_ref(), keyed[j - 1].0.as_ref()) {
            keyed.swap(j, j - 1);
            j -= 1;
        }
    }
    for (place, (_, object)) in objects.iter_mut().zip(keyed) {
        *place = object;
    }
    Ok(())
}

fn less(a: Option<&Value>, b: Option<&Value>) -> bool {
    match (a, b) {
        (None, _) => true,
        (_, None) => false,
        (Some(Value::Null), Some(b)) => !b.is_null(),
        (Some(Value::Number(a)), Some(Value::Number(b))) => a.as_i64() < b.as_i64(),
        (Some(Value::String(a)), Some(Value::String(b))) => match (Amount::parse(a), Amount::parse(b)) {
            (Ok(a), Ok(b)) => a.compare(&b).is_lt(),
            _ => natural_less(a.as_bytes(), b.as_bytes()),
        },
        _ => false,
    }
}

/// `web-2` before `web-10`: numbers inside texts count as numbers (`github.com/fvbommel/sortorder`).
fn natural_less(a: &[u8], b: &[u8]) -> bool {
    let (mut i, mut j) = (0, 0);
    let run = |text: &[u8], from: usize, fits: fn(&u8) -> bool| from + text[from..].iter().take_while(|c| fits(c)).count();
    while let (Some(x), Some(y)) = (a.get(i), b.get(j)) {
        match (x.is_ascii_digit(), y.is_ascii_digit()) {
            (false, false) if x != y => return x < y,
            (false, false) => (i, j) = (i + 1, j + 1),
            (true, true) => {
                let (from, to) = (run(a, i, |c| *c == b'0'), run(b, j, |c| *c == b'0'));
                (i, j) = (run(a, from, u8::is_ascii_digit), run(b, to, u8::is_ascii_digit));
                let (left, right) = (&a[from..i], &b[to..j]);
                if left != right {
                    return (left.len(), left) < (right.len(), right);
                }
                if from != to {
                    return from < to;
                }
            }
            (digit, _) => return digit,
        }
    }
    a.len() < b.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn texts_sort_as_people_count() {
        let natural = |a: &str, b: &str| natural_less(a.as_bytes(), b.as_bytes());
        for (a, b) in [("web-2", "web-10"), ("web-10", "web-a"), ("a1", "a01"), ("a", "ab"), ("2026-01-02", "2026-01-10")] {
            assert!(natural(a, b) && !natural(b, a), "{a} {b}");
        }
        assert!(!natural("a", "a"));
    }

    #[test]
    fn what_is_null_comes_first() {
        let (null, text) = (json!(null), json!("a"));
        assert!(less(Some(&null), Some(&text)) && !less(Some(&text), Some(&null)) && !less(Some(&null), Some(&null)));
    }
}
