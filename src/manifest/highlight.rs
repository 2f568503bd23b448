//! Colours for the editor: which bytes of a manifest are keys, text, numbers, comments.
//!
//! Promises: linear time, any text (wrong YAML too), pieces in order that do not overlap and start and end between characters.
//! Must not know: colours, the page. It looks line by line and is not the reader: `yaml` decides what a text means.

use super::yaml::resolve::{Resolved, resolve_plain};

/// What a piece of text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    Key,
    String,
    Number,
    /// `true`, `no`, `null`, `~`.
    Bool,
    Comment,
    /// Dashes, colons, brackets, anchors, tags, block markers, document borders.
    Punctuation,
}

/// Pieces as byte ranges; what is in none of them is white space.
pub fn highlight(text: &str) -> Vec<(usize, usize, Class)> {
    let mut painter = Painter { text, at: 0, line_start: 0, flow: 0, parent: -1, block: None, pieces: Vec::new() };
    while painter.at < text.len() {
        painter.line();
    }
    painter.pieces
}

struct Painter<'a> {
    text: &'a str,
    at: usize,
    line_start: usize,
    /// Open brackets.
    flow: usize,
    /// Column of the last key or dash of this line, -1 before any.
    parent: isize,
    /// Inside a block scalar: the column that its lines must be deeper than.
    block: Option<isize>,
    pieces: Vec<(usize, usize, Class)>,
}

impl<'a> Painter<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    /// Where the present line ends, before its line break.
    fn line_end(&self) -> usize {
        self.rest().find('\n').map_or(self.text.len(), |i| self.at + i)
    }

    fn push(&mut self, end: usize, class: Class) {
        if end > self.at {
            self.pieces.push((self.at, end, class));
            self.at = end;
        }
    }

    fn column(&self) -> isize {
        (self.at - self.line_start) as isize
    }

    fn line(&mut self) {
        self.line_start = self.at;
        self.parent = -1;
        let end = self.line_end();
        let line = &self.text[self.at..end];
        let indent = line.len() - line.trim_start_matches(' ').len();
        if let Some(parent) = self.block {
            if line.trim().is_empty() || indent as isize > parent {
                self.at += indent.min(line.len());
                self.push(end, Class::String);
                self.at = (end + 1).min(self.text.len());
                return;
            }
            self.block = None;
        }
        if self.flow == 0 && (is_border(line, "---") || is_border(line, "...")) {
            self.push(self.at + 3, Class::Punctuation);
        }
        while self.at < self.text.len() && !self.rest().starts_with('\n') {
            self.token();
        }
        self.at = (self.at + 1).min(self.text.len());
    }

    fn token(&mut self) {
        let rest = self.rest();
        let Some(c) = rest.chars().next() else { return };
        let next = rest[c.len_utf8()..].chars().next();
        let next_blank = next.is_none_or(|c| c.is_whitespace());
        let after_blank = self.text[..self.at].chars().next_back().is_none_or(|c| c.is_whitespace());
        match c {
            c if c.is_whitespace() => self.at += c.len_utf8(),
            '#' if after_blank => self.push(self.line_end(), Class::Comment),
            '-' | '?' if next_blank && self.flow == 0 => {
                self.parent = self.column();
                self.push(self.at + 1, Class::Punctuation);
            }
            ':' | ',' if next_blank || self.flow > 0 => self.push(self.at + 1, Class::Punctuation),
            '[' | '{' => {
                self.flow += 1;
                self.push(self.at + 1, Class::Punctuation);
            }
            ']' | '}' => {
                self.flow = self.flow.saturating_sub(1);
                self.push(self.at + 1, Class::Punctuation);
            }
            '&' | '*' | '!' => {
                let length = rest.find(|c: char| c.is_whitespace() || ",[]{}".contains(c)).unwrap_or(rest.len());
                self.push(self.at + length.max(1), Class::Punctuation);
            }
            '|' | '>' if self.flow == 0 && self.is_block_header() => {
                self.block = Some(self.parent);
                let length = rest.find(char::is_whitespace).unwrap_or(rest.len());
                self.push(self.at + length, Class::Punctuation);
            }
            '"' | '\'' => self.quoted(c),
            _ => self.plain(),
        }
    }

    fn is_block_header(&self) -> bool {
        let line = &self.text[self.at + 1..self.line_end()];
        let rest = line.trim_start_matches(['+', '-', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
        rest.trim_start().is_empty() || (rest.starts_with([' ', '\t']) && rest.trim_start().starts_with('#'))
    }

    /// A quoted text, which may go on over lines.
    fn quoted(&mut self, quote: char) {
        let bytes = self.text.as_bytes();
        let mut end = self.at + 1;
        let mut line_start = self.line_start;
        while end < bytes.len() {
            match bytes[end] {
                b'\\' if quote == '"' => end += 1,
                b if b == quote as u8 && quote == '\'' && bytes.get(end + 1) == Some(&b'\'') => end += 1,
                b if b == quote as u8 => break,
                b'\n' => line_start = end + 1,
                _ => {}
            }
            end += 1;
        }
        let mut end = (end + 1).min(self.text.len());
        while !self.text.is_char_boundary(end) {
            end += 1;
        }
        let class = self.key_or(end, Class::String);
        self.push(end, class);
        self.line_start = line_start.min(self.at);
    }

    /// `Key` if a colon follows at `end`.
    fn key_or(&mut self, end: usize, class: Class) -> Class {
        let rest = self.text[end..].trim_start_matches([' ', '\t']);
        let Some(behind) = rest.strip_prefix(':') else { return class };
        if !(self.flow > 0 || behind.chars().next().is_none_or(char::is_whitespace)) {
            return class;
        }
        if self.flow == 0 {
            self.parent = self.column();
        }
        Class::Key
    }

    fn plain(&mut self) {
        let line = &self.text[self.at..self.line_end()];
        let mut length = line.len();
        let mut after_blank = false;
        let mut chars = line.char_indices().peekable();
        while let Some((i, c)) = chars.next() {
            let next_blank = chars.peek().is_none_or(|(_, c)| c.is_whitespace());
            let next_ends = self.flow > 0 && chars.peek().is_some_and(|(_, c)| ",[]{}".contains(*c));
            let ends =
                (c == ':' && (next_blank || next_ends)) || (c == '#' && after_blank) || (self.flow > 0 && ",[]{}".contains(c));
            if i > 0 && ends {
                length = i;
                break;
            }
            after_blank = c.is_whitespace();
        }
        let text = line[..length].trim_end();
        let class = match resolve_plain(text) {
            Resolved::Null | Resolved::Bool(_) => Class::Bool,
            Resolved::Int(_) | Resolved::Uint(_) | Resolved::Float(_) => Class::Number,
            Resolved::Timestamp | Resolved::Text => Class::String,
        };
        let end = self.at + text.len().max(1);
        let class = self.key_or(end, class);
        self.push(end, class);
    }
}

/// Whether a line starts with `marker` and a blank.
fn is_border(line: &str, marker: &str) -> bool {
    line.strip_prefix(marker).is_some_and(|rest| rest.chars().next().is_none_or(char::is_whitespace))
}
