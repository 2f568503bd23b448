//! Scalars of every style: plain, quoted, block; lines folded as YAML folds them.

use super::YamlError;
use super::cursor::{Cursor, is_blank, is_blank_or_end, is_break, is_break_or_end};
use super::scanner::Scanner;
use super::token::{Token, TokenKind};

/// The white space between two pieces of a scalar, not yet known to belong to it.
#[derive(Default)]
struct Gap {
    blanks: String,
    /// The first line break, then the further ones.
    first_break: Option<char>,
    breaks: String,
}

impl Gap {
    /// Steps over blanks and line breaks. A plain scalar may not continue behind tabs used as indentation.
    fn read(&mut self, cursor: &mut Cursor, min_column: Option<isize>) -> Result<(), &'static str> {
        loop {
            let c = cursor.here();
            if is_blank(c) {
                let indentation = min_column.is_some_and(|min| (cursor.mark.column as isize) < min);
                if self.first_break.is_some() && indentation && c == '\t' {
                    return Err("found a tab character that violates indentation");
                }
                if self.first_break.is_none() {
                    self.blanks.push(c);
                }
                cursor.skip();
            } else if is_break(c) {
                let c = cursor.read_line();
                if self.first_break.is_none() {
                    self.blanks.clear();
                    self.first_break = Some(c);
                } else {
                    self.breaks.push(c);
                }
            } else {
                return Ok(());
            }
        }
    }

    /// What stays of it between two words: one line break becomes a blank, of several the first goes.
    fn fold_into(&mut self, text: &mut String) {
        match self.first_break.take() {
            None => text.push_str(&self.blanks),
            Some('\n') if self.breaks.is_empty() => text.push(' '),
            Some('\n') => text.push_str(&self.breaks),
            Some(other) => {
                text.push(other);
                text.push_str(&self.breaks);
            }
        }
        self.blanks.clear();
        self.breaks.clear();
    }
}

impl Scanner {
    pub(super) fn scan_plain(&mut self) -> Result<Token, YamlError> {
        let start = self.cursor.mark;
        let mut end = start;
        let min_column = self.indent + 1;
        let (mut value, mut gap) = (String::new(), Gap::default());
        while !self.cursor.at_document_indicator() && self.cursor.here() != '#' {
            while !is_blank_or_end(self.cursor.here()) && !self.ends_plain() {
                gap.fold_into(&mut value);
                value.push(self.cursor.read());
                end = self.cursor.mark;
            }
            let c = self.cursor.here();
            if !is_blank(c) && !is_break(c) {
                break;
            }
            gap.read(&mut self.cursor, Some(min_column)).map_err(|problem| self.error(problem))?;
            if self.flow_level == 0 && (self.cursor.mark.column as isize) < min_column {
                break;
            }
        }
        if gap.first_break.is_some() {
            self.simple_key_allowed = true;
        }
        Ok(Token { kind: TokenKind::Scalar { value, plain: true }, start, end })
    }

    /// Whether an indicator that ends a plain scalar stands here.
    fn ends_plain(&self) -> bool {
        match self.cursor.here() {
            ':' => is_blank_or_end(self.cursor.peek(1)),
            ',' | '?' | '[' | ']' | '{' | '}' => self.flow_level > 0,
            _ => false,
        }
    }

    pub(super) fn scan_quoted(&mut self) -> Result<Token, YamlError> {
        let start = self.cursor.mark;
        let quote = self.cursor.read();
        let (mut value, mut gap) = (String::new(), Gap::default());
        loop {
            if self.cursor.at_document_indicator() {
                return Err(self.error("found unexpected document indicator"));
            }
            if self.cursor.here() == '\0' {
                return Err(self.error("found unexpected end of stream"));
            }
            self.scan_quoted_word(quote, &mut value, &mut gap)?;
            if self.cursor.here() == quote {
                break;
            }
            // Without tabs to refuse, reading a gap cannot fail.
            gap.read(&mut self.cursor, None).map_err(|problem| self.error(problem))?;
            gap.fold_into(&mut value);
        }
        self.cursor.skip();
        Ok(Token { kind: TokenKind::Scalar { value, plain: false }, start, end: self.cursor.mark })
    }

    /// Characters up to a blank, a line break or the closing quote; an escaped line break opens a gap without a blank.
    fn scan_quoted_word(&mut self, quote: char, value: &mut String, gap: &mut Gap) -> Result<(), YamlError> {
        while !is_blank_or_end(self.cursor.here()) {
            match (self.cursor.here(), self.cursor.peek(1)) {
                ('\'', '\'') if quote == '\'' => {
                    value.push('\'');
                    self.cursor.skip();
                    self.cursor.skip();
                }
                (c, _) if c == quote => return Ok(()),
                ('\\', next) if quote == '"' && is_break(next) => {
                    self.cursor.skip();
                    self.cursor.read_line();
                    self.skip_escaped_gap(value, gap);
                    return Ok(());
                }
                ('\\', _) if quote == '"' => {
                    let c = self.scan_escape()?;
                    value.push(c);
                }
                (c, _) => {
                    value.push(c);
                    self.cursor.skip();
                }
            }
        }
        Ok(())
    }

