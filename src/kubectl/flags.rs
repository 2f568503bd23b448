//! Flags as kubectl's own parser (pflag) reads them, with its refusals.

use std::collections::BTreeMap;

/// How a flag takes its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// `--all`, `--all=false`.
    Bool,
    /// `--port=80`, `--port 80`.
    Text,
    /// The same, repeatable, parts separated by commas.
    List,
    /// The same, repeatable, each value as it is.
    Many,
    /// A number.
    Int,
    /// May stand alone: then it has this value.
    Optional(&'static str),
}

/// A flag: its long name, its short one, and how it takes its value.
pub struct Flag(pub &'static str, pub Option<char>, pub Takes);

/// Flags that every command has.
pub const GLOBAL: &[Flag] = &[
    Flag("namespace", Some('n'), Takes::Text),
    Flag("help", Some('h'), Takes::Bool),
    Flag("context", None, Takes::Text),
    Flag("kubeconfig", None, Takes::Text),
    Flag("cluster", None, Takes::Text),
    Flag("user", None, Takes::Text),
    Flag("request-timeout", None, Takes::Text),
    Flag("v", Some('v'), Takes::Int),
    Flag("warnings-as-errors", None, Takes::Bool),
];

/// A command line taken apart.
#[derive(Clone, Debug, Default)]
pub struct Parsed {
    /// Words that are no flags, before `--`.
    pub words: Vec<String>,
    /// Everything after `--`; `None` without one.
    pub rest: Option<Vec<String>>,
    values: BTreeMap<&'static str, Vec<String>>,
}

impl Parsed {
    /// The last value of a flag.
    pub fn get(&self, flag: &str) -> Option<&str> {
        self.values.get(flag).and_then(|v| v.last()).map(String::as_str)
    }

    /// The value of a text flag, "" when it was not given.
    pub fn text(&self, flag: &str) -> String {
        self.get(flag).unwrap_or_default().to_string()
    }

    /// Whether a bool flag is on.
    pub fn on(&self, flag: &str) -> bool {
        self.get(flag) == Some("true")
    }

    /// A bool flag with another default.
    pub fn on_or(&self, flag: &str, default: bool) -> bool {
        self.get(flag).map_or(default, |v| v == "true")
    }

    /// The number of an int flag.
    pub fn int(&self, flag: &str) -> Option<i64> {
        self.get(flag).and_then(|v| v.parse().ok())
    }

    /// All values of a flag, in order; those of a list flag are split.
    pub fn all(&self, flag: &str) -> Vec<String> {
        self.values.get(flag).cloned().unwrap_or_default()
    }

    /// Whether a flag was given.
    pub fn has(&self, flag: &str) -> bool {
        self.values.contains_key(flag)
    }
}

/// Takes the words after the command apart. The error is without `error: `.
pub fn parse(words: &[String], flags: &[Flag]) -> Result<Parsed, String> {
    let mut parsed = Parsed::default();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        if word == "--" {
            parsed.rest = Some(words.cloned().collect());
            break;
        }
        if let Some(long) = word.strip_prefix("--") {
            let (name, value) = long.split_once('=').map_or((long, None), |(n, v)| (n, Some(v)));
            let flag = find(flags, |f| f.0 == name).ok_or_else(|| format!("unknown flag: --{name}"))?;
            set(&mut parsed, flag, &format!("--{name}"), value, &mut words)?;
        } else if word.len() > 1 && word.starts_with('-') {
            short(&mut parsed, &word[1..], flags, &mut words)?;
        } else {
            parsed.words.push(word.clone());
        }
    }
    Ok(parsed)
}

fn find(flags: &[Flag], is: impl Fn(&Flag) -> bool) -> Option<&Flag> {
    flags.iter().chain(GLOBAL).find(|f| is(f))
}

/// One or more short flags in one word: `-A`, `-nkube-system`, `-o=wide`, `-it`.
fn short(parsed: &mut Parsed, mut letters: &str, flags: &[Flag], words: &mut std::slice::Iter<String>) -> Result<(), String> {
    let whole = letters;
    while let Some(letter) = letters.chars().next() {
        let flag =
            find(flags, |f| f.1 == Some(letter)).ok_or_else(|| format!("unknown shorthand flag: {letter:?} in -{whole}"))?;
        letters = &letters[letter.len_utf8()..];
        let alone = matches!(flag.2, Takes::Bool | Takes::Optional(_));
        let shown = format!("{letter:?} in -{whole}");
        if let Some(value) = letters.strip_prefix('=') {
            return set(parsed, flag, &shown, Some(value), words);
        }
        if !alone && !letters.is_empty() {
            return set(parsed, flag, &shown, Some(letters), words);
        }
        set(parsed, flag, &shown, None, words)?;
    }
    Ok(())
}

fn set(
    parsed: &mut Parsed,
    flag: &Flag,
    shown: &str,
    value: Option<&str>,
    words: &mut std::slice::Iter<String>,
) -> Result<(), String> {
    let value = match (value, flag.2) {
        (Some(value), _) => value.to_string(),
        (None, Takes::Bool) => "true".to_string(),
        (None, Takes::Optional(default)) => default.to_string(),
        (None, _) => words.next().cloned().ok_or_else(|| format!("flag needs an argument: {shown}"))?,
    };
    let name = match flag.1 {
        Some(letter) => format!("-{letter}, --{}", flag.0),
        None => format!("--{}", flag.0),
    };
    let bad = |kind: &str, parsing: &str| {
        Err(format!("invalid argument {value:?} for {name:?} flag: strconv.{kind}: parsing {value:?}: {parsing}"))
    };
    let values = parsed.values.entry(flag.0).or_default();
    match flag.2 {
        Takes::Bool => match value.as_str() {
            "1" | "t" | "T" | "true" | "TRUE" | "True" => values.push("true".into()),
            "0" | "f" | "F" | "false" | "FALSE" | "False" => values.push("false".into()),
            _ => return bad("ParseBool", "invalid syntax"),
        },
        Takes::Int => match value.parse::<i64>() {
            Ok(_) => values.push(value),
            Err(e) if matches!(e.kind(), std::num::IntErrorKind::PosOverflow | std::num::IntErrorKind::NegOverflow) => {
                return bad("ParseInt", "value out of range");
            }
            Err(_) => return bad("ParseInt", "invalid syntax"),
        },
        Takes::List => values.extend(value.split(',').map(str::to_string)),
        _ => values.push(value),
    }
    Ok(())
}
