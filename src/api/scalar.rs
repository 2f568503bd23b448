//! Scalars of the Kubernetes API that are neither plain strings nor plain numbers: times, int-or-string, quantities.

use super::codec::{Decoder, Json};
use super::quantity::Amount;
use serde_json::Value;
use std::fmt;

/// A moment in whole seconds since 1970-01-01T00:00:00Z, as `metav1.Time` prints it. 0 = not set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Time(pub i64);

/// A moment in microseconds since 1970, as `metav1.MicroTime` prints it (leases, events). 0 = not set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct MicroTime(pub i64);

/// Year, month, day, hour, minute, second of a moment in UTC (the proleptic Gregorian calendar).
pub fn civil(seconds: i64) -> (i64, u32, u32, u32, u32, u32) {
    let days = seconds.div_euclid(86_400);
    let rest = seconds.rem_euclid(86_400) as u32;
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let day = (doy - (153 * mp + 2) / 5 + 1) as u32;
    let month = if mp < 10 { mp + 3 } else { mp - 9 } as u32;
    (yoe + era * 400 + i64::from(month <= 2), month, day, rest / 3600, rest / 60 % 60, rest % 60)
}

/// Seconds since 1970 of a date and time in UTC.
pub fn seconds_from_civil(year: i64, month: u32, day: u32, hour: u32, minute: u32, second: u32) -> i64 {
    let y = year - i64::from(month <= 2);
    let era = y.div_euclid(400);
    let yoe = y.rem_euclid(400);
    let mp = i64::from((month + 9) % 12);
    let doy = (153 * mp + 2) / 5 + i64::from(day) - 1;
    let doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    (era * 146_097 + doe - 719_468) * 86_400 + i64::from(hour * 3600 + minute * 60 + second)
}

impl Time {
    /// `2026-11-23T16:55:19Z`.
    pub fn rfc3339(self) -> String {
        let (y, mo, d, h, mi, s) = civil(self.0);
        format!("{y:04}-{mo:02}-{d:02}T{h:02}:{mi:02}:{s:02}Z")
    }

    /// `Mon, 23 Nov 2026 16:55:12 +0000`, as kubectl's describe prints times.
    pub fn rfc1123z(self) -> String {
        const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
        const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
        let (y, mo, d, h, mi, s) = civil(self.0);
        let weekday = DAYS[self.0.div_euclid(86_400).rem_euclid(7) as usize];
        format!("{weekday}, {d:02} {} {y:04} {h:02}:{mi:02}:{s:02} +0000", MONTHS[mo as usize - 1])
    }

    /// Reads RFC 3339 with `Z` or an offset; fractions are cut off.
    pub fn parse(text: &str) -> Option<Time> {
        MicroTime::parse(text).map(|t| Time(t.0.div_euclid(1_000_000)))
    }

    /// Whether it was never set.
    pub fn is_zero(self) -> bool {
        self.0 == 0
    }
}

impl MicroTime {
    /// `2026-11-23T16:55:19.000000Z`.
    pub fn rfc3339(self) -> String {
        let base = Time(self.0.div_euclid(1_000_000)).rfc3339();
        format!("{}.{:06}Z", &base[..base.len() - 1], self.0.rem_euclid(1_000_000))
    }

    /// Reads RFC 3339 with up to nine digits of fraction (cut to microseconds).
    pub fn parse(text: &str) -> Option<MicroTime> {
        let bytes = text.as_bytes();
        if !text.is_ascii()
            || bytes.len() < 20
            || bytes[4] != b'-'
            || bytes[7] != b'-'
            || bytes[10] != b'T'
            || bytes[13] != b':'
            || bytes[16] != b':'
        {
            return None;
        }
        let number = |from: usize, to: usize| text[from..to].parse::<u32>().ok();
        let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
        let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
        if !(1..=12).contains(&month) || !(1..=31).contains(&day) || hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        let mut rest = &text[19..];
        let mut micros = 0i64;
        if let Some(fraction) = rest.strip_prefix('.') {
            let digits = fraction.bytes().take_while(u8::is_ascii_digit).count();
            if digits == 0 || digits > 9 {
                return None;
            }
            for i in 0..6 {
                micros = micros * 10 + fraction.as_bytes().get(i).filter(|_| i < digits).map_or(0, |b| i64::from(b - b'0'));
            }
            rest = &fraction[digits..];
        }
        let offset = match rest.as_bytes() {
            b"Z" => 0,
            [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] if [h1, h2, m1, m2].iter().all(|b| b.is_ascii_digit()) => {
                let digit = |b: &u8| i64::from(b - b'0');
                let minutes = (digit(h1) * 10 + digit(h2)) * 60 + digit(m1) * 10 + digit(m2);
                if *sign == b'+' { minutes * 60 } else { -minutes * 60 }
            }
            _ => return None,
        };
        let seconds = seconds_from_civil(i64::from(year), month, day, hour, minute, second) - offset;
        Some(MicroTime(seconds * 1_000_000 + micros))
    }
}

