//! Spans of time as Go's `time.Duration` reads and prints them.

use super::{MILLISECOND, Nanos, SECOND};

/// A span as Go writes it: `3s`, `200ms`, `1m30s`, `0`. `None` when it is not one.
pub fn parse_span(text: &str) -> Option<Nanos> {
    if text == "0" {
        return Some(0);
    }
    let mut rest = text;
    let mut total: u128 = 0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, tail) = rest.split_at(digits);
        let unit_len = tail.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(tail.len());
        let unit: u128 = match &tail[..unit_len] {
            "ns" => 1,
            "us" | "µs" => 1_000,
            "ms" => u128::from(MILLISECOND),
            "s" => u128::from(SECOND),
            "m" => u128::from(60 * SECOND),
            "h" => u128::from(3600 * SECOND),
            _ => return None,
        };
        total += decimal(number, unit)?;
        rest = &tail[unit_len..];
    }
    (!text.is_empty()).then(|| u64::try_from(total).ok()).flatten()
}

/// A span of a flag as Go's `time.ParseDuration` reads it, in nanoseconds, with its refusals.
pub fn go_duration(text: &str) -> Result<i128, String> {
    let (negative, rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if let Some(span) = parse_span(rest) {
        return Ok(if negative { -i128::from(span) } else { i128::from(span) });
    }
    let number = |c: char| c.is_ascii_digit() || c == '.';
    let mut left = rest;
    while left.starts_with(number) && left.contains(|c: char| c.is_ascii_digit()) {
        left = left.trim_start_matches(number);
        let unit = &left[..left.find(number).unwrap_or(left.len())];
        match unit {
            "" => return Err(format!("time: missing unit in duration {text:?}")),
            "ns" | "us" | "µs" | "ms" | "s" | "m" | "h" => left = &left[unit.len()..],
            _ => return Err(format!("time: unknown unit {unit:?} in duration {text:?}")),
        }
    }
    Err(format!("time: invalid duration {text:?}"))
}

/// A span as Go prints it: `10s`, `1m20s`, `1.2s`, `350ms`.
pub fn print_span(span: Nanos) -> String {
    let fraction = |value: Nanos, unit: Nanos, digits: usize| {
        let text = format!("{}.{:0digits$}", value / unit, value % unit);
        text.trim_end_matches('0').trim_end_matches('.').to_string()
    };
    let (minutes, rest) = (span / (60 * SECOND), span % (60 * SECOND));
    match span {
        0 => "0s".into(),
        _ if span < 1_000 => format!("{span}ns"),
        _ if span < MILLISECOND => format!("{}µs", fraction(span, 1_000, 3)),
        _ if span < SECOND => format!("{}ms", fraction(span, MILLISECOND, 6)),
        _ if minutes == 0 => format!("{}s", fraction(span, SECOND, 9)),
        _ if minutes < 60 => format!("{minutes}m{}s", fraction(rest, SECOND, 9)),
        _ => format!("{}h{}m{}s", minutes / 60, minutes % 60, fraction(rest, SECOND, 9)),
    }
}

/// `12.5` times `unit`, in whole numbers; `None` when it is no such number.
pub fn decimal(text: &str, unit: u128) -> Option<u128> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if whole.is_empty() && fraction.is_empty() || whole.len() > 18 || fraction.len() > 18 {
        return None;
    }
    let number = |s: &str| if s.is_empty() { Some(0u128) } else { s.parse::<u128>().ok() };
    let scale = 10u128.pow(fraction.len() as u32);
    Some(number(whole)? * unit + number(fraction)? * unit / scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read_as_go_reads_them() {
        for (text, want) in
            [("3s", 3 * SECOND), ("200ms", 200 * MILLISECOND), ("1m30s", 90 * SECOND), ("1.5s", 1500 * MILLISECOND), ("0", 0)]
        {
            assert_eq!(parse_span(text), Some(want), "{text}");
        }
        for (span, want) in
            [(10 * SECOND, "10s"), (80 * SECOND, "1m20s"), (1_230 * MILLISECOND, "1.23s"), (350 * MILLISECOND, "350ms")]
        {
            assert_eq!(print_span(span), want);
        }
        for (bad, why) in [
            ("5", "missing unit in duration \"5\""),
            ("5x", "unknown unit \"x\" in duration \"5x\""),
            ("x", "invalid duration \"x\""),
        ] {
            assert_eq!(go_duration(bad), Err(format!("time: {why}")));
        }
        assert_eq!(go_duration("-1s"), Ok(-i128::from(SECOND)));
        for bad in ["", "3", "s", "3x", "1..5s", "99999999999999999999s", "-1s"] {
            assert_eq!(parse_span(bad), None, "{bad}");
        }
    }
}
