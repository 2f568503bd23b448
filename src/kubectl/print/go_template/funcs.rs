//! The functions of Go's templates, and kubectl's `exists` and `base64decode`.

use super::super::go;
use super::printf::sprintf;
use super::value::Val;
use crate::manifest::number;
use serde_json::Value;
use std::cmp::Ordering;

/// Least number of arguments; and the exact one, if it is fixed.
pub fn arity(name: &str) -> (usize, Option<usize>) {
    match name {
        "and" | "or" | "call" | "eq" | "exists" | "index" | "printf" | "slice" => (1, None),
        "base64decode" | "len" | "not" => (1, Some(1)),
        "ge" | "gt" | "le" | "lt" | "ne" => (2, Some(2)),
        _ => (0, None),
    }
}

/// Whether templates know the function.
pub fn exists(name: &str) -> bool {
    const NAMES: [&str; 21] = [
        "and",
        "base64decode",
        "call",
        "eq",
        "exists",
        "ge",
        "gt",
        "html",
        "index",
        "js",
        "le",
        "len",
        "lt",
        "ne",
        "not",
        "or",
        "print",
        "printf",
        "println",
        "slice",
        "urlquery",
    ];
    NAMES.contains(&name)
}

type Call<T> = Result<T, String>;

/// Calls a function other than `and` and `or`, whose arguments are evaluated one by one. The number of arguments is checked.
/// `callee_text`: the first argument as the template writes it (no value but `call`'s is ever a function).
pub fn call<'a>(name: &str, callee_text: &str, args: &[Val<'a>]) -> Call<Val<'a>> {
    let text = |text: String| Ok(Val::own(Value::String(text)));
    let truth = |b: bool| Ok(Val::own(Value::Bool(b)));
    match (name, args) {
        ("not", [value]) => truth(!value.truth()),
        ("eq", [first, rest @ ..]) => truth(eq(first, rest)?),
        ("ne", [a, b]) => truth(!eq(a, std::slice::from_ref(b))?),
        ("lt", [a, b]) => truth(less(a, b)?),
        ("ge", [a, b]) => truth(!less(a, b)?),
        ("le", [a, b]) => truth(less(a, b)? || eq(a, std::slice::from_ref(b))?),
        ("gt", [a, b]) => truth(!(less(a, b)? || eq(a, std::slice::from_ref(b))?)),
        ("index", [item, indexes @ ..]) => index(item, indexes),
        ("slice", [item, indexes @ ..]) => slice(item, indexes),
        ("len", [item]) => length(item).map(Val::int),
        ("exists", [item, indexes @ ..]) => truth(path_exists(item, indexes)),
        ("base64decode", [value]) => base64decode(value).and_then(text),
        ("print", args) => text(sprint(args)),
        ("println", args) => text(format!("{}\n", args.iter().map(Val::plain).collect::<Vec<_>>().join(" "))),
        ("printf", [format, rest @ ..]) => text(sprintf(format.json().and_then(Value::as_str).unwrap_or_default(), rest)?),
        ("html", args) => text(escape(&joined(args), html_entity)),
        ("js", args) => text(escape(&joined(args), js_escape)),
        ("urlquery", args) => text(url_query(&joined(args))),
        ("call", [callee, ..]) if callee.is_invalid() => Err("call of nil".to_owned()),
        ("call", [callee, ..]) => Err(format!("non-function {callee_text} of type {}", callee.type_name())),
        _ => Err("wrong number of args".to_owned()),
    }
}

