//! Anchors, aliases, tags and `%` directives.

use super::YamlError;
use super::cursor::{is_blank, is_blank_or_end, is_break, is_break_or_end, is_word};
use super::scanner::Scanner;
use super::token::{Token, TokenKind};

type Scan<T> = Result<T, YamlError>;

impl Scanner {
    fn read_word(&mut self) -> String {
        let mut word = String::new();
        while is_word(self.cursor.here()) {
            word.push(self.cursor.read());
        }
        word
    }

    pub(super) fn scan_anchor(&mut self) -> Scan<Token> {
        let start = self.cursor.mark;
        let alias = self.cursor.read() == '*';
        let name = self.read_word();
        let end = self.cursor.here();
        if name.is_empty() || !(is_blank_or_end(end) || matches!(end, '?' | ':' | ',' | ']' | '}' | '%' | '@' | '`')) {
            return Err(self.error("did not find expected alphabetic or numeric character"));
        }
        let kind = if alias { TokenKind::Alias(name) } else { TokenKind::Anchor(name) };
        Ok(Token { kind, start, end: self.cursor.mark })
    }

    pub(super) fn scan_tag(&mut self) -> Scan<Token> {
        let start = self.cursor.mark;
        let (handle, suffix) = if self.cursor.peek(1) == '<' {
            self.cursor.skip();
            self.cursor.skip();
            let uri = self.scan_tag_uri("")?;
            if self.cursor.here() != '>' {
                return Err(self.error("did not find the expected '>'"));
            }
            self.cursor.skip();
            (String::new(), uri)
        } else {
            let handle = self.scan_tag_handle(false)?;
            if handle.len() > 1 && handle.ends_with('!') {
                (handle, self.scan_tag_uri("")?)
            } else {
                let suffix = self.scan_tag_uri(&handle)?;
                if suffix.is_empty() { (String::new(), "!".to_owned()) } else { ("!".to_owned(), suffix) }
            }
        };
        if !is_blank_or_end(self.cursor.here()) {
            return Err(self.error("did not find expected whitespace or line break"));
        }
        Ok(Token { kind: TokenKind::Tag { handle, suffix }, start, end: self.cursor.mark })
    }

    fn scan_tag_handle(&mut self, directive: bool) -> Scan<String> {
        if self.cursor.here() != '!' {
            return Err(self.error("did not find expected '!'"));
        }
        self.cursor.skip();
        let mut handle = format!("!{}", self.read_word());
        if self.cursor.here() == '!' {
            handle.push(self.cursor.read());
        } else if directive && handle != "!" {
            return Err(self.error("did not find expected '!'"));
        }
        Ok(handle)
    }

    /// The rest of a tag; `head` is what was already read as if it were a handle.
    fn scan_tag_uri(&mut self, head: &str) -> Scan<String> {
        let mut uri: Vec<u8> = head.as_bytes().get(1..).unwrap_or_default().to_vec();
        let mut found = !head.is_empty();
        loop {
            match self.cursor.here() {
                '%' => self.scan_uri_escape(&mut uri)?,
                c if is_word(c) || ";/?:@&=+$,.!~*'()[]".contains(c) => uri.push(self.cursor.read() as u8),
                _ => break,
            }
            found = true;
        }
        if !found {
            return Err(self.error("did not find expected tag URI"));
        }
        String::from_utf8(uri).map_err(|_| self.error("found an incorrect trailing UTF-8 octet"))
    }

    /// One character written as `%XX%XX…`.
    fn scan_uri_escape(&mut self, uri: &mut Vec<u8>) -> Scan<()> {
        let mut left = None;
        while left != Some(0) {
            let digits = (self.cursor.peek(1).to_digit(16), self.cursor.peek(2).to_digit(16));
            let ('%', (Some(high), Some(low))) = (self.cursor.here(), digits) else {
                return Err(self.error("did not find URI escaped octet"));
            };
            let octet = (high * 16 + low) as u8;
            let count = match left {
                None => match octet {
                    0..0x80 => 1,
                    0xc0..0xe0 => 2,
                    0xe0..0xf0 => 3,
                    0xf0..0xf8 => 4,
                    _ => return Err(self.error("found an incorrect leading UTF-8 octet")),
                },
                Some(_) if octet & 0xc0 != 0x80 => return Err(self.error("found an incorrect trailing UTF-8 octet")),
                Some(count) => count,
            };
            uri.push(octet);
            (0..3).for_each(|_| self.cursor.skip());
            left = Some(count - 1);
        }
        Ok(())
    }

    pub(super) fn scan_directive(&mut self) -> Scan<TokenKind> {
        self.cursor.skip();
        let name = self.read_word();
        if name.is_empty() {
            return Err(self.error("could not find expected directive name"));
        }
        if !is_blank_or_end(self.cursor.here()) {
            return Err(self.error("found unexpected non-alphabetical character"));
        }
        let kind = match name.as_str() {
            "YAML" => self.scan_version()?,
            "TAG" => self.scan_tag_directive()?,
            _ => return Err(self.error("found unknown directive name")),
        };
        self.end_line()?;
        Ok(kind)
    }

    /// Nothing but a comment may stand in the rest of the line, which is taken.
    pub(super) fn end_line(&mut self) -> Result<(), YamlError> {
        self.cursor.skip_blanks();
        self.cursor.skip_comment();
        if !is_break_or_end(self.cursor.here()) {
            return Err(self.error("did not find expected comment or line break"));
        }
        if is_break(self.cursor.here()) {
            self.cursor.read_line();
        }
        Ok(())
    }

    fn scan_version(&mut self) -> Scan<TokenKind> {
        self.cursor.skip_blanks();
        let major = self.scan_version_number()?;
        if self.cursor.here() != '.' {
            return Err(self.error("did not find expected digit or '.' character"));
        }
        self.cursor.skip();
        Ok(TokenKind::VersionDirective { major, minor: self.scan_version_number()? })
    }

    fn scan_version_number(&mut self) -> Scan<u8> {
        let (mut number, mut length) = (0, 0);
        while let Some(digit) = self.cursor.here().to_digit(10) {
            length += 1;
            if length > 2 {
                return Err(self.error("found extremely long version number"));
            }
            number = number * 10 + digit as u8;
            self.cursor.skip();
        }
        if length == 0 {
            return Err(self.error("did not find expected version number"));
        }
        Ok(number)
    }

    fn scan_tag_directive(&mut self) -> Scan<TokenKind> {
        self.cursor.skip_blanks();
        let handle = self.scan_tag_handle(true)?;
        if !is_blank(self.cursor.here()) {
            return Err(self.error("did not find expected whitespace"));
        }
        self.cursor.skip_blanks();
        let prefix = self.scan_tag_uri("")?;
        if !is_blank_or_end(self.cursor.here()) {
            return Err(self.error("did not find expected whitespace or line break"));
        }
        Ok(TokenKind::TagDirective { handle, prefix })
    }
}
