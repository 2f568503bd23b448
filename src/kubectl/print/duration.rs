//! Ages as kubectl prints them.
//!
//! Promises: `apimachinery/pkg/util/duration` for every whole nanosecond, with integers only.

const SECOND: i64 = 1_000_000_000;
const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
const YEAR: i64 = 365 * DAY;

/// `HumanDuration`: 2 to 3 significant parts, e.g. `61s`, `2m1s`, `7h59m`, `2d1h`, `2y10d`; `<invalid>` from two seconds into the future.
pub fn human(nanoseconds: i64) -> String {
    let seconds = nanoseconds / SECOND;
    let (minutes, hours) = (seconds / MINUTE, seconds / HOUR);
    let (days, years) = (hours / 24, seconds / YEAR);
    if let Some(text) = out_of_range(seconds) {
        return text;
    }
    match seconds {
        s if s < 2 * MINUTE => format!("{s}s"),
        s if s < 10 * MINUTE => two(minutes, "m", s % MINUTE, "s"),
        s if s < 3 * HOUR => format!("{minutes}m"),
        s if s < 8 * HOUR => two(hours, "h", minutes % 60, "m"),
        s if s < 2 * DAY => format!("{hours}h"),
        s if s < 8 * DAY => two(days, "d", hours % 24, "h"),
        s if s < 2 * YEAR => format!("{days}d"),
        s if s < 8 * YEAR => two(years, "y", days % 365, "d"),
        _ => format!("{years}y"),
    }
}

/// `ShortHumanDuration`: one part, e.g. `59s`, `2m`, `3h`, `30d`, `1y`.
pub fn short_human(nanoseconds: i64) -> String {
    let seconds = nanoseconds / SECOND;
    if let Some(text) = out_of_range(seconds) {
        return text;
    }
    match seconds {
        s if s < MINUTE => format!("{s}s"),
        s if s < HOUR => format!("{}m", s / MINUTE),
        s if s < DAY => format!("{}h", s / HOUR),
        s if s < YEAR => format!("{}d", s / DAY),
        s => format!("{}y", s / YEAR),
    }
}

/// Times in the future: up to two seconds are a clock's error, more are invalid.
fn out_of_range(seconds: i64) -> Option<String> {
    match seconds {
        s if s < -1 => Some("<invalid>".to_owned()),
        s if s < 0 => Some("0s".to_owned()),
        _ => None,
    }
}

fn two(high: i64, high_unit: &str, low: i64, low_unit: &str) -> String {
    if low == 0 { format!("{high}{high_unit}") } else { format!("{high}{high_unit}{low}{low_unit}") }
}
