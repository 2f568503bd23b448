//! Flags that stand before the command, or before its subcommand: `kubectl -n other get pods`.

use crate::kubectl::flags::{Flag, GLOBAL, PRINT, Takes};

/// Where the command stands: flags that every command has may come first, `kubectl -n other get pods`.
pub(super) fn command_at(args: &[String]) -> Option<usize> {
    let mut at = 0;
    while let Some(word) = args.get(at).filter(|word| word.starts_with('-')) {
        // Of a flag that only the command knows, cobra thinks here that it takes the next word.
        let alone = word.contains('=') || !word.starts_with("--") && word.len() > 2;
        at += own_words(word).unwrap_or(if alone { 1 } else { 2 });
    }
    (at < args.len()).then_some(at)
}

/// How many words a flag takes that stands before the command, with its value: those of every command, and `-o`.
fn own_words(word: &str) -> Option<usize> {
    let named = |f: &&Flag| word.strip_prefix("--") == Some(f.0) || f.1.is_some_and(|c| word == format!("-{c}"));
    GLOBAL.iter().chain(&PRINT[..1]).find(named).map(|f| if f.2 == Takes::Bool { 1 } else { 2 })
}

/// The same words with the flags that stand before a subcommand behind it: `rollout -n other status web`.
pub(super) fn subcommand_first(args: &[String]) -> Vec<String> {
    let mut at = 0;
    while let Some(word) = args.get(at).filter(|word| word.starts_with('-') && *word != "--") {
        match own_words(word) {
            Some(words) => at += words,
            None if word.contains('=') => at += 1,
            None => break,
        }
    }
    let (flags, words) = args.split_at(at.min(args.len()));
    let end = words.iter().position(|word| word == "--").unwrap_or(words.len());
    [&words[..end], flags, &words[end..]].concat()
}

/// The value of a text flag that every command has, if it is not empty.
pub(super) fn global(args: &[String], flag: &str) -> Option<String> {
    let mut words = args.iter().take_while(|a| *a != "--");
    let mut found = None;
    while let Some(word) = words.next() {
        match word.strip_prefix("--").and_then(|w| w.strip_prefix(flag)) {
            Some("") => found = words.next().cloned(),
            Some(value) => found = value.strip_prefix('=').map(str::to_string).or(found),
            None => {}
        }
    }
    found.filter(|value| !value.is_empty())
}