    /// After an escaped line break the next line's indentation goes; further line breaks stay as they are.
    fn skip_escaped_gap(&mut self, value: &mut String, gap: &mut Gap) {
        loop {
            self.cursor.skip_blanks();
            if !is_break(self.cursor.here()) {
                break;
            }
            gap.breaks.push(self.cursor.read_line());
        }
        value.push_str(&gap.breaks);
        gap.breaks.clear();
    }

    fn scan_escape(&mut self) -> Result<char, YamlError> {
        let digits = match self.cursor.peek(1) {
            'x' => 2,
            'u' => 4,
            'U' => 8,
            c => {
                let c = unescape(c).ok_or_else(|| self.error("found unknown escape character"))?;
                self.cursor.skip();
                self.cursor.skip();
                return Ok(c);
            }
        };
        self.cursor.skip();
        self.cursor.skip();
        let mut code: u32 = 0;
        for i in 0..digits {
            let digit = self.cursor.peek(i).to_digit(16);
            let digit = digit.ok_or_else(|| self.error("did not find expected hexdecimal number"))?;
            code = (code << 4) | digit;
        }
        let c = char::from_u32(code).ok_or_else(|| self.error("found invalid Unicode character escape code"))?;
        for _ in 0..digits {
            self.cursor.skip();
        }
        Ok(c)
    }

    pub(super) fn scan_block_scalar(&mut self, literal: bool) -> Result<Token, YamlError> {
        let start = self.cursor.mark;
        self.cursor.skip();
        let (chomp, increment) = self.scan_block_header()?;
        let mut indent = increment.map(|n| self.indent.max(0) as usize + n);
        let (mut value, mut first_break, mut breaks) = (String::new(), None, String::new());
        let mut end = self.scan_block_breaks(&mut indent, &mut breaks)?;
        let mut was_indented = false;
        while Some(self.cursor.mark.column) == indent && self.cursor.here() != '\0' {
            let is_indented = is_blank(self.cursor.here());
            match first_break {
                Some('\n') if !literal && !was_indented && !is_indented => {
                    if breaks.is_empty() {
                        value.push(' ');
                    }
                }
                other => value.extend(other),
            }
            value.push_str(&breaks);
            breaks.clear();
            was_indented = is_indented;
            while !is_break_or_end(self.cursor.here()) {
                value.push(self.cursor.read());
            }
            first_break = is_break(self.cursor.here()).then(|| self.cursor.read_line());
            end = self.scan_block_breaks(&mut indent, &mut breaks)?;
        }
        if chomp != Some('-') {
            value.extend(first_break);
        }
        if chomp == Some('+') {
            value.push_str(&breaks);
        }
        Ok(Token { kind: TokenKind::Scalar { value, plain: false }, start, end })
    }

    /// The indicators behind `|` or `>`, and the rest of that line.
    fn scan_block_header(&mut self) -> Result<(Option<char>, Option<usize>), YamlError> {
        let (mut chomp, mut increment) = (None, None);
        for _ in 0..2 {
            match self.cursor.here() {
                c @ ('+' | '-') if chomp.is_none() => chomp = Some(c),
                '0' if increment.is_none() => return Err(self.error("found an indentation indicator equal to 0")),
                c @ '1'..='9' if increment.is_none() => increment = c.to_digit(10).map(|n| n as usize),
                _ => break,
            }
            self.cursor.skip();
        }
        self.end_line()?;
        Ok((chomp, increment))
    }

    /// Empty lines and the indentation of the next line; the first such line settles the indentation if it is open.
    fn scan_block_breaks(&mut self, indent: &mut Option<usize>, breaks: &mut String) -> Result<super::cursor::Mark, YamlError> {
        let mut end = self.cursor.mark;
        let mut deepest = 0;
        loop {
            let inside = |column: usize| indent.is_none_or(|indent| column < indent);
            while inside(self.cursor.mark.column) && self.cursor.here() == ' ' {
                self.cursor.skip();
            }
            deepest = deepest.max(self.cursor.mark.column);
            if inside(self.cursor.mark.column) && self.cursor.here() == '\t' {
                return Err(self.error("found a tab character where an indentation space is expected"));
            }
            if !is_break(self.cursor.here()) {
                break;
            }
            breaks.push(self.cursor.read_line());
            end = self.cursor.mark;
        }
        if indent.is_none() {
            *indent = Some(deepest.max((self.indent + 1).max(1) as usize));
        }
        Ok(end)
    }
}

fn unescape(c: char) -> Option<char> {
    Some(match c {
        '0' => '\0',
        'a' => '\u{7}',
        'b' => '\u{8}',
        't' | '\t' => '\t',
        'n' => '\n',
        'v' => '\u{b}',
        'f' => '\u{c}',
        'r' => '\r',
        'e' => '\u{1b}',
        ' ' | '"' | '\'' | '\\' => c,
        'N' => '\u{85}',
        '_' => '\u{a0}',
        'L' => '\u{2028}',
        'P' => '\u{2029}',
        _ => return None,
    })
}
