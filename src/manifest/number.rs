//! Numbers as Go writes them.
//!
//! Promises: `strconv.FormatFloat` with the shortest digits, as `encoding/json`, `%v` and YAML use it; no platform's own float text.

use serde_json::{Number, Value};

/// The exponent from which `%g` with the shortest digits writes `e`.
const SHORTEST_EXPONENT: i32 = 6;

/// A finite number's shortest decimal digits and where the point is: `0.d1d2d3… × 10^point`.
struct Digits {
    negative: bool,
    digits: String,
    point: i32,
}

impl Digits {
    /// Parses Rust's shortest exponent form (`-1.25e-7`), which core computes with integers.
    fn of(text: &str) -> Self {
        let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
        let negative = mantissa.starts_with('-');
        let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
        Self { negative, digits, point: exponent.parse::<i32>().unwrap_or(0) + 1 }
    }

    fn sign(&self) -> &'static str {
        if self.negative { "-" } else { "" }
    }

    /// `%f` with as many digits as needed.
    fn fixed(&self) -> String {
        let (sign, count) = (self.sign(), self.digits.len() as i32);
        if self.point <= 0 {
            format!("{sign}0.{}{}", "0".repeat(self.point.unsigned_abs() as usize), self.digits)
        } else if self.point >= count {
            format!("{sign}{}{}", self.digits, "0".repeat((self.point - count) as usize))
        } else {
            let (whole, fraction) = self.digits.split_at(self.point as usize);
            format!("{sign}{whole}.{fraction}")
        }
    }

    /// `%e`: the exponent has at least `width` digits.
    fn scientific(&self, width: usize) -> String {
        let (first, rest) = self.digits.split_at(1);
        let exponent = self.point - 1;
        let point = if rest.is_empty() { "" } else { "." };
        let sign = if exponent < 0 { '-' } else { '+' };
        format!("{}{first}{point}{rest}e{sign}{:0width$}", self.sign(), exponent.unsigned_abs())
    }
}

/// `%v` and `strconv.FormatFloat` with format g and the shortest digits: 1.5, 123456, 1e+06, 1e-05.
pub fn go_g(v: f64) -> String {
    general(v, &format!("{v:e}"))
}

/// `strconv.FormatFloat(v, 'g', -1, 32)`, as sigs.k8s.io/yaml writes keys.
pub fn go_g32(v: f64) -> String {
    general(v, &format!("{:e}", v as f32))
}

fn general(v: f64, shortest: &str) -> String {
    if v == 0.0 || !v.is_finite() {
        return if v.is_nan() {
            "NaN".to_owned()
        } else if v == 0.0 {
            if v.is_sign_negative() { "-0" } else { "0" }.to_owned()
        } else {
            if v > 0.0 { "+Inf" } else { "-Inf" }.to_owned()
        };
    }
    let digits = Digits::of(shortest);
    // Six digits decide even where more are written.
    let exponent = digits.point - 1;
    if !(-4..SHORTEST_EXPONENT).contains(&exponent) { digits.scientific(2) } else { digits.fixed() }
}

/// `encoding/json`: plain up to 1e21, then `1e+21`; below 1e-6 `1e-7`.
pub fn go_json(v: f64) -> String {
    if v == 0.0 {
        return if v.is_sign_negative() { "-0" } else { "0" }.to_owned();
    }
    let digits = Digits::of(&format!("{v:e}"));
    if digits.point - 1 < -6 {
        digits.scientific(1)
    } else if digits.point > 21 {
        digits.scientific(2)
    } else {
        digits.fixed()
    }
}

/// A number of the value tree as JSON text.
pub fn json_text(n: &Number) -> String {
    match n.as_f64() {
        Some(v) if n.is_f64() => go_json(v),
        _ => n.to_string(),
    }
}

/// A float as Kubernetes' JSON decoder would hand it on: whole if its text is an integer of 64 bits.
pub fn value_of_float(v: f64) -> Value {
    let text = go_json(v);
    match text.parse::<i64>() {
        Ok(n) => Value::from(n),
        Err(_) => Value::from(v),
    }
}

/// Numbers in order; whole ones exactly.
pub fn compare(a: &Number, b: &Number) -> std::cmp::Ordering {
    match (a.as_i64(), b.as_i64()) {
        (Some(a), Some(b)) => a.cmp(&b),
        _ => a.as_f64().unwrap_or(0.0).total_cmp(&b.as_f64().unwrap_or(0.0)),
    }
}

/// Sign, digits and radix of a whole number as Go reads it with base 0: `0x1f`, `0b1`, `0o17`, `017`, `10`. The digits are not checked.
pub fn go_base(text: &str) -> Option<(&str, &str, u32)> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let sign = &text[..text.len() - unsigned.len()];
    let lower = unsigned.get(..2).map(str::to_ascii_lowercase);
    let (radix, digits) = match lower.as_deref() {
        Some("0x") => (16, &unsigned[2..]),
        Some("0b") => (2, &unsigned[2..]),
        Some("0o") => (8, &unsigned[2..]),
        _ if unsigned.len() > 1 && unsigned.starts_with('0') => (8, &unsigned[1..]),
        _ => (10, unsigned),
    };
    // Rust's parsers would take a second sign.
    (!digits.starts_with(['+', '-'])).then_some((sign, digits, radix))
}
