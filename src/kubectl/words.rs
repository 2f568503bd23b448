//! A command line into words, as a POSIX shell splits it (quotes and backslashes; no expansions).

use std::collections::BTreeMap;

/// The words of a line. The error is what a shell would say.
pub fn split(line: &str) -> Result<Vec<String>, String> {
    let mut words = vec![];
    let mut word: Option<String> = None;
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        match c {
            ' ' | '\t' | '\n' => words.extend(word.take()),
            '\'' => {
                let into = word.get_or_insert_default();
                loop {
                    match chars.next() {
                        Some('\'') => break,
                        Some(c) => into.push(c),
                        None => return Err("unexpected end of line while looking for matching `''".into()),
                    }
                }
            }
            '"' => quoted(&mut chars, word.get_or_insert_default())?,
            '\\' => match chars.next() {
                Some('\n') => {}
                Some(c) => word.get_or_insert_default().push(c),
                None => word.get_or_insert_default().push('\\'),
            },
            '#' if word.is_none() => break,
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    Ok(words)
}

/// Levenshtein's distance, without regard to case; only the first 40 characters of `a` count.
pub fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.to_lowercase().chars().take(40).collect(), b.to_lowercase().chars().collect());
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, y) in b.iter().enumerate() {
            let cost = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = cost.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

/// Takes the `NAME=value` words off the front of a command line.
pub fn assignments(words: &mut Vec<String>) -> BTreeMap<String, String> {
    let is_name = |name: &str| !name.is_empty() && name.bytes().all(|b| b.is_ascii_uppercase() || b == b'_');
    let count = words.iter().take_while(|w| w.split_once('=').is_some_and(|(name, _)| is_name(name))).count();
    words.drain(..count).filter_map(|w| w.split_once('=').map(|(n, v)| (n.to_string(), v.to_string()))).collect()
}

/// A command line with a here-document, apart: the line, and what it gives to `-f -`. Both `kubectl … <<EOF` and
/// `cat <<EOF | kubectl …` are known. Without one the line stays as it is.
pub fn heredoc(line: &str) -> (String, Option<String>) {
    let none = || (line.to_string(), None);
    let Some((first, body)) = line.split_once('\n') else { return none() };
    let Some((before, after)) = first.split_once("<<") else { return none() };
    let strip_tabs = after.starts_with('-');
    let after = after.trim_start_matches('-').trim_start();
    let end = after.find([' ', '\t', '|']).unwrap_or(after.len());
    let (marker, rest) = after.split_at(end);
    let marker = marker.trim_matches(['\'', '"', '\\']);
    if marker.is_empty() {
        return none();
    }
    let command = match rest.split_once('|') {
        Some((_, piped)) if before.trim() == "cat" => piped.trim().to_string(),
        _ => format!("{before}{rest}").trim().to_string(),
    };
    let strip = |l: &str| if strip_tabs { l.trim_start_matches('\t').to_string() } else { l.to_string() };
    let lines = body.lines().map(strip).take_while(|l| l != marker);
    (command, Some(lines.map(|l| l + "\n").collect()))
}

/// The rest of a double-quoted part.
fn quoted(chars: &mut std::str::Chars, into: &mut String) -> Result<(), String> {
    loop {
        match chars.next() {
            Some('"') => return Ok(()),
            Some('\\') => match chars.next() {
                Some('\n') => {}
                Some(c @ ('"' | '\\' | '$' | '`')) => into.push(c),
                Some(c) => into.extend(['\\', c]),
                None => break,
            },
            Some(c) => into.push(c),
            None => break,
        }
    }
    Err("unexpected end of line while looking for matching `\"'".into())
}

#[cfg(test)]
mod tests {
    use super::{heredoc, split};

    #[test]
    fn words_are_split_as_a_shell_does() {
        let words = |line| split(line).unwrap().join("|");
        assert_eq!(words(r#"get pods -l 'app in (web,api)' -o "a b""#), "get|pods|-l|app in (web,api)|-o|a b");
        assert_eq!(words(r#"patch -p '{"a":"b c"}' x\ y a''b"#), r#"patch|-p|{"a":"b c"}|x y|ab"#);
        assert_eq!(words(r#"-o jsonpath='{.a}{"\n"}' "q\"\n" # note"#), "-o|jsonpath={.a}{\"\\n\"}|q\"\\n");
        let here = heredoc("kubectl apply -n a -f - <<'EOF'\na: 1\n\tb: 2\nEOF\nmore");
        assert_eq!(here, ("kubectl apply -n a -f -".into(), Some("a: 1\n\tb: 2\n".into())));
        assert_eq!(heredoc("cat <<-END | kubectl apply -f -\n\ta: 1\n"), ("kubectl apply -f -".into(), Some("a: 1\n".into())));
        assert_eq!(heredoc("get pods -l 'a <<b'"), ("get pods -l 'a <<b'".into(), None));
        assert!(split("get 'pods").is_err() && split("get \"pods").is_err());
    }
}
