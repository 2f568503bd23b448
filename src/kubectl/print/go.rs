//! Values as Go's `fmt` shows them, for output and messages that do.

use crate::manifest::number;
use serde_json::Value;

pub use crate::api::codec::kinds::go_type as type_name;
pub use crate::manifest::quote::quote;

/// `%v`: text as it is, `map[a:1 b:[x y]]`, `<nil>`.
pub fn plain(value: &Value) -> String {
    match value {
        Value::Null => "<nil>".to_owned(),
        Value::Bool(b) => b.to_string(),
        Value::Number(n) => match n.as_f64() {
            Some(v) if n.is_f64() => number::go_g(v),
            _ => n.to_string(),
        },
        Value::String(s) => s.clone(),
        Value::Array(items) => format!("[{}]", items.iter().map(plain).collect::<Vec<_>>().join(" ")),
        Value::Object(map) => {
            let entries: Vec<String> = map.iter().map(|(k, v)| format!("{k}:{}", plain(v))).collect();
            format!("map[{}]", entries.join(" "))
        }
    }
}

/// `%#v`: `map[string]interface {}{"a":1}`.
pub fn syntax(value: &Value) -> String {
    match value {
        Value::Null => "interface {}(nil)".to_owned(),
        Value::String(s) => quote(s),
        Value::Array(items) => {
            format!("[]interface {{}}{{{}}}", items.iter().map(syntax).collect::<Vec<_>>().join(", "))
        }
        Value::Object(map) => {
            let entries: Vec<String> = map.iter().map(|(k, v)| format!("{}:{}", quote(k), syntax(v))).collect();
            format!("map[string]interface {{}}{{{}}}", entries.join(", "))
        }
        scalar => plain(scalar),
    }
}

/// One character behind a quote's `\`, by `strconv.UnquoteChar`: the text it stands for and how many bytes of `rest` it took.
/// `rest` starts with the backslash; `None` is a syntax error.
pub fn unescape(rest: &str, quote: char) -> Option<(char, usize)> {
    let mut chars = rest.chars();
    chars.next()?;
    let c = chars.next()?;
    let hex = |digits: usize| {
        let text = rest.get(2..2 + digits).filter(|t| t.bytes().all(|b| b.is_ascii_hexdigit()))?;
        let code = u32::from_str_radix(text, 16).ok()?;
        Some((char::from_u32(code)?, 2 + digits))
    };
    Some(match c {
        'a' => ('\u{7}', 2),
        'b' => ('\u{8}', 2),
        'f' => ('\u{c}', 2),
        'n' => ('\n', 2),
        'r' => ('\r', 2),
        't' => ('\t', 2),
        'v' => ('\u{b}', 2),
        '\\' => ('\\', 2),
        'x' => hex(2)?,
        'u' => hex(4)?,
        'U' => hex(8)?,
        '0'..='7' => {
            let text = rest.get(1..4).filter(|t| t.bytes().all(|b| (b'0'..=b'7').contains(&b)))?;
            let code = u32::from_str_radix(text, 8).ok().filter(|&code| code < 256)?;
            (char::from_u32(code)?, 4)
        }
        c if c == quote => (c, 2),
        _ => return None,
    })
}
