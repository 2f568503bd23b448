//! Whatever is typed as a selector: it is refused or it is one, and what is printed reads as the same selector.

use kube_service_lab::api::meta::StringMap;
use kube_service_lab::api::quantity::Amount;
use kube_service_lab::api::selector::Selector;
use kube_service_lab::api::validation::ip;
use proptest::prelude::*;

/// Pieces that selectors are made of, right and wrong.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("app".to_string()),
        Just("web".to_string()),
        Just("example.com/role".to_string()),
        Just("5".to_string()),
        Just("in".to_string()),
        Just("notin".to_string()),
        Just("=".to_string()),
        Just("==".to_string()),
        Just("!=".to_string()),
        Just("!".to_string()),
        Just("(".to_string()),
        Just(")".to_string()),
        Just(",".to_string()),
        Just(">".to_string()),
        Just("<".to_string()),
        Just(" ".to_string()),
        "\\PC{0,3}",
    ]
}

fn labels() -> impl Strategy<Value = StringMap> {
    proptest::collection::btree_map("(app|web|in|5|example.com/role)", "(app|web|5|)", 0..4)
}

proptest! {
    #[test]
    fn a_selector_that_is_printed_reads_as_the_same(pieces in proptest::collection::vec(piece(), 0..9), labels in labels()) {
        let text = pieces.concat();
        if let Ok(selector) = Selector::parse(&text) {
            let printed = selector.to_string();
            let again = Selector::parse(&printed);
            prop_assert!(again.is_ok(), "{text:?} printed as {printed:?}: {again:?}");
            let again = again.unwrap();
            prop_assert_eq!(again.to_string(), printed);
            prop_assert_eq!(again.matches(&labels), selector.matches(&labels));
        }
    }

    #[test]
    fn any_text_may_be_asked_for(text in "\\PC{0,40}") {
        let _ = Selector::parse(&text);
        let _ = ip::valid_ip("x", &text);
        let _ = ip::valid_cidr("x", &text);
        let _ = ip::warnings_for_cidr("x", &text);
    }

    #[test]
    fn an_address_without_any_error_has_none_by_the_long_way(text in "(0|127|169|224|10|255|256|01)\\.(0|254|1)\\.(0|7)\\.[0-9]{1,3}") {
        let errors = [ip::legacy_ip("x", &text, true), ip::valid_ip("x", &text), ip::non_special_ip("x", &text)].concat();
        prop_assert_eq!(ip::is_plain_v4(&text), errors.is_empty(), "{:?}", errors);
    }

    #[test]
    fn an_amount_that_is_printed_is_worth_the_same(text in "[+-]?[0-9]{0,20}(\\.[0-9]{0,12})?(n|u|m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei|e-?[0-9]{1,2})?") {
        if let Ok(amount) = Amount::parse(&text) {
            let printed = amount.canonical();
            let again = Amount::parse(&printed);
            prop_assert!(again.is_ok(), "{text:?} printed as {printed:?}: {again:?}");
            let again = again.unwrap();
            prop_assert_eq!(again.compare(&amount), std::cmp::Ordering::Equal, "{} {}", text, printed);
            prop_assert_eq!(again.canonical(), printed);
        }
    }
}
