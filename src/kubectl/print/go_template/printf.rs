//! Go's `fmt.Sprintf` for the values a template has.

use super::super::go;
use super::value::Val;
use crate::manifest::number;
use serde_json::Value;

/// Widest and most precise field; more is an error.
const MAX_WIDTH: usize = 10_000;
/// Characters of one call's output.
const MAX_OUTPUT: usize = 1 << 20;

/// Flags, width and precision between `%` and the verb.
#[derive(Debug, Default, Clone, Copy)]
struct Spec {
    minus: bool,
    plus: bool,
    sharp: bool,
    space: bool,
    zero: bool,
    width: usize,
    precision: Option<usize>,
}

/// The formatted text; mistakes show in it as `%!d(string=x)`, `%!d(MISSING)`, `%!(EXTRA int=1)`.
pub fn sprintf(format: &str, args: &[Val<'_>]) -> Result<String, String> {
    let mut out = String::new();
    let mut next = 0;
    let mut chars = format.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        let mut spec = Spec::default();
        while let Some(&flag) = chars.peek() {
            match flag {
                '-' => spec.minus = true,
                '+' => spec.plus = true,
                '#' => spec.sharp = true,
                ' ' => spec.space = true,
                '0' => spec.zero = true,
                _ => break,
            }
            chars.next();
        }
        spec.width = digits(&mut chars).unwrap_or(0);
        if chars.next_if_eq(&'.').is_some() {
            spec.precision = Some(digits(&mut chars).unwrap_or(0));
        }
        if spec.width > MAX_WIDTH || spec.precision.is_some_and(|p| p > MAX_WIDTH) || out.len() > MAX_OUTPUT {
            return Err("format is too wide".to_owned());
        }
        match chars.next() {
            None => out.push_str("%!(NOVERB)"),
            Some('%') => out.push('%'),
            Some(verb) => match args.get(next) {
                None => out.push_str(&format!("%!{verb}(MISSING)")),
                Some(arg) => {
                    next += 1;
                    out.push_str(&verb_text(verb, spec, arg));
                }
            },
        }
    }
    if next < args.len() {
        let extra: Vec<String> = args[next..].iter().map(typed).collect();
        out.push_str(&format!("%!(EXTRA {})", extra.join(", ")));
    }
    Ok(out)
}

