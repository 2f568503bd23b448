//! Label selectors: the text form of `-l` and the object form of `spec.selector`, with Kubernetes' errors.
//!
//! Promises: parsing never panics; printing and parsing again gives the same selector.
//! Source: `staging/apimachinery/pkg/labels/selector.go`, `…/pkg/apis/meta/v1/helpers.go`.

use super::meta::{LabelSelector, LabelSelectorRequirement, StringMap};
use super::selector_parser;
use super::validation::field::{AsJson, FieldError, aggregate};
use super::validation::names;
use crate::sorting::Arrange;
use std::collections::BTreeSet;
use std::fmt;

/// How a requirement compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Operator {
    In,
    NotIn,
    Equals,
    DoubleEquals,
    NotEquals,
    Exists,
    DoesNotExist,
    GreaterThan,
    LessThan,
}

/// One thing that must hold for a set of labels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirement {
    key: String,
    operator: Operator,
    values: BTreeSet<String>,
}

/// What a set of labels must look like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selector {
    /// Matches no object (an absent LabelSelector).
    Nothing,
    /// All of these must hold, sorted by key. None: matches everything.
    All(Vec<Requirement>),
}

impl Requirement {
    /// A checked requirement; the errors are those of `labels.NewRequirement`.
    pub fn new(key: &str, operator: Operator, values: &[String]) -> Result<Requirement, Vec<FieldError>> {
        let mut errors = vec![];
        check_key("key", key, &mut errors);
        let shown = values.to_vec();
        let refuse = |detail: &str| {
            // Go's nil slice prints as null.
            match shown.is_empty() {
                true => FieldError::invalid("values", &None::<String>, detail),
                false => FieldError::invalid("values", &AsJson(&shown), detail),
            }
        };
        use Operator::*;
        match operator {
            In | NotIn if values.is_empty() => errors.push(refuse("for 'in', 'notin' operators, values set can't be empty")),
            Equals | DoubleEquals | NotEquals if values.len() != 1 => {
                errors.push(refuse("exact-match compatibility requires one single value"));
            }
            Exists | DoesNotExist if !values.is_empty() => {
                errors.push(refuse("values set must be empty for exists and does not exist"));
            }
            GreaterThan | LessThan if values.len() != 1 => {
                errors.push(refuse("for 'Gt', 'Lt' operators, exactly one value is required"));
            }
            GreaterThan | LessThan if integer(&values[0]).is_none() => {
                let detail = "for 'Gt', 'Lt' operators, the value must be an integer";
                errors.push(FieldError::invalid("values[0]", &values[0], detail));
            }
            _ => {}
        }
        for (i, value) in values.iter().enumerate() {
            let messages = names::label_value(value);
            if !messages.is_empty() {
                errors.push(FieldError::invalid(format!("values[{i}][{key}]"), value, messages.join("; ")));
            }
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        Ok(Requirement { key: key.into(), operator, values: values.iter().cloned().collect() })
    }

    /// Whether it holds.
    pub fn matches(&self, labels: &StringMap) -> bool {
        let value = labels.get(&self.key);
        use Operator::*;
        match self.operator {
            In | Equals | DoubleEquals => value.is_some_and(|v| self.values.contains(v)),
            NotIn | NotEquals => value.is_none_or(|v| !self.values.contains(v)),
            Exists => value.is_some(),
            DoesNotExist => value.is_none(),
            GreaterThan | LessThan => {
                let wanted = self.values.first().and_then(|v| integer(v));
                let (Some(is), Some(wanted)) = (value.and_then(|v| integer(v)), wanted) else { return false };
                if self.operator == GreaterThan { is > wanted } else { is < wanted }
            }
        }
    }
}

/// A 64-bit number as Go's `strconv.ParseInt` reads it.
fn integer(text: &str) -> Option<i64> {
    text.parse().ok()
}

/// Notes what is wrong with a label key.
pub(super) fn check_key(path: &str, key: &str, errors: &mut Vec<FieldError>) {
    let messages = names::qualified_name(key);
    if !messages.is_empty() {
        errors.push(FieldError::invalid(path, key, messages.join("; ")));
    }
}

impl fmt::Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use Operator::*;
        if self.operator == DoesNotExist {
            f.write_str("!")?;
        }
        f.write_str(&self.key)?;
        let (sign, set) = match self.operator {
            Equals => ("=", false),
            DoubleEquals => ("==", false),
            NotEquals => ("!=", false),
            GreaterThan => (">", false),
            LessThan => ("<", false),
            In => (" in ", true),
            NotIn => (" notin ", true),
            Exists | DoesNotExist => return Ok(()),
        };
        let values: Vec<&str> = self.values.iter().map(String::as_str).collect();
        let values = values.join(",");
        if set { write!(f, "{sign}({values})") } else { write!(f, "{sign}{values}") }
    }
}

