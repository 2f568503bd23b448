//! How go-yaml writes a text: plain, in quotes, or as a block of lines.

use super::resolve::{Resolved, is_base60_float, resolve_plain};

/// Column behind which a blank becomes a line break.
const BEST_WIDTH: usize = 80;

/// `indent`: that of the text around, from which further lines are 2 deeper; `None` for a key before its `:`, which stays on its line.
pub fn string(out: &mut String, text: &str, indent: Option<usize>) {
    let facts = Facts::of(text);
    if text.contains('\n') {
        return match indent {
            Some(indent) if facts.block_allowed => block(out, text, indent),
            _ => double_quoted(out, text, indent),
        };
    }
    let reads_as_text = matches!(resolve_plain(text), Resolved::Text);
    if !reads_as_text || is_base60_float(text) {
        double_quoted(out, text, indent);
    } else if facts.plain_allowed {
        unescaped(out, text, indent, false);
    } else if facts.single_quoted_allowed {
        out.push('\'');
        unescaped(out, text, indent, true);
        out.push('\'');
    } else {
        double_quoted(out, text, indent);
    }
}

/// Which styles can carry a text.
struct Facts {
    plain_allowed: bool,
    single_quoted_allowed: bool,
    block_allowed: bool,
}

impl Facts {
    fn of(text: &str) -> Self {
        let chars: Vec<char> = text.chars().collect();
        let at = |i: usize| chars.get(i).copied();
        let blank_or_end = |c: Option<char>| c.is_none_or(|c| matches!(c, ' ' | '\t') || is_break(c));
        let mut indicator = text.starts_with("---") || text.starts_with("...");
        let (mut special, mut breaks, mut break_space, mut space_break) = (false, false, false, false);
        for (i, &c) in chars.iter().enumerate() {
            let next_blank = blank_or_end(at(i + 1));
            let previous = i.checked_sub(1).and_then(at);
            indicator |= match c {
                '#' | ',' | '[' | ']' | '{' | '}' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%' | '@' | '`' if i == 0 => true,
                '-' | '?' if i == 0 => next_blank,
                ':' => next_blank,
                '#' => blank_or_end(previous),
                _ => false,
            };
            special |= !is_printable(c);
            breaks |= is_break(c);
            break_space |= c == ' ' && previous.is_some_and(is_break);
            space_break |= is_break(c) && previous == Some(' ');
        }
        let edge = |c: Option<char>| c.is_some_and(|c| c == ' ' || is_break(c));
        let (first, last) = (chars.first().copied(), chars.last().copied());
        let none = space_break || special;
        Self {
            plain_allowed: !(none || breaks || break_space || indicator || edge(first) || edge(last)),
            single_quoted_allowed: !(none || break_space),
            block_allowed: !(none || last == Some(' ')),
        }
    }
}

pub fn is_break(c: char) -> bool {
    matches!(c, '\r' | '\n' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// What go-yaml writes as it is: no tabs, nothing beyond the basic plane.
fn is_printable(c: char) -> bool {
    c == '\n' || matches!(c, ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fefe}' | '\u{ff00}'..='\u{fffd}')
}

/// Where the line being written ends now.
fn column(out: &str) -> usize {
    out.chars().rev().take_while(|&c| c != '\n').count()
}

/// A plain or single-quoted text.
fn unescaped(out: &mut String, text: &str, indent: Option<usize>, quoted: bool) {
    let chars: Vec<char> = text.chars().collect();
    let mut column = column(out);
    let (mut after_blank, mut after_break) = (false, false);
    for (i, &c) in chars.iter().enumerate() {
        let inner = !quoted || (i > 0 && i + 1 < chars.len());
        let next_blank = chars.get(i + 1) == Some(&' ');
        if let Some(indent) = indent
            && c == ' '
            && inner
            && !after_blank
            && !next_blank
            && column > BEST_WIDTH
        {
            column = new_line(out, indent);
            after_blank = true;
            continue;
        }
        if is_break(c) {
            out.push(c);
            column = 0;
            after_break = true;
            continue;
        }
        if std::mem::take(&mut after_break) {
            column = indent.unwrap_or(0) + 2;
            blanks(out, column);
        }
        if c == '\'' && quoted {
            out.push('\'');
            column += 1;
        }
        out.push(c);
        column += 1;
        after_blank = c == ' ';
    }
}

/// Starts a further line of a text; gives its column.
fn new_line(out: &mut String, indent: usize) -> usize {
    out.push('\n');
    blanks(out, indent + 2);
    indent + 2
}

fn double_quoted(out: &mut String, text: &str, indent: Option<usize>) {
    out.push('"');
    let chars: Vec<char> = text.chars().collect();
    let mut column = column(out);
    let mut after_blank = false;
    for (i, &c) in chars.iter().enumerate() {
        let inner = i > 0 && i + 1 < chars.len();
        if let Some(indent) = indent
            && c == ' '
            && inner
            && !after_blank
            && column > BEST_WIDTH
        {
            column = new_line(out, indent);
            if chars.get(i + 1) == Some(&' ') {
                out.push('\\');
                column += 1;
            }
            after_blank = true;
            continue;
        }
        let start = out.len();
        escaped(out, c);
        column += out[start..].chars().count();
        after_blank = c == ' ';
    }
    out.push('"');
}

/// One character between double quotes.
fn escaped(out: &mut String, c: char) {
    match escape(c) {
        Some(escaped) => out.push_str(escaped),
        None if is_printable(c) && !is_break(c) => out.push(c),
        None => {
            let code = c as u32;
            out.push_str(&match code {
                0..=0xff => format!("\\x{code:02X}"),
                0x100..=0xffff => format!("\\u{code:04X}"),
                _ => format!("\\U{code:08X}"),
            });
        }
    }
}

fn escape(c: char) -> Option<&'static str> {
    Some(match c {
        '\0' => "\\0",
        '\u{7}' => "\\a",
        '\u{8}' => "\\b",
        '\t' => "\\t",
        '\n' => "\\n",
        '\u{b}' => "\\v",
        '\u{c}' => "\\f",
        '\r' => "\\r",
        '\u{1b}' => "\\e",
        '"' => "\\\"",
        '\\' => "\\\\",
        '\u{85}' => "\\N",
        '\u{2028}' => "\\L",
        '\u{2029}' => "\\P",
        _ => return None,
    })
}

/// Text of several lines behind `|`; the last newline is left to the caller.
fn block(out: &mut String, text: &str, indent: usize) {
    out.push('|');
    if text.starts_with([' ', '\n', '\u{2028}', '\u{2029}']) {
        out.push('2');
    }
    let body = match text.strip_suffix('\n') {
        None => {
            out.push('-');
            text
        }
        Some(body) => {
            if body.is_empty() || body.ends_with(is_break) {
                out.push('+');
            }
            body
        }
    };
    for line in body.split('\n') {
        out.push('\n');
        if !line.is_empty() {
            blanks(out, indent + 2);
            out.push_str(line);
        }
    }
}

pub fn blanks(out: &mut String, count: usize) {
    out.extend(std::iter::repeat_n(' ', count));
}
