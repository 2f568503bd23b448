//! `sh -c`: commands one after another, `&&`, `for … in …; do …; done`, `while true; do …; done`.

use super::Ran;
use crate::kubectl::exec::Step;
use crate::kubectl::words;
use std::collections::VecDeque;

/// A list with more words than this is not walked.
const MOST: usize = 10_000;

/// Part of a script, and after which end of the part before it runs only.
type Part = (String, Option<bool>);

pub(super) fn run(args: &[String], variables: &[(String, String)]) -> Result<Ran, String> {
    let script = match args {
        [flag, script, ..] if flag.starts_with('-') && flag.ends_with('c') => script,
        _ => return Err("the lab's containers have no terminal: give the commands with sh -c '…'".into()),
    };
    let mut parts: VecDeque<Part> = split(script).into();
    if let Some(body) = endless(&mut parts, variables)? {
        return Ok(Ran::Repeats(body));
    }
    Ok(Ran::Becomes(steps(&mut parts, variables)?))
}

/// The parts of a script between `;`, ends of lines, `&&` and `||` that stand outside of quotes.
fn split(script: &str) -> Vec<Part> {
    let (mut parts, mut part, mut after) = (vec![], String::new(), None);
    let (mut quote, mut chars) = (None, script.chars().peekable());
    while let Some(c) = chars.next() {
        let double = matches!(c, '&' | '|') && chars.peek() == Some(&c);
        match quote {
            Some(open) if c == open => quote = None,
            None if c == '\'' || c == '"' => quote = Some(c),
            None if c == ';' || c == '\n' || double => {
                parts.push((std::mem::take(&mut part).trim().to_string(), after));
                after = double.then_some(c == '&');
                if double {
                    chars.next();
                }
                continue;
            }
            _ => {}
        }
        part.push(c);
    }
    parts.push((part.trim().to_string(), after));
    parts.retain(|(part, _)| !part.is_empty());
    parts
}

/// `while true; do …; done`: what is done.
fn endless(parts: &mut VecDeque<Part>, variables: &[(String, String)]) -> Result<Option<Vec<Step>>, String> {
    let Some((first, _)) = parts.front() else { return Ok(None) };
    if !matches!(first.as_str(), "while true" | "while :" | "while sleep 1") {
        return Ok(None);
    }
    let sleeps = first.ends_with('1');
    parts.pop_front();
    let mut body = steps(&mut body(parts)?, variables)?;
    if sleeps {
        body.insert(0, Step { words: vec!["sleep".into(), "1".into()], after: None });
    }
    Ok(Some(body))
}

/// The parts from `do` to its `done`.
fn body(parts: &mut VecDeque<Part>) -> Result<VecDeque<Part>, String> {
    let unfinished = || "sh: syntax error: unexpected end of file (expecting \"done\")".to_string();
    let (mut found, mut depth) = (VecDeque::new(), 1);
    let (first, _) = parts.pop_front().ok_or_else(unfinished)?;
    let rest = first.strip_prefix("do").ok_or("sh: syntax error: \"do\" expected")?.trim();
    if !rest.is_empty() {
        parts.push_front((rest.to_string(), None));
    }
    while let Some((part, after)) = parts.pop_front() {
        depth += usize::from(part.starts_with("for "));
        depth -= usize::from(part == "done");
        if depth == 0 {
            return Ok(found);
        }
        found.push_back((part, after));
    }
    Err(unfinished())
}

fn steps(parts: &mut VecDeque<Part>, variables: &[(String, String)]) -> Result<Vec<Step>, String> {
    let mut steps = vec![];
    while let Some((part, after)) = parts.pop_front() {
        let Some(rest) = part.strip_prefix("for ") else {
            let words = command(&part, variables)?;
            steps.extend((!words.is_empty()).then_some(Step { words, after }));
            continue;
        };
        let (name, list) = rest.split_once(" in ").ok_or("sh: syntax error: \"in\" expected")?;
        let inner = body(parts)?;
        for value in values(&fill(list, variables))? {
            let mut variables = variables.to_vec();
            variables.push((name.trim().to_string(), value));
            steps.extend(self::steps(&mut inner.clone(), &variables)?);
            if steps.len() > MOST {
                return Err("sh: the lab's shell does not walk so long a list".into());
            }
        }
    }
    Ok(steps)
}