macro_rules! json_time {
    ($ty:ident) => {
        impl Json for $ty {
            fn go_type() -> String {
                "string".into()
            }
            fn decode(value: &Value, d: &mut Decoder) -> Option<Self> {
                match value {
                    Value::Null => Some($ty(0)),
                    Value::String(text) => {
                        let time = $ty::parse(text);
                        if time.is_none() {
                            d.fail(format!(
                                "parsing time {text:?} as \"2006-01-02T15:04:05Z07:00\": cannot parse {text:?} as \"2006\""
                            ));
                        }
                        time
                    }
                    other => {
                        d.wrong_type(other, "string");
                        None
                    }
                }
            }
            fn encode(&self) -> Value {
                if self.0 == 0 { Value::Null } else { Value::String(self.rfc3339()) }
            }
            fn is_empty(&self) -> bool {
                self.0 == 0
            }
        }
    };
}
json_time!(Time);
json_time!(MicroTime);

/// A number or a string (`targetPort`, `maxSurge`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum IntOrString {
    /// A plain number.
    Int(i32),
    /// A port name or a percentage.
    Text(String),
}

impl Default for IntOrString {
    fn default() -> Self {
        IntOrString::Int(0)
    }
}

impl fmt::Display for IntOrString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            IntOrString::Int(n) => write!(f, "{n}"),
            IntOrString::Text(s) => f.write_str(s),
        }
    }
}

impl Json for IntOrString {
    fn go_type() -> String {
        "intstr.IntOrString".into()
    }
    fn decode(value: &Value, d: &mut Decoder) -> Option<Self> {
        match value {
            Value::String(s) => Some(IntOrString::Text(s.clone())),
            other => {
                let number = other.as_i64().and_then(|n| i32::try_from(n).ok());
                if number.is_none() {
                    d.wrong_by_itself(other, "int32");
                }
                number.map(IntOrString::Int)
            }
        }
    }
    fn encode(&self) -> Value {
        match self {
            IntOrString::Int(n) => Value::from(*n),
            IntOrString::Text(s) => Value::String(s.clone()),
        }
    }
}

/// A resource amount (`500m`, `1Gi`) in the form that the API server stores.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Quantity(pub String);

impl Json for Quantity {
    fn go_type() -> String {
        "resource.Quantity".into()
    }
    fn decode(value: &Value, d: &mut Decoder) -> Option<Self> {
        let text = match value {
            Value::String(s) => s.clone(),
            Value::Number(n) => n.to_string(),
            Value::Null => return None,
            other => other.to_string(),
        };
        match Amount::parse(&text) {
            Ok(amount) => Some(Quantity(amount.canonical())),
            Err(why) => {
                d.fail(why);
                None
            }
        }
    }
    fn encode(&self) -> Value {
        Value::String(self.0.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_printed_and_read_as_go_does() {
        let t = Time::parse("2026-11-23T16:55:12Z").unwrap();
        assert_eq!(t.rfc3339(), "2026-11-23T16:55:12Z");
        assert_eq!(t.rfc1123z(), "Mon, 23 Nov 2026 16:55:12 +0000");
        assert_eq!(Time::parse("2026-11-23T17:55:12+01:00"), Some(t));
        assert_eq!(MicroTime::parse("2024-02-29T00:00:00.123456789Z").unwrap().rfc3339(), "2024-02-29T00:00:00.123456Z");
        for bad in ["", "2026-11-23", "2026-13-01T00:00:00Z", "2026-11-23T16:55:12", "2026-11-23T16:55:12.Z"] {
            assert_eq!(Time::parse(bad), None, "{bad}");
        }
    }
}
