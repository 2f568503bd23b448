//! A container's limit or request as a number, for variables that are taken from it.

use super::pod::Container;
use super::quantity::Amount;
use serde_json::Value;

/// A limit or request (`limits.cpu`) of a container in units of the divisor, rounded up. A limit that is not set is 0 or what
/// `otherwise` says of the resource.
pub fn resource_field(
    container: &Container,
    resource: &str,
    divisor: &Value,
    otherwise: impl Fn(&str) -> Option<String>,
) -> Option<String> {
    let (group, name) = resource.split_once('.')?;
    let (amounts, otherwise) = match group {
        "limits" => (&container.resources.limits, otherwise(name)),
        "requests" => (&container.resources.requests, None),
        _ => return None,
    };
    let amount = amounts.get(name).map(|q| q.0.to_string()).or(otherwise).unwrap_or_else(|| "0".into());
    let divisor = match divisor.as_str() {
        None | Some("" | "0") => "1",
        Some(text) => text,
    };
    let (amount, divisor) = (Amount::parse(&amount).ok()?, Amount::parse(divisor).ok()?);
    let (amount, divisor) = match name {
        "cpu" => (amount.milli_value(), divisor.milli_value()),
        _ => (amount.value(), divisor.value()),
    };
    if divisor <= 0 {
        return None;
    }
    Some((amount / divisor + i64::from(amount % divisor != 0)).to_string())
}