impl Selector {
    /// Matches every object.
    pub fn everything() -> Selector {
        Selector::All(vec![])
    }

    /// Reads the text form (`app=web,tier in (front)`). The error is kubectl's text.
    pub fn parse(text: &str) -> Result<Selector, String> {
        selector_parser::parse(text).map(Selector::sorted)
    }

    /// The text form as an object's selector. The error is `ParseToLabelSelector`'s.
    pub fn as_label_selector(text: &str) -> Result<LabelSelector, String> {
        let parsed =
            selector_parser::parse(text).map_err(|why| format!("couldn't parse the selector string \"{text}\": {why}"))?;
        let mut selector = LabelSelector::default();
        for Requirement { key, operator, values } in parsed {
            let values: Vec<String> = values.into_iter().collect();
            let operator = match operator {
                Operator::Equals | Operator::DoubleEquals => {
                    selector.match_labels.insert(key, values.concat());
                    continue;
                }
                Operator::In => "In",
                Operator::NotIn => "NotIn",
                Operator::Exists => "Exists",
                Operator::DoesNotExist => "DoesNotExist",
                Operator::GreaterThan => return Err("\"gt\" isn't supported in label selectors".into()),
                Operator::LessThan => return Err("\"lt\" isn't supported in label selectors".into()),
                Operator::NotEquals => return Err("\"!=\" is not a valid label selector operator".into()),
            };
            selector.match_expressions.push(LabelSelectorRequirement { key, operator: operator.into(), values });
        }
        Ok(selector)
    }

    /// The selector of an object. The error is `LabelSelectorAsSelector`'s.
    pub fn from_label_selector(selector: &LabelSelector) -> Result<Selector, String> {
        let mut requirements = vec![];
        let mut add = |key: &str, operator, values: &[String]| {
            Requirement::new(key, operator, values).map(|r| requirements.push(r)).map_err(|errors| aggregate(&errors))
        };
        for (key, value) in &selector.match_labels {
            add(key, Operator::Equals, std::slice::from_ref(value))?;
        }
        for expression in &selector.match_expressions {
            let operator = match expression.operator.as_str() {
                "In" => Operator::In,
                "NotIn" => Operator::NotIn,
                "Exists" => Operator::Exists,
                "DoesNotExist" => Operator::DoesNotExist,
                other => return Err(format!("{other:?} is not a valid label selector operator")),
            };
            add(&expression.key, operator, &expression.values)?;
        }
        Ok(Selector::sorted(requirements))
    }

    /// The selector of an object; an absent one matches nothing.
    pub fn from_optional(selector: Option<&LabelSelector>) -> Result<Selector, String> {
        selector.map_or(Ok(Selector::Nothing), Selector::from_label_selector)
    }

    fn sorted(mut requirements: Vec<Requirement>) -> Selector {
        requirements.arrange_by(|a, b| a.key.cmp(&b.key));
        Selector::All(requirements)
    }

    /// Whether the labels are as wanted.
    pub fn matches(&self, labels: &StringMap) -> bool {
        match self {
            Selector::Nothing => false,
            Selector::All(requirements) => requirements.iter().all(|r| r.matches(labels)),
        }
    }

    /// Whether there is no requirement (everything matches).
    pub fn is_empty(&self) -> bool {
        matches!(self, Selector::All(requirements) if requirements.is_empty())
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Selector::All(requirements) = self else { return Ok(()) };
        for (i, requirement) in requirements.iter().enumerate() {
            if i > 0 {
                f.write_str(",")?;
            }
            write!(f, "{requirement}")?;
        }
        Ok(())
    }
}

/// How kubectl prints a selector object: `app=web`, `<none>` when it is empty or absent, `<error>` when it is wrong.
pub fn format_label_selector(selector: Option<&LabelSelector>) -> String {
    match Selector::from_optional(selector) {
        Err(_) => "<error>".into(),
        Ok(selector) => {
            let text = selector.to_string();
            if text.is_empty() { "<none>".into() } else { text }
        }
    }
}
