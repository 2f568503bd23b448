//! Numbers that may be percentages (`maxSurge: 25%`). Source: `staging/apimachinery/pkg/util/intstr/intstr.go`.

use super::scalar::IntOrString;

/// The digits in front of a final `%`, if the text is a percentage that fits Go's int.
pub fn percentage(text: &str) -> Option<i64> {
    let digits = text.strip_suffix('%')?;
    (!digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())).then(|| digits.parse().ok())?
}

/// The number that `value` means out of `total`; a percentage is rounded up or down.
/// The error is Kubernetes' text for a string that is no percentage.
pub fn scaled(value: &IntOrString, total: i32, round_up: bool) -> Result<i32, String> {
    match value {
        IntOrString::Int(n) => Ok(*n),
        IntOrString::Text(text) => {
            let percent = percentage(text).ok_or_else(|| {
                let why = if text.ends_with('%') {
                    format!("invalid value {text:?}: strconv.Atoi: parsing {:?}: invalid syntax", &text[..text.len() - 1])
                } else {
                    "invalid type: string is not a percentage".to_string()
                };
                format!("invalid value for IntOrString: {why}")
            })?;
            let product = percent.saturating_mul(i64::from(total));
            let result = if round_up { product.saturating_add(99).div_euclid(100) } else { product.div_euclid(100) };
            Ok(result.clamp(i64::from(i32::MIN), i64::from(i32::MAX)) as i32)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_are_rounded_as_asked() {
        let text = |s: &str| IntOrString::Text(s.into());
        assert_eq!(scaled(&text("25%"), 10, true), Ok(3));
        assert_eq!(scaled(&text("25%"), 10, false), Ok(2));
        assert_eq!(scaled(&text("0%"), 10, true), Ok(0));
        assert_eq!(scaled(&IntOrString::Int(4), 10, true), Ok(4));
        assert_eq!(
            scaled(&text("4"), 10, true),
            Err("invalid value for IntOrString: invalid type: string is not a percentage".into())
        );
        assert!(scaled(&text("x%"), 10, true).is_err());
    }
}
