//! Strings as Go's `%q` prints them.

use std::fmt::Write;

/// `"a\nb"`; printable characters stay as they are, others become `\x..`, `\u....` or `\U........`.
pub fn go_quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{7}' => out.push_str("\\a"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{b}' => out.push_str("\\v"),
            c if is_printable(c) => out.push(c),
            c if (c as u32) < 0x80 => push(&mut out, format_args!("\\x{:02x}", c as u32)),
            c if (c as u32) < 0x1_0000 => push(&mut out, format_args!("\\u{:04x}", c as u32)),
            c => push(&mut out, format_args!("\\U{:08x}", c as u32)),
        }
    }
    out.push('"');
    out
}

fn push(out: &mut String, args: std::fmt::Arguments<'_>) {
    // Writing to a String cannot fail.
    let _ = out.write_fmt(args);
}

/// Letters, marks, numbers, punctuation, symbols and the ASCII space.
fn is_printable(c: char) -> bool {
    if c.is_ascii() {
        return (' '..='~').contains(&c);
    }
    // Rust also escapes combining marks, which Go prints: those are at least alphabetic or within these blocks.
    c.is_alphanumeric() || c.escape_debug().count() == 1 || matches!(c, '\u{300}'..='\u{36f}' | '\u{fe00}'..='\u{fe0f}')
}

#[cfg(test)]
mod tests {
    use super::go_quote;

    #[test]
    fn quotes_as_go_does() {
        for (text, quoted) in [
            ("web", "\"web\""),
            ("we\"b\\", "\"we\\\"b\\\\\""),
            ("é日本", "\"é日本\""),
            ("a\tb\u{0}", "\"a\\tb\\x00\""),
            ("web\u{200b}'", "\"web\\u200b'\""),
        ] {
            assert_eq!(go_quote(text), quoted);
        }
    }
}
