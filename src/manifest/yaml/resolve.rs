//! What an unquoted scalar means: YAML 1.1's null, booleans, numbers and time stamps, by go-yaml v2's rules.

use super::super::number;
use serde_json::Value;

pub const BINARY_TAG: &str = "tag:yaml.org,2002:binary";
const LONG_PREFIX: &str = "tag:yaml.org,2002:";

/// A scalar with its type.
#[derive(Debug, Clone, PartialEq)]
pub enum Resolved {
    Null,
    Bool(bool),
    Int(i64),
    /// Above `i64::MAX`.
    Uint(u64),
    Float(f64),
    /// Stays text, but would be a time where one is wanted: printed in quotes.
    Timestamp,
    Text,
}

impl Resolved {
    fn tag(&self) -> &'static str {
        match self {
            Self::Null => "!!null",
            Self::Bool(_) => "!!bool",
            Self::Int(_) | Self::Uint(_) => "!!int",
            Self::Float(_) => "!!float",
            Self::Timestamp => "!!timestamp",
            Self::Text => "!!str",
        }
    }

    /// The value in the tree that JSON would carry; infinite numbers are the caller's to refuse.
    pub fn value(&self, text: &str) -> Value {
        match *self {
            Self::Null => Value::Null,
            Self::Bool(b) => Value::Bool(b),
            Self::Int(n) => Value::from(n),
            Self::Uint(n) => Value::from(n as f64),
            Self::Float(v) => number::value_of_float(v),
            Self::Timestamp | Self::Text => Value::String(text.to_owned()),
        }
    }
}

/// The type of a scalar with this (long) tag; an error if the text does not fit the tag.
pub fn resolve(tag: &str, text: &str) -> Result<Resolved, String> {
    let short = match tag.strip_prefix(LONG_PREFIX) {
        Some(name @ ("str" | "bool" | "int" | "float" | "null" | "timestamp")) => name,
        None if tag.is_empty() => "",
        _ => return Ok(Resolved::Text),
    };
    if short == "str" {
        return Ok(Resolved::Text);
    }
    let found = guess(text, matches!(short, "" | "timestamp"));
    match (&found, short) {
        (_, "") => Ok(found),
        (Resolved::Int(n), "float") => Ok(Resolved::Float(*n as f64)),
        _ if found.tag().strip_prefix("!!") == Some(short) => Ok(found),
        _ => Err(format!("cannot decode {} `{text}` as a !!{short}", found.tag())),
    }
}

/// The type of a plain scalar without a tag.
pub fn resolve_plain(text: &str) -> Resolved {
    guess(text, true)
}

fn guess(text: &str, times: bool) -> Resolved {
    if let Some(known) = well_known(text) {
        return known;
    }
    match text.as_bytes().first() {
        Some(b'.') => finite(text).map_or(Resolved::Text, Resolved::Float),
        Some(b'+' | b'-' | b'0'..=b'9') => {
            if times && is_timestamp(text) {
                return Resolved::Timestamp;
            }
            numeric(&text.replace('_', ""))
        }
        _ => Resolved::Text,
    }
}

fn well_known(text: &str) -> Option<Resolved> {
    Some(match text {
        "" | "~" | "null" | "Null" | "NULL" => Resolved::Null,
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => Resolved::Bool(true),
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => Resolved::Bool(false),
        ".nan" | ".NaN" | ".NAN" => Resolved::Float(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => Resolved::Float(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => Resolved::Float(f64::NEG_INFINITY),
        _ => return None,
    })
}

/// A number out of `text`, from which the underscores are already gone.
fn numeric(text: &str) -> Resolved {
    if let Some(n) = integer(text) {
        return n;
    }
    if is_yaml_float(text)
        && let Some(v) = finite(text)
    {
        return Resolved::Float(v);
    }
    // A second sign behind the binary prefix, which go-yaml lets pass.
    if let Some(digits) = text.strip_prefix("0b")
        && let Some(n) = signed(digits, 2)
    {
        return n;
    }
    Resolved::Text
}

/// Go's `strconv.ParseInt(text, 0, 64)`, then `ParseUint`.
fn integer(text: &str) -> Option<Resolved> {
    let (sign, digits, radix) = number::go_base(text)?;
    match i64::from_str_radix(&format!("{sign}{digits}"), radix) {
        Ok(n) => Some(Resolved::Int(n)),
        Err(_) if sign.is_empty() => u64::from_str_radix(digits, radix).ok().map(Resolved::Uint),
        Err(_) => None,
    }
}

fn signed(digits: &str, radix: u32) -> Option<Resolved> {
    i64::from_str_radix(digits, radix).ok().map(Resolved::Int)
}

/// A float that 64 bits can hold.
fn finite(text: &str) -> Option<f64> {
    let only_float_signs = text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'+' | b'-' | b'.' | b'e' | b'E'));
    if !only_float_signs {
        return None;
    }
    text.parse::<f64>().ok().filter(|v| v.is_finite())
}

/// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`
fn is_yaml_float(text: &str) -> bool {
    let rest = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = match rest.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (rest, None),
    };
    let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let mantissa_fits = digits(whole) && digits(fraction) && !(whole.is_empty() && fraction.is_empty());
    let exponent_fits = exponent.is_none_or(|e| {
        let e = e.strip_prefix(['+', '-']).unwrap_or(e);
        !e.is_empty() && digits(e)
    });
    mantissa_fits && exponent_fits
}

/// Numbers of base 60, which YAML 1.1 has: never read as such, but printed in quotes.
pub fn is_base60_float(text: &str) -> bool {
    let rest = text.strip_prefix(['+', '-']).unwrap_or(text);
    let mut parts = rest.split(':');
    let first = parts.next().unwrap_or("");
    let first_fits = first.starts_with(|c: char| c.is_ascii_digit()) && first.bytes().all(|b| b.is_ascii_digit() || b == b'_');
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else { return false };
    let (last, fraction) = last.split_once('.').unwrap_or((last, ""));
    let sixty = |part: &str| match part.as_bytes() {
        [a] => a.is_ascii_digit(),
        [a, b] => (b'0'..=b'5').contains(a) && b.is_ascii_digit(),
        _ => false,
    };
    first_fits && parts.iter().all(|p| sixty(p)) && sixty(last) && fraction.bytes().all(|b| b.is_ascii_digit() || b == b'_')
}

/// The forms of time stamps that go-yaml knows: a date, or a date with a time behind `T` (with zone), `t` or a blank (without).
fn is_timestamp(text: &str) -> bool {
    let Some((year, rest)) = text.split_once('-') else { return false };
    if year.len() != 4 || !year.bytes().all(|b| b.is_ascii_digit()) {
        return false;
    }
    let Some((month, rest)) = rest.split_once('-') else { return false };
    let day_length = rest.bytes().take_while(u8::is_ascii_digit).count();
    let (day, rest) = rest.split_at(day_length);
    let (Some(month), Some(day)) = (small(month, 1, 12), small(day, 1, 31)) else { return false };
    let leap = year.parse::<u32>().is_ok_and(|y| y % 4 == 0 && (y % 100 != 0 || y % 400 == 0));
    let days = match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    if day > days {
        return false;
    }
    match rest.as_bytes().first() {
        None => true,
        Some(b'T' | b't') => clock(&rest[1..]).is_some_and(is_zone),
        Some(b' ') => clock(&rest[1..]) == Some(""),
        _ => false,
    }
}

/// One or two digits between `low` and `high`.
fn small(text: &str, low: u32, high: u32) -> Option<u32> {
    let fits = matches!(text.len(), 1 | 2) && text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|n| fits && (low..=high).contains(n))
}

/// What is behind `h:m:s`, `h:m:s.fraction`.
fn clock(text: &str) -> Option<&str> {
    let (hour, rest) = text.split_once(':')?;
    let (minute, rest) = rest.split_once(':')?;
    let length = rest.bytes().take_while(u8::is_ascii_digit).count();
    let (second, rest) = rest.split_at(length);
    small(hour, 0, 23)?;
    small(minute, 0, 59)?;
    small(second, 0, 59)?;
    let Some(fraction) = rest.strip_prefix(['.', ',']) else { return Some(rest) };
    let digits = fraction.bytes().take_while(u8::is_ascii_digit).count();
    (digits > 0).then(|| &fraction[digits..])
}

/// `Z` or `+hh:mm`.
fn is_zone(text: &str) -> bool {
    let Some(rest) = text.strip_prefix(['+', '-']) else { return text == "Z" };
    match rest.split_once(':') {
        Some((hours, minutes)) => {
            hours.len() == 2 && minutes.len() == 2 && small(hours, 0, 24).is_some() && small(minutes, 0, 60).is_some()
        }
        None => false,
    }
}
