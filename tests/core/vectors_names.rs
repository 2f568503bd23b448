//! Names, labels, IP addresses, CIDRs, quantities, ports and label selectors: every answer of the real code.

use kube_service_lab::api::codec::{Decoder, Json};
use kube_service_lab::api::meta::{LabelSelector, StringMap};
use kube_service_lab::api::quantity::Amount;
use kube_service_lab::api::selector::{Selector, format_label_selector};
use kube_service_lab::api::validation::{FieldError, ip, names};
use serde_json::{Value, json};

fn load(name: &str) -> Value {
    let path = format!("{}/tests/golden/vectors/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// Runs every case, prints each difference, and asserts that there is none.
fn check(name: &str, run: impl Fn(&Value, &Value) -> Value) {
    let file = load(name);
    let cases = file["cases"].as_array().unwrap();
    let mut wrong = 0;
    for case in cases {
        let got = run(&case["in"], &case["out"]);
        if got != case["out"] {
            wrong += 1;
            println!("{}\n   in {}\n  got {got}\n want {}", case["name"], case["in"], case["out"]);
        }
    }
    assert_eq!(wrong, 0, "of {} cases", cases.len());
}

fn texts(errors: Vec<FieldError>) -> Vec<String> {
    errors.iter().map(FieldError::text).collect()
}

#[test]
fn names_and_labels() {
    check("names-and-labels", |input, _| {
        if let Some(v) = input["value"].as_str() {
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
            json!({"messages": names::port_number(input["port"].as_i64().unwrap() as i32)})
        }
    });
}

#[test]
fn label_selectors() {
    let sets: Vec<StringMap> = load("label-selectors")["labelSets"]
        .as_array()
        .unwrap()
        .iter()
        .map(|set| StringMap::decode(set, &mut Decoder::default()).unwrap())
        .collect();
    let matches = |selector: &Selector| sets.iter().map(|s| selector.matches(s)).collect::<Vec<bool>>();
    check("label-selectors", |input, _| {
        if let Some(text) = input["selector"].as_str() {
            return match Selector::parse(text) {
                Ok(s) => json!({"canonical": s.to_string(), "empty": s.is_empty(), "matches": matches(&s)}),
                Err(why) => json!({"error": why}),
            };
        }
        let object = Option::<LabelSelector>::decode(&input["labelSelector"], &mut Decoder::default()).flatten();
        let format = format_label_selector(object.as_ref());
        match Selector::from_optional(object.as_ref()) {
            Ok(s) => json!({
                "canonical": s.to_string(), "format": format, "matches": matches(&s), "matchesNothing": s == Selector::Nothing,
            }),
            Err(why) => json!({"error": why, "format": format}),
        }
    });
}
