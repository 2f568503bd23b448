//! Names, labels, IP addresses, CIDRs, quantities, ports; label selectors as text and as object.

use super::Comparison;
use super::input::{int32, list, value_of};
use crate::api::codec::{Decoder, Json};
use crate::api::meta::{LabelSelector, StringMap};
use crate::api::quantity::Amount;
use crate::api::selector::{Selector, format_label_selector};
use crate::api::validation::{FieldError, ip, names};
use serde_json::{Value, json};

fn texts(errors: Vec<FieldError>) -> Vec<String> {
    errors.iter().map(FieldError::text).collect()
}

/// names-and-labels: one value against every rule.
pub fn rules(_file: &Value, case: &Value, found: &mut Comparison) -> Result<(), String> {
    let input = &case["in"];
    let got = if let Some(v) = input["value"].as_str() {
        json!({
            "IsDNS1035Label": names::dns1035_label(v),
            "IsDNS1123Label": names::dns1123_label(v),
            "IsDNS1123Subdomain": names::dns1123_subdomain(v),
            "IsQualifiedName": names::qualified_name(v),
            "IsValidLabelValue": names::label_value(v),
            "IsValidPortName": names::port_name(v),
            "NameIsDNSLabelPrefix": names::as_prefix(v, names::dns1123_label),
        })
    } else if let Some(v) = input["ip"].as_str() {
        json!({
            "GetWarningsForIP": ip::warnings_for_ip("spec.x", v),
            "IsValidIP": texts(ip::valid_ip("spec.x", v)),
            "IsValidIPForLegacyField_legacy": texts(ip::legacy_ip("spec.x", v, false)),
            "IsValidIPForLegacyField_strict": texts(ip::legacy_ip("spec.x", v, true)),
        })
    } else if let Some(v) = input["cidr"].as_str() {
        json!({
            "GetWarningsForCIDR": ip::warnings_for_cidr("spec.x", v),
            "IsValidCIDR": texts(ip::valid_cidr("spec.x", v)),
            "IsValidCIDRForLegacyField_legacy": texts(ip::legacy_cidr("spec.x", v, false)),
            "IsValidCIDRForLegacyField_strict": texts(ip::legacy_cidr("spec.x", v, true)),
        })
    } else if let Some(v) = input["quantity"].as_str() {
        match Amount::parse(v) {
            Ok(a) => json!({"canonical": a.canonical(), "milliValue": a.milli_value(), "value": a.value()}),
            Err(why) => json!({"error": why}),
        }
    } else {
        let port = int32(input, "port")?.ok_or("a case about nothing known")?;
        json!({"messages": names::port_number(port)})
    };
    found.same("", &case["out"], &got);
    Ok(())
}

/// label-selectors: `labelSets` of the file are what is matched.
pub fn selectors(file: &Value, case: &Value, found: &mut Comparison) -> Result<(), String> {
    let sets: Vec<StringMap> = list(file, "labelSets").iter().map(value_of).collect::<Result<_, _>>()?;
    let matches = |selector: &Selector| sets.iter().map(|s| selector.matches(s)).collect::<Vec<bool>>();
    let got = if let Some(text) = case["in"]["selector"].as_str() {
        match Selector::parse(text) {
            Ok(s) => json!({"canonical": s.to_string(), "empty": s.is_empty(), "matches": matches(&s)}),
            Err(why) => json!({"error": why}),
        }
    } else {
        let object = Option::<LabelSelector>::decode(&case["in"]["labelSelector"], &mut Decoder::default()).flatten();
        let format = format_label_selector(object.as_ref());
        match Selector::from_optional(object.as_ref()) {
            Ok(s) => json!({
                "canonical": s.to_string(), "format": format, "matches": matches(&s), "matchesNothing": s == Selector::Nothing,
            }),
            Err(why) => json!({"error": why, "format": format}),
        }
    };
    found.same("", &case["out"], &got);
    Ok(())
}