/// `fmt.Sprint`: a blank between two operands if neither is text.
fn sprint(args: &[Val<'_>]) -> String {
    let is_text = |v: &Val<'_>| v.json().is_some_and(Value::is_string);
    let mut out = String::new();
    for (i, arg) in args.iter().enumerate() {
        if i > 0 && !is_text(arg) && !is_text(&args[i - 1]) {
            out.push(' ');
        }
        out.push_str(&arg.plain());
    }
    out
}

/// The arguments of an escaping function as one text.
fn joined(args: &[Val<'_>]) -> String {
    let shown: Vec<Val<'_>> =
        args.iter().map(|v| if v.is_invalid() { Val::own(Value::from("<no value>")) } else { v.clone() }).collect();
    sprint(&shown)
}

#[derive(PartialEq, Clone, Copy)]
enum Kind {
    Invalid,
    Bool,
    Int,
    Float,
    Text,
}

fn kind(value: &Val<'_>) -> Kind {
    match (value.as_int(), value.json()) {
        (Some(_), _) => Kind::Int,
        (_, Some(Value::Bool(_))) => Kind::Bool,
        (_, Some(Value::Number(_))) => Kind::Float,
        (_, Some(Value::String(_))) => Kind::Text,
        _ => Kind::Invalid,
    }
}

fn incompatible(a: &Val<'_>, b: &Val<'_>) -> String {
    format!("incompatible types for comparison: {} and {}", a.type_name(), b.type_name())
}

/// Order of two values of one basic kind.
fn order(a: &Val<'_>, b: &Val<'_>) -> Ordering {
    match (a.as_int(), b.as_int(), a.json(), b.json()) {
        (Some(a), Some(b), ..) => a.cmp(&b),
        (_, _, Some(Value::Bool(a)), Some(Value::Bool(b))) => a.cmp(b),
        (_, _, Some(Value::Number(a)), Some(Value::Number(b))) => number::compare(a, b),
        (_, _, Some(Value::String(a)), Some(Value::String(b))) => a.as_str().cmp(b.as_str()),
        _ => Ordering::Less,
    }
}

/// Whether the first is equal to any of the others.
fn eq(first: &Val<'_>, others: &[Val<'_>]) -> Call<bool> {
    if others.is_empty() {
        return Err("missing argument for comparison".to_owned());
    }
    let first = &first.clone().unwrapped();
    for other in others {
        let other = &other.clone().unwrapped();
        let none = first.is_invalid() || other.is_invalid();
        let equal = match (kind(first), kind(other)) {
            (Kind::Invalid, Kind::Invalid) if none => first.is_invalid() && other.is_invalid(),
            (Kind::Invalid, Kind::Invalid) if first.type_name() != other.type_name() => {
                let (a, b) = (first, other);
                let shown = sprintf("%s", std::slice::from_ref(a))?;
                let types = (a.type_name(), b.type_name());
                return Err(format!("non-comparable types {shown}: {}, {}: {}", types.0, types.1, b.plain()));
            }
            (Kind::Invalid, Kind::Invalid) => {
                let shown = sprintf("%s", std::slice::from_ref(other))?;
                return Err(format!("non-comparable type {shown}: {}", other.type_name()));
            }
            (a, b) if a == b => order(first, other) == Ordering::Equal,
            _ if none => false,
            _ => return Err(incompatible(first, other)),
        };
        if equal {
            return Ok(true);
        }
    }
    Ok(false)
}

fn less(a: &Val<'_>, b: &Val<'_>) -> Call<bool> {
    match (kind(a), kind(b)) {
        (Kind::Invalid, _) | (_, Kind::Invalid) | (Kind::Bool, Kind::Bool) => Err("invalid type for comparison".to_owned()),
        (ka, kb) if ka == kb => Ok(order(a, b) == Ordering::Less),
        _ => Err(incompatible(a, b)),
    }
}

/// An index into something of this length.
fn position(index: &Val<'_>, length: usize) -> Call<usize> {
    match index.as_int() {
        Some(n) if n < 0 || n > length as i64 => Err(format!("index out of range: {n}")),
        Some(n) => Ok(n as usize),
        None if index.is_invalid() || index.is_nil() => Err("cannot index slice/array with nil".to_owned()),
        None => Err(format!("cannot index slice/array with type {}", index.type_name())),
    }
}

fn index<'a>(item: &Val<'a>, indexes: &[Val<'a>]) -> Call<Val<'a>> {
    let mut item = item.clone();
    if item.is_invalid() || item.is_nil() {
        return Err("index of untyped nil".to_owned());
    }
    for index in indexes {
        item = match item.json() {
            Some(Value::Null) => return Err("index of nil pointer".to_owned()),
            Some(Value::Array(items)) => {
                let at = position(index, items.len())?;
                item.get(|v| v.get(at)).ok_or("reflect: slice index out of range")?
            }
            Some(Value::String(text)) => {
                let at = position(index, text.len())?;
                Val::int(i64::from(*text.as_bytes().get(at).ok_or("reflect: string index out of range")?))
            }
            Some(Value::Object(_)) => match index.json() {
                Some(Value::String(key)) => item.get(|v| v.get(key)).unwrap_or_else(Val::nil),
                Some(Value::Null) => return Err("value is nil; should be of type string".to_owned()),
                None if index.is_invalid() => return Err("value is nil; should be of type string".to_owned()),
                _ => return Err(format!("value has type {}; should be string", index.type_name())),
            },
            _ => return Err(format!("can't index item of type {}", item.type_name())),
        };
    }
    Ok(item)
}

fn slice<'a>(item: &Val<'a>, indexes: &[Val<'a>]) -> Call<Val<'a>> {
    if item.is_invalid() || item.is_nil() {
        return Err("slice of untyped nil".to_owned());
    }
    if indexes.len() > 3 {
        return Err(format!("too many slice indexes: {}", indexes.len()));
    }
    let length = match item.json() {
        Some(Value::String(_)) if indexes.len() == 3 => return Err("cannot 3-index slice a string".to_owned()),
        Some(Value::String(text)) => text.len(),
        Some(Value::Array(items)) => items.len(),
        _ => return Err(format!("can't slice item of type {}", item.type_name())),
    };
    let mut bounds = [0, length, length];
    for (i, index) in indexes.iter().enumerate() {
        bounds[i] = position(index, length)?;
    }
    for pair in bounds.windows(2) {
        if pair[0] > pair[1] {
            return Err(format!("invalid slice index: {} > {}", pair[0], pair[1]));
        }
    }
    Ok(match item.json() {
        Some(Value::String(text)) => {
            let bytes = &text.as_bytes()[bounds[0]..bounds[1]];
            Val::own(Value::String(String::from_utf8_lossy(bytes).into_owned()))
        }
        Some(Value::Array(items)) => Val::own(Value::Array(items[bounds[0]..bounds[1]].to_vec())),
        _ => Val::INVALID,
    })
}

fn length(item: &Val<'_>) -> Call<i64> {
    match item.json() {
        Some(Value::Array(items)) => Ok(items.len() as i64),
        Some(Value::Object(map)) => Ok(map.len() as i64),
        Some(Value::String(text)) => Ok(text.len() as i64),
        Some(Value::Null) => Err("len of nil pointer".to_owned()),
        None if item.is_invalid() => Err("reflect: call of reflect.Value.Type on zero Value".to_owned()),
        _ => Err(format!("len of type {}", item.type_name())),
    }
}

/// kubectl's `exists`: whether the keys and indexes lead to something.
fn path_exists(item: &Val<'_>, indexes: &[Val<'_>]) -> bool {
    let mut item = item.clone();
    if indexes.is_empty() {
        return true;
    }
    for index in indexes {
        let next = match (item.json(), index.as_int(), index.json()) {
            (Some(Value::Array(_)), Some(n), _) => usize::try_from(n).ok().and_then(|n| item.get(|v| v.get(n))),
            (Some(Value::String(text)), Some(n), _) => {
                usize::try_from(n).ok().and_then(|n| text.as_bytes().get(n)).map(|b| Val::int(i64::from(*b)))
            }
            (Some(Value::Object(_)), _, Some(Value::String(key))) => item.get(|v| v.get(key)),
            _ => None,
        };
        match next {
            Some(next) => item = next,
            None => return false,
        }
    }
    !item.is_nil()
}

fn base64decode(value: &Val<'_>) -> Call<String> {
    let text = value.json().and_then(Value::as_str).unwrap_or_default();
    match crate::manifest::base64::decode(text) {
        Ok(bytes) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
        Err(at) => Err(format!("base64 decode failed: illegal base64 data at input byte {at}")),
    }
}

fn escape(text: &str, replace: fn(char) -> Option<String>) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match replace(c) {
            Some(replacement) => out.push_str(&replacement),
            None => out.push(c),
        }
    }
    out
}

fn html_entity(c: char) -> Option<String> {
    Some(
        match c {
            '\0' => "\u{fffd}",
            '"' => "&#34;",
            '\'' => "&#39;",
            '&' => "&amp;",
            '<' => "&lt;",
            '>' => "&gt;",
            _ => return None,
        }
        .to_owned(),
    )
}

fn js_escape(c: char) -> Option<String> {
    Some(match c {
        '\\' => r"\\".to_owned(),
        '\'' => r"\'".to_owned(),
        '"' => "\\\"".to_owned(),
        '<' => r"\u003C".to_owned(),
        '>' => r"\u003E".to_owned(),
        '&' => r"\u0026".to_owned(),
        '=' => r"\u003D".to_owned(),
        c if (c as u32) < 0x20 || go::quote(&c.to_string()).starts_with("\"\\") => format!("\\u{:04X}", c as u32),
        _ => return None,
    })
}

fn url_query(text: &str) -> String {
    let mut out = String::new();
    for b in text.bytes() {
        match b {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(char::from(b)),
            b' ' => out.push('+'),
            b => out.push_str(&format!("%{b:02X}")),
        }
    }
    out
}
