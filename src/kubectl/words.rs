//! A command line into words, as a POSIX shell splits it (quotes and backslashes; no expansions).

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
    use super::split;

    #[test]
    fn words_are_split_as_a_shell_does() {
        let words = |line| split(line).unwrap().join("|");
        assert_eq!(words(r#"get pods -l 'app in (web,api)' -o "a b""#), "get|pods|-l|app in (web,api)|-o|a b");
        assert_eq!(words(r#"patch -p '{"a":"b c"}' x\ y a''b"#), r#"patch|-p|{"a":"b c"}|x y|ab"#);
        assert_eq!(words(r#"-o jsonpath='{.a}{"\n"}' "q\"\n" # note"#), "-o|jsonpath={.a}{\"\\n\"}|q\"\\n");
        assert!(split("get 'pods").is_err() && split("get \"pods").is_err());
    }
}
