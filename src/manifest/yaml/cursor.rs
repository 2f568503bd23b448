//! The place in the text: characters ahead, position, and YAML's classes of characters.

use super::YamlError;

/// A place in a document, counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Mark {
    pub index: usize,
    pub line: usize,
    pub column: usize,
}

/// Reads a document character by character; past the end there are NULs (which no document may contain).
#[derive(Debug)]
pub struct Cursor {
    chars: Vec<char>,
    pub mark: Mark,
}

impl Cursor {
    /// Refuses control characters, as YAML's reader does before anything else.
    pub fn new(text: &str) -> Result<Self, YamlError> {
        let chars: Vec<char> = text.strip_prefix('\u{feff}').unwrap_or(text).chars().collect();
        match chars.iter().position(|&c| !is_printable(c)) {
            Some(at) => {
                let line = chars[..at].iter().filter(|&&c| c == '\n').count();
                let column = chars[..at].iter().rev().take_while(|&&c| c != '\n').count();
                Err(YamlError::unplaced("control characters are not allowed", Mark { index: at, line, column }))
            }
            None => Ok(Self { chars, mark: Mark::default() }),
        }
    }

    /// The character `ahead` places from here.
    pub fn peek(&self, ahead: usize) -> char {
        self.chars.get(self.mark.index + ahead).copied().unwrap_or('\0')
    }

    pub fn here(&self) -> char {
        self.peek(0)
    }

    /// Steps over one character of a line.
    pub fn skip(&mut self) {
        self.mark.index += 1;
        self.mark.column += 1;
    }

    /// Takes one character of a line.
    pub fn read(&mut self) -> char {
        let c = self.here();
        self.skip();
        c
    }

    /// Steps over a line break and gives its normal form (`\n`, save for the two Unicode separators).
    pub fn read_line(&mut self) -> char {
        let c = self.here();
        self.mark.index += if c == '\r' && self.peek(1) == '\n' { 2 } else { 1 };
        self.mark.column = 0;
        self.mark.line += 1;
        if matches!(c, '\u{2028}' | '\u{2029}') { c } else { '\n' }
    }

    pub fn skip_blanks(&mut self) {
        while is_blank(self.here()) {
            self.skip();
        }
    }

    /// Steps to the end of the line if a comment starts here.
    pub fn skip_comment(&mut self) {
        if self.here() == '#' {
            while !is_break_or_end(self.here()) {
                self.skip();
            }
        }
    }

    /// Whether a line starts here with `---` or `...` and a blank: the border of a document.
    pub fn at_document_indicator(&self) -> bool {
        self.at_indicator('-') || self.at_indicator('.')
    }

    pub fn at_indicator(&self, c: char) -> bool {
        self.mark.column == 0 && (0..3).all(|i| self.peek(i) == c) && is_blank_or_end(self.peek(3))
    }
}

fn is_printable(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='~' | '\u{85}' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

pub fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t')
}

pub fn is_break(c: char) -> bool {
    matches!(c, '\r' | '\n' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

pub fn is_break_or_end(c: char) -> bool {
    c == '\0' || is_break(c)
}

pub fn is_blank_or_end(c: char) -> bool {
    is_blank(c) || is_break_or_end(c)
}

/// Characters of anchors, tag handles and directive names.
pub fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-')
}
