//! Resource amounts: reading `500m` or `1.5Gi`, their value, and the form the API server stores.
//!
//! Source: `staging/apimachinery/pkg/api/resource/{quantity,suffix,amount}.go`.

const FORMAT: &str = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
const SUFFIX: &str = "unable to parse quantity's suffix";
const NUMERIC: &str = "unable to parse numeric part of quantity";
const NANO: i32 = -9;
/// Digits up to which Go keeps a number as a 64-bit integer.
const FAST_DIGITS: i32 = 18;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    DecimalSI,
    DecimalExponent,
    BinarySI,
}

/// A parsed amount: `mantissa * 10^scale`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Amount {
    mantissa: i128,
    scale: i32,
    format: Format,
    /// The text itself, when it is canonical already.
    text: Option<String>,
}

const BINARY: [&str; 6] = ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
const DECIMAL: [(&str, i32); 10] =
    [("n", -9), ("u", -6), ("m", -3), ("", 0), ("k", 3), ("M", 6), ("G", 9), ("T", 12), ("P", 15), ("E", 18)];

struct Parts<'a> {
    negative: bool,
    whole: &'a str,
    fraction: &'a str,
    suffix: &'a str,
}

fn digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}

fn cut(text: &str) -> Result<Parts<'_>, &'static str> {
    let negative = text.starts_with('-');
    let rest = text.strip_prefix(['-', '+']).unwrap_or(text).trim_start_matches('0');
    let (whole, mut rest) = rest.split_at(digits(rest));
    let mut fraction = "";
    if let Some(behind) = rest.strip_prefix('.') {
        (fraction, rest) = behind.split_at(digits(behind));
    }
    let letters = rest.bytes().take_while(|b| b"eEinumkKMGTP".contains(b)).count();
    let number = rest[letters..].strip_prefix(['-', '+']).unwrap_or(&rest[letters..]);
    if digits(number) != number.len() {
        return Err(FORMAT);
    }
    Ok(Parts { negative, whole: if whole.is_empty() { "0" } else { whole }, fraction, suffix: rest })
}

/// Base-2 or base-10 exponent of a suffix.
fn interpret(suffix: &str) -> Result<(i32, Format), &'static str> {
    if let Some(i) = BINARY.iter().position(|b| *b == suffix) {
        return Ok((10 * (i as i32 + 1), Format::BinarySI));
    }
    if let Some((_, exponent)) = DECIMAL.iter().find(|(name, _)| *name == suffix) {
        return Ok((*exponent, Format::DecimalSI));
    }
    let exponent = suffix.strip_prefix(['e', 'E']).and_then(|n| n.parse::<i32>().ok());
    exponent.filter(|n| n.abs() <= 10_000).map(|n| (n, Format::DecimalExponent)).ok_or(SUFFIX)
}

impl Amount {
    /// Reads an amount; the error is Kubernetes' text.
    pub fn parse(text: &str) -> Result<Amount, String> {
        if text.is_empty() {
            return Err(FORMAT.into());
        }
        let parts = cut(text)?;
        let (exponent, format) = interpret(parts.suffix)?;
        let shifted = format!("{}{}", parts.whole, parts.fraction);
        let mut mantissa: i128 = shifted.parse().map_err(|_| NUMERIC)?;
        let mut scale = -(parts.fraction.len() as i32);
        let mut reuse = false;
        match format {
            Format::BinarySI => {
                mantissa = mantissa.checked_mul(1 << exponent).ok_or(NUMERIC)?;
                let fast = parts.fraction.is_empty() && 15 - parts.whole.len() as i32 - exponent * 3 / 10 > 0;
                reuse = fast && exponent % 10 == 0 && parts.whole.parse::<i64>().is_ok_and(|v| v & 7 != 0);
            }
            _ => {
                scale += exponent;
                let fast = shifted.len() as i32 <= FAST_DIGITS && scale >= NANO;
                reuse |= fast && scale % 3 == 0 && !shifted.ends_with("000") && !shifted.starts_with('0');
            }
        }
        if parts.negative {
            mantissa = -mantissa;
        }
        let mut amount = Amount { mantissa, scale, format, text: reuse.then(|| text.to_string()) };
        amount.bound();
        Ok(amount)
    }

