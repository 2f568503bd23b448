//! What all subcommands share: words and flags of the command line, files in, text out.

use std::io::Write;

/// A command line taken apart: words in order, and flags with their values (`--seed 7` or `--seed=7`; the last one counts).
pub struct Args {
    words: Vec<String>,
    flags: Vec<(String, String)>,
}

impl Args {
    /// `known`: the flags that the subcommand has. An unknown flag, or one without its value, is refused.
    pub fn parse(args: &[String], known: &[&str]) -> Result<Args, String> {
        let mut parsed = Args { words: Vec::new(), flags: Vec::new() };
        let mut rest = args.iter();
        while let Some(arg) = rest.next() {
            if !arg.starts_with("--") {
                parsed.words.push(arg.clone());
                continue;
            }
            let (name, value) = arg.split_once('=').map_or((arg.as_str(), None), |(name, value)| (name, Some(value)));
            if !known.contains(&name) {
                return Err(format!("no flag {name}"));
            }
            let value = value.or_else(|| rest.next().map(String::as_str)).ok_or_else(|| format!("{name} needs a value"))?;
            parsed.flags.push((name.into(), value.into()));
        }
        Ok(parsed)
    }

    /// The first word: the file to work on.
    pub fn file(&self) -> Result<&str, String> {
        self.words.first().map(String::as_str).ok_or_else(|| "which FILE?".to_string())
    }

    /// All words.
    pub fn words(&self) -> &[String] {
        &self.words
    }

    pub fn flag(&self, name: &str) -> Option<&str> {
        self.flags.iter().rfind(|(flag, _)| flag == name).map(|(_, value)| value.as_str())
    }

    /// A flag that is a whole number.
    pub fn number(&self, name: &str) -> Result<Option<u64>, String> {
        let parse = |text: &str| text.parse().map_err(|_| format!("{name} {text:?} is no whole number"));
        self.flag(name).map(parse).transpose()
    }
}

/// Writes to standard output; a reader that has gone away is no error.
pub fn print(text: &str) {
    let _ = std::io::stdout().lock().write_all(text.as_bytes());
}

/// A text file, or a message that names it.
pub fn read(path: &str) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|e| format!("{path}: {e}"))
}

/// Writes a file, or gives a message that names it.
pub fn write(path: &str, text: &str) -> Result<(), String> {
    std::fs::write(path, text).map_err(|e| format!("{path}: {e}"))
}