/// The values of a `for`: words, `$(seq N)`, `$(seq A B)`, `` `seq N` ``.
fn values(list: &str) -> Result<Vec<String>, String> {
    let list = list.trim();
    let inner = list.strip_prefix("$(").and_then(|l| l.strip_suffix(')'));
    let inner = inner.or_else(|| list.strip_prefix('`').and_then(|l| l.strip_suffix('`')));
    let Some(inner) = inner else { return words::split(list) };
    let numbers: Vec<usize> = inner.split_whitespace().skip(1).filter_map(|n| n.parse().ok()).collect();
    match (inner.starts_with("seq "), numbers.as_slice()) {
        (true, [last]) if *last <= MOST => Ok((1..=*last).map(|n| n.to_string()).collect()),
        (true, [first, last]) if *last <= MOST => Ok((*first..=*last).map(|n| n.to_string()).collect()),
        _ => Err(format!("sh: the lab's shell cannot run {list}")),
    }
}

/// `$name` and `${name}` become what they stand for: nothing, where there is no such variable.
fn fill(text: &str, variables: &[(String, String)]) -> String {
    let mut parts = text.split('$');
    let mut out = parts.next().unwrap_or_default().to_string();
    for part in parts {
        let braced = part.strip_prefix('{').and_then(|rest| rest.split_once('}'));
        let end = part.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(part.len());
        let (name, rest) = braced.unwrap_or_else(|| part.split_at(end));
        if name.is_empty() {
            out.extend(["$", part]);
            continue;
        }
        let value = variables.iter().rev().find(|(known, _)| known == name);
        out.extend([value.map_or("", |(_, value)| value.as_str()), rest]);
    }
    out
}

/// The words of a command, without what sends its output elsewhere.
fn command(part: &str, variables: &[(String, String)]) -> Result<Vec<String>, String> {
    let mut words = words::split(&fill(part, variables))?;
    if words.iter().any(|w| w == "|") {
        return Err("sh: the lab's shell has no pipes".into());
    }
    words.retain(|w| !matches!(w.as_str(), "2>&1" | "2>/dev/null" | "&>/dev/null"));
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(script: &str) -> Vec<String> {
        match run(&["-c".to_string(), script.to_string()], &[]) {
            Ok(Ran::Becomes(steps)) => steps.iter().map(|s| s.words.join(" ")).collect(),
            Ok(Ran::Repeats(steps)) => steps.iter().map(|s| format!("again {}", s.words.join(" "))).collect(),
            Err(why) => vec![why],
            _ => vec![],
        }
    }

    #[test]
    fn scripts_become_commands() {
        assert_eq!(lines("echo 'a;b' && wget -qO- web; true"), ["echo a;b", "wget -qO- web", "true"]);
        assert_eq!(lines("false || echo no"), ["false", "echo no"]);
        assert_eq!(lines("for i in 1 2; do echo $i; sleep 1; done"), ["echo 1", "sleep 1", "echo 2", "sleep 1"]);
        assert_eq!(
            lines("for i in $(seq 1 2); do for j in a b; do echo ${i}$j; done; done"),
            ["echo 1a", "echo 1b", "echo 2a", "echo 2b"]
        );
        assert_eq!(lines("while true; do curl -s web; sleep 1; done"), ["again curl -s web", "again sleep 1"]);
        assert!(lines("for i in 1 2; do echo $i")[0].contains("unexpected end of file"));
        assert!(lines("env | grep X")[0].contains("no pipes"));
    }
}
