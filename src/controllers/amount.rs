//! Resource amounts as the controllers count them: CPU in thousandths, all else in whole units.

use crate::api::Quantity;

/// CPU in thousandths, rounded up; 0 for what is no amount.
pub fn cpu_milli(quantity: &Quantity) -> i64 {
    scaled(&quantity.0, 1000).unwrap_or(0)
}

/// Bytes or pieces, rounded up; 0 for what is no amount.
pub fn whole(quantity: &Quantity) -> i64 {
    scaled(&quantity.0, 1).unwrap_or(0)
}

/// `text` times `factor`, rounded up.
fn scaled(text: &str, factor: i128) -> Option<i64> {
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.' && c != '-' && c != '+').unwrap_or(text.len());
    let (number, suffix) = text.split_at(digits);
    let (numerator, denominator) = suffix_ratio(suffix)?;
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let places = u32::try_from(fraction.len()).ok().filter(|n| *n <= 12)?;
    let mantissa: i128 = format!("{whole}{fraction}").parse().ok()?;
    let numerator = mantissa.checked_mul(numerator)?.checked_mul(factor)?;
    let denominator = denominator * 10i128.pow(places);
    i64::try_from(numerator.div_euclid(denominator) + i128::from(numerator.rem_euclid(denominator) != 0)).ok()
}

fn suffix_ratio(suffix: &str) -> Option<(i128, i128)> {
    let binary = ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"].iter().position(|s| *s == suffix);
    if let Some(n) = binary {
        return Some((1 << (10 * (n + 1)), 1));
    }
    let decimal = ["k", "M", "G", "T", "P", "E"].iter().position(|s| *s == suffix);
    if let Some(n) = decimal {
        return Some((1000i128.pow(n as u32 + 1), 1));
    }
    match suffix {
        "" => Some((1, 1)),
        "m" => Some((1, 1000)),
        "u" => Some((1, 1_000_000)),
        "n" => Some((1, 1_000_000_000)),
        _ => {
            let exponent: i32 = suffix.strip_prefix(['e', 'E'])?.parse().ok().filter(|e: &i32| e.abs() <= 18)?;
            let power = 10i128.pow(exponent.unsigned_abs());
            Some(if exponent < 0 { (1, power) } else { (power, 1) })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_with_their_suffixes() {
        let q = |text: &str| Quantity(text.into());
        assert_eq!(cpu_milli(&q("500m")), 500);
        assert_eq!(cpu_milli(&q("1.5")), 1500);
        assert_eq!(cpu_milli(&q("100u")), 1, "rounded up");
        assert_eq!(whole(&q("24683060Ki")), 24_683_060 * 1024);
        assert_eq!(whole(&q("1e3")), 1000);
        assert_eq!(whole(&q("128974848")), 128_974_848);
        assert_eq!(whole(&q("nonsense")), 0);
    }
}