fn digits(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Option<usize> {
    let mut value = None;
    while let Some(digit) = chars.peek().and_then(|c| c.to_digit(10)) {
        value = Some((value.unwrap_or(0) * 10 + digit as usize).min(MAX_WIDTH + 1));
        chars.next();
    }
    value
}

/// `int=1`, `string=x`, `<nil>`.
fn typed(arg: &Val<'_>) -> String {
    match arg.type_name() {
        "<nil>" => "<nil>".to_owned(),
        name => format!("{name}={}", arg.plain()),
    }
}

fn verb_text(verb: char, spec: Spec, arg: &Val<'_>) -> String {
    let nothing = arg.is_invalid() || arg.is_nil();
    if verb == 'T' {
        return pad(arg.type_name().to_owned(), spec, false);
    }
    if nothing {
        let text = if verb == 'v' { "<nil>".to_owned() } else { format!("%!{verb}(<nil>)") };
        return if verb == 'v' { pad(text, spec, false) } else { text };
    }
    match (arg.as_int(), arg.json()) {
        (Some(n), _) => int(verb, spec, n, arg),
        (_, Some(Value::Bool(b))) => match verb {
            't' | 'v' => pad(b.to_string(), spec, false),
            _ => wrong(verb, arg),
        },
        (_, Some(Value::Number(n))) => float(verb, spec, n.as_f64().unwrap_or(0.0), arg),
        (_, Some(Value::String(s))) => text(verb, spec, s, arg),
        (_, Some(value)) => collection(verb, spec, value),
        _ => wrong(verb, arg),
    }
}

fn wrong(verb: char, arg: &Val<'_>) -> String {
    format!("%!{verb}({})", typed(arg))
}

/// Fills up to the width; zeros go behind a number's sign.
fn pad(text: String, spec: Spec, number: bool) -> String {
    let missing = spec.width.saturating_sub(text.chars().count());
    if missing == 0 {
        return text;
    }
    if spec.minus {
        return format!("{text}{}", " ".repeat(missing));
    }
    if spec.zero && !spec.minus {
        let sign = if number && text.starts_with(['-', '+', ' ']) { 1 } else { 0 };
        return format!("{}{}{}", &text[..sign], "0".repeat(missing), &text[sign..]);
    }
    format!("{}{text}", " ".repeat(missing))
}

fn signed(text: String, negative: bool, spec: Spec) -> String {
    match (negative, spec.plus, spec.space) {
        (true, ..) => format!("-{text}"),
        (_, true, _) => format!("+{text}"),
        (_, _, true) => format!(" {text}"),
        _ => text,
    }
}

fn int(verb: char, spec: Spec, n: i64, arg: &Val<'_>) -> String {
    let magnitude = n.unsigned_abs();
    let digits = match verb {
        'v' | 'd' => magnitude.to_string(),
        'b' => format!("{magnitude:b}"),
        'o' => format!("{}{magnitude:o}", if spec.sharp { "0" } else { "" }),
        'O' => format!("0o{magnitude:o}"),
        'x' => format!("{}{magnitude:x}", if spec.sharp { "0x" } else { "" }),
        'X' => format!("{}{magnitude:X}", if spec.sharp { "0X" } else { "" }),
        'c' | 'q' | 'U' => {
            let c = u32::try_from(n).ok().and_then(char::from_u32).unwrap_or('\u{fffd}');
            let text = match verb {
                'c' => c.to_string(),
                'q' => format!("'{c}'"),
                _ => format!("U+{magnitude:04X}"),
            };
            return pad(text, spec, false);
        }
        _ => return wrong(verb, arg),
    };
    let zeros = spec.precision.unwrap_or(0).saturating_sub(digits.len());
    let spec_no_zero = Spec { zero: spec.zero && spec.precision.is_none(), ..spec };
    pad(signed(format!("{}{digits}", "0".repeat(zeros)), n < 0, spec), spec_no_zero, true)
}

fn float(verb: char, spec: Spec, v: f64, arg: &Val<'_>) -> String {
    let magnitude = v.abs();
    let digits = match (verb, spec.precision) {
        ('v' | 'g' | 'G', None) => number::go_g(magnitude),
        ('v' | 'g' | 'G', Some(precision)) => general(magnitude, precision.max(1)),
        ('f' | 'F', precision) => format!("{magnitude:.*}", precision.unwrap_or(6)),
        ('e' | 'E', precision) => exponent(magnitude, precision.unwrap_or(6)),
        _ => return wrong(verb, arg),
    };
    let digits = if verb.is_ascii_uppercase() { digits.to_uppercase() } else { digits };
    pad(signed(digits, v.is_sign_negative(), spec), spec, true)
}

fn exponent(v: f64, precision: usize) -> String {
    let text = format!("{v:.precision$e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let (sign, digits) = exponent.strip_prefix('-').map_or(('+', exponent), |digits| ('-', digits));
    format!("{mantissa}e{sign}{digits:0>2}")
}

/// `%.Ng`: N significant digits, without zeros at the end.
fn general(v: f64, precision: usize) -> String {
    let text = format!("{v:.*e}", precision - 1);
    let power: i64 = text.split_once('e').and_then(|(_, e)| e.parse().ok()).unwrap_or(0);
    let trim = |text: &str| {
        if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text.to_owned() }
    };
    if power < -4 || power >= precision as i64 {
        let text = exponent(v, precision - 1);
        let (mantissa, rest) = text.split_once('e').unwrap_or((&text, "+00"));
        format!("{}e{rest}", trim(mantissa))
    } else {
        trim(&format!("{v:.*}", (precision as i64 - 1 - power).max(0) as usize))
    }
}

fn text(verb: char, spec: Spec, s: &str, arg: &Val<'_>) -> String {
    let cut: String = s.chars().take(spec.precision.unwrap_or(usize::MAX)).collect();
    match verb {
        'v' if spec.sharp => pad(go::quote(&cut), spec, false),
        'v' | 's' => pad(cut, spec, false),
        'q' => pad(go::quote(&cut), spec, false),
        'x' | 'X' => {
            let hex: String = cut.bytes().map(|b| if verb == 'x' { format!("{b:02x}") } else { format!("{b:02X}") }).collect();
            pad(hex, spec, false)
        }
        _ => wrong(verb, arg),
    }
}

/// Lists and maps: every part by the verb.
fn collection(verb: char, spec: Spec, value: &Value) -> String {
    if verb == 'v' && spec.sharp {
        return go::syntax(value);
    }
    let part = |v: &Value| match v {
        Value::Null if verb == 'v' => "<nil>".to_owned(),
        v => verb_text(verb, spec, &Val::part(v)),
    };
    match value {
        Value::Array(items) => format!("[{}]", items.iter().map(part).collect::<Vec<_>>().join(" ")),
        Value::Object(map) => {
            let entries =
                map.iter().map(|(k, v)| format!("{}:{}", verb_text(verb, spec, &Val::own(Value::from(k.as_str()))), part(v)));
            format!("map[{}]", entries.collect::<Vec<_>>().join(" "))
        }
        other => part(other),
    }
}
