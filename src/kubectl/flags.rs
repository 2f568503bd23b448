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
    /// A number of 32 bits.
    Int32,
    /// A span of time: `30s`, `1m30s`.
    Duration,
    /// May stand alone: then it has this value.
    Optional(&'static str),
}

/// A flag: its long name, its short one, and how it takes its value.
pub struct Flag(pub &'static str, pub Option<char>, pub Takes);

/// The flags of a command: sets of them.
pub type Flags = &'static [&'static [Flag]];

/// Flags that every command has.
pub const GLOBAL: &[Flag] = &[
    Flag("namespace", Some('n'), Takes::Text),
    Flag("help", Some('h'), Takes::Bool),
    Flag("as", None, Takes::Text),
    Flag("as-group", None, Takes::Many),
    Flag("as-uid", None, Takes::Text),
    Flag("cache-dir", None, Takes::Text),
    Flag("certificate-authority", None, Takes::Text),
    Flag("client-certificate", None, Takes::Text),
    Flag("client-key", None, Takes::Text),
    Flag("cluster", None, Takes::Text),
    Flag("context", None, Takes::Text),
    Flag("disable-compression", None, Takes::Bool),
    Flag("insecure-skip-tls-verify", None, Takes::Bool),
    Flag("kubeconfig", None, Takes::Text),
    Flag("kuberc", None, Takes::Text),
    Flag("match-server-version", None, Takes::Bool),
    Flag("password", None, Takes::Text),
    Flag("profile", None, Takes::Text),
    Flag("profile-output", None, Takes::Text),
    Flag("request-timeout", None, Takes::Text),
    Flag("server", Some('s'), Takes::Text),
    Flag("tls-server-name", None, Takes::Text),
    Flag("token", None, Takes::Text),
    Flag("user", None, Takes::Text),
    Flag("username", None, Takes::Text),
    Flag("v", Some('v'), Takes::Int),
    Flag("warnings-as-errors", None, Takes::Bool),
];

/// Flags of every command that prints objects (`PrintFlags.AddFlags`).
pub const PRINT: &[Flag] = &[
    Flag("output", Some('o'), Takes::Text),
    Flag("template", None, Takes::Text),
    Flag("allow-missing-template-keys", None, Takes::Bool),
    Flag("show-managed-fields", None, Takes::Bool),
];

/// Flags that choose objects by their labels or fields.
pub const SELECT: &[Flag] = &[
    Flag("selector", Some('l'), Takes::Text),
    Flag("field-selector", None, Takes::Text),
    Flag("all-namespaces", Some('A'), Takes::Bool),
];

/// Flags of commands that change something.
pub const CHANGE: &[Flag] = &[
    Flag("dry-run", None, Takes::Optional("unchanged")),
    Flag("field-manager", None, Takes::Text),
    Flag("record", None, Takes::Bool),
];

/// Flags that name files (`AddFilenameOptionFlags`).
pub const FILES: &[Flag] = &[
    Flag("filename", Some('f'), Takes::List),
    Flag("kustomize", Some('k'), Takes::Text),
    Flag("recursive", Some('R'), Takes::Bool),
];

/// Flags of commands that connect a terminal with a container.
pub const TERMINAL: &[Flag] =
    &[Flag("stdin", Some('i'), Takes::Bool), Flag("tty", Some('t'), Takes::Bool), Flag("quiet", Some('q'), Takes::Bool)];

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

    /// The nanoseconds of a duration flag; negative ones are kept.
    pub fn span(&self, flag: &str) -> Option<i128> {
        self.get(flag).and_then(|v| crate::time::go_duration(v).ok())
    }

    /// All values of a flag, in order; those of a list flag are split.
    pub fn all(&self, flag: &str) -> Vec<String> {
        self.values.get(flag).cloned().unwrap_or_default()
    }

    /// The same without a flag.
    pub fn without(&self, flag: &str) -> Parsed {
        let mut parsed = self.clone();
        parsed.values.remove(flag);
        parsed
    }

    /// Whether a flag was given.
    pub fn has(&self, flag: &str) -> bool {
        self.values.contains_key(flag)
    }
}

/// Takes the words after the command apart. The error is without `error: `.
pub fn parse(words: &[String], flags: &[&[Flag]]) -> Result<Parsed, String> {
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

fn find<'a>(flags: &[&'a [Flag]], is: impl Fn(&Flag) -> bool) -> Option<&'a Flag> {
    flags.iter().copied().flatten().chain(GLOBAL).find(|f| is(f))
}

/// One or more short flags in one word: `-A`, `-nkube-system`, `-o=wide`, `-it`.
fn short(parsed: &mut Parsed, mut letters: &str, flags: &[&[Flag]], words: &mut std::slice::Iter<String>) -> Result<(), String> {
    while let Some(letter) = letters.chars().next() {
        let whole = letters;
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
        Takes::Int32 => match value.parse::<i32>() {
            Ok(_) => values.push(value),
            Err(e) if matches!(e.kind(), std::num::IntErrorKind::PosOverflow | std::num::IntErrorKind::NegOverflow) => {
                return bad("ParseInt", "value out of range");
            }
            Err(_) => return bad("ParseInt", "invalid syntax"),
        },
        Takes::Duration => match crate::time::go_duration(&value) {
            Ok(_) => values.push(value),
            Err(why) => return Err(format!("invalid argument {value:?} for {name:?} flag: {why}")),
        },
        Takes::List => values.extend(value.split(',').map(str::to_string)),
        _ => values.push(value),
    }
    Ok(())
}