    /// Not finer than nano (rounded away from zero); binary amounts at most 2^63-1, and decimal below 1.
    fn bound(&mut self) {
        while self.mantissa % 10 == 0 && self.mantissa != 0 && self.scale < 0 && self.text.is_none() {
            self.mantissa /= 10;
            self.scale += 1;
        }
        if self.scale < NANO {
            self.mantissa = div_away(self.mantissa, power((NANO - self.scale) as u32));
            self.scale = NANO;
        }
        if self.format == Format::BinarySI {
            let max = i128::from(i64::MAX);
            if self.at_scale(0).abs() > max {
                (self.mantissa, self.scale) = (max * self.mantissa.signum(), 0);
            }
            if self.scale < 0 && self.mantissa.unsigned_abs() < power((-self.scale) as u32).unsigned_abs() {
                self.format = Format::DecimalSI;
            }
        }
    }

    /// The amount in units of `10^scale`, rounded away from zero.
    fn at_scale(&self, scale: i32) -> i128 {
        let by = self.scale - scale;
        if by >= 0 { self.mantissa.saturating_mul(power(by as u32)) } else { div_away(self.mantissa, power((-by) as u32)) }
    }

    /// The whole number, rounded away from zero.
    pub fn value(&self) -> i64 {
        self.at_scale(0) as i64
    }

    /// Thousandths, rounded away from zero.
    pub fn milli_value(&self) -> i64 {
        self.at_scale(-3) as i64
    }

    /// -1, 0 or 1.
    pub fn sign(&self) -> i32 {
        self.mantissa.signum() as i32
    }

    /// Smaller, equal or larger than another amount.
    pub fn compare(&self, other: &Amount) -> std::cmp::Ordering {
        self.at_scale(NANO).cmp(&other.at_scale(NANO))
    }

    /// The sum, in this amount's format (or the other's, when this one is zero).
    pub fn plus(&self, other: &Amount) -> Amount {
        let scale = self.scale.min(other.scale);
        let mantissa = self.at_scale(scale).saturating_add(other.at_scale(scale));
        let format = if self.mantissa == 0 { other.format } else { self.format };
        Amount { mantissa, scale, format, text: None }
    }

    /// The form that the API server stores and prints.
    pub fn canonical(&self) -> String {
        if let Some(text) = &self.text {
            return text.clone();
        }
        if self.mantissa == 0 {
            return "0".into();
        }
        let whole = self.scale >= 0 || self.mantissa % power((-self.scale) as u32) == 0;
        if self.format == Format::BinarySI && whole && self.at_scale(0).abs() >= 1024 {
            let (mut number, mut times) = (self.at_scale(0), 0);
            while number % 1024 == 0 && times < BINARY.len() {
                number /= 1024;
                times += 1;
            }
            return format!("{number}{}", if times == 0 { "" } else { BINARY[times - 1] });
        }
        let (mut number, mut exponent) = (self.mantissa, self.scale);
        while number % 10 == 0 {
            number /= 10;
            exponent += 1;
        }
        let back = exponent.rem_euclid(3);
        number = number.saturating_mul(power(back as u32));
        exponent -= back;
        match (self.format, DECIMAL.iter().find(|(_, e)| *e == exponent)) {
            (Format::DecimalExponent, _) if exponent != 0 => format!("{number}e{exponent}"),
            (_, Some((suffix, _))) => format!("{number}{suffix}"),
            (_, None) => format!("{number}e{exponent}"),
        }
    }
}

fn power(n: u32) -> i128 {
    10i128.saturating_pow(n)
}

/// Divides and rounds away from zero.
fn div_away(number: i128, by: i128) -> i128 {
    number / by + if number % by == 0 { 0 } else { number.signum() }
}
