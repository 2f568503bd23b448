//! Characters to tokens: indentation becomes block starts and ends, a scalar followed by `:` becomes a key.
//!
//! Promises: the tokens and the errors of libyaml (YAML 1.1), each token at the place where libyaml puts it; linear time.

use super::YamlError;
use super::cursor::{Cursor, Mark, is_blank, is_blank_or_end, is_break};
use super::token::{Token, TokenKind};
use crate::manifest::limits::MAX_DEPTH;
use std::collections::VecDeque;

/// Characters that a key on one line may have before its `:`.
const MAX_SIMPLE_KEY: usize = 1024;

/// A token that turns out to be a key if `:` follows on its line.
#[derive(Debug, Clone, Copy, Default)]
struct SimpleKey {
    possible: bool,
    /// Nothing but a key may stand here.
    required: bool,
    token_number: usize,
    mark: Mark,
    /// The token of this number is held back until it is clear whether it is a key. go-yaml forgets that when brackets close
    /// without a key inside (`[]`), and what it reads then is what kubectl reads.
    holds_back: bool,
}

#[derive(Debug)]
pub struct Scanner {
    pub(super) cursor: Cursor,
    tokens: VecDeque<Token>,
    /// Tokens already handed out.
    tokens_taken: usize,
    ended: bool,
    /// Column of the innermost block; -1 outside.
    pub(super) indent: isize,
    indents: Vec<isize>,
    /// Open brackets.
    pub(super) flow_level: usize,
    /// One for the block context and one for every open bracket.
    simple_keys: Vec<SimpleKey>,
    pub(super) simple_key_allowed: bool,
}

type Scan<T> = Result<T, YamlError>;

impl Scanner {
    pub fn new(text: &str) -> Scan<Self> {
        Ok(Self {
            cursor: Cursor::new(text)?,
            tokens: VecDeque::new(),
            tokens_taken: 0,
            ended: false,
            indent: -1,
            indents: Vec::new(),
            flow_level: 0,
            simple_keys: vec![SimpleKey::default()],
            simple_key_allowed: true,
        })
    }

    /// The next token, which stays next.
    pub fn peek(&mut self) -> Scan<&Token> {
        // At the end no key can come any more, but one that had to come is missed only now.
        while self.tokens.is_empty() || (self.head_may_become_key()? && !self.ended) {
            self.fetch()?;
        }
        // The stream end stays in the queue for ever.
        match self.tokens.front() {
            Some(token) => Ok(token),
            None => Err(self.error("did not find expected <stream-start>")),
        }
    }

    /// Takes the next token.
    pub fn next(&mut self) -> Scan<Token> {
        let token = self.peek()?.clone();
        if token.kind != TokenKind::StreamEnd {
            self.tokens.pop_front();
            self.tokens_taken += 1;
        }
        Ok(token)
    }

    pub(super) fn error(&self, problem: &str) -> YamlError {
        YamlError::scanner(problem, self.cursor.mark)
    }

    fn head_may_become_key(&mut self) -> Scan<bool> {
        let head = self.tokens_taken;
        match self.simple_keys.iter().position(|k| k.possible && k.holds_back && k.token_number == head) {
            Some(level) => self.simple_key_is_valid(level),
            None => Ok(false),
        }
    }

    fn simple_key_is_valid(&mut self, level: usize) -> Scan<bool> {
        let key = self.simple_keys[level];
        if !key.possible {
            return Ok(false);
        }
        if key.mark.line < self.cursor.mark.line || key.mark.index + MAX_SIMPLE_KEY < self.cursor.mark.index {
            if key.required {
                return Err(self.error("could not find expected ':'"));
            }
            self.simple_keys[level].possible = false;
            return Ok(false);
        }
        Ok(true)
    }

    fn fetch(&mut self) -> Scan<()> {
        self.skip_to_next_token();
        self.unroll_indent(self.cursor.mark.column as isize);
        let (c, next, flow) = (self.cursor.here(), self.cursor.peek(1), self.flow_level > 0);
        match c {
            '\0' => self.fetch_stream_end(),
            '%' if self.cursor.mark.column == 0 => self.fetch_directive(),
            _ if self.cursor.at_indicator('-') => self.fetch_document_indicator(TokenKind::DocumentStart),
            _ if self.cursor.at_indicator('.') => self.fetch_document_indicator(TokenKind::DocumentEnd),
            '[' => self.fetch_flow_start(TokenKind::FlowSequenceStart),
            '{' => self.fetch_flow_start(TokenKind::FlowMappingStart),
            ']' => self.fetch_flow_end(TokenKind::FlowSequenceEnd),
            '}' => self.fetch_flow_end(TokenKind::FlowMappingEnd),
            ',' => self.fetch_flow_entry(),
            '-' if is_blank_or_end(next) => self.fetch_block_entry(),
            '?' if flow || is_blank_or_end(next) => self.fetch_key(),
            ':' if flow || is_blank_or_end(next) => self.fetch_value(),
            '*' | '&' => self.fetch_with_key(|s| s.scan_anchor()),
            '!' => self.fetch_with_key(|s| s.scan_tag()),
            '|' | '>' if !flow => self.fetch_block_scalar(c == '|'),
            '\'' | '"' => self.fetch_with_key(|s| s.scan_quoted()),
            _ if may_start_plain(c, next, flow) => self.fetch_with_key(|s| s.scan_plain()),
            _ => Err(self.error("found character that cannot start any token")),
        }
    }

    fn skip_to_next_token(&mut self) {
        loop {
            let cursor = &mut self.cursor;
            if cursor.mark.column == 0 && cursor.here() == '\u{feff}' {
                cursor.skip();
            }
            // A tab may not stand where it could be taken for indentation.
            let tabs = self.flow_level > 0 || !self.simple_key_allowed;
            while cursor.here() == ' ' || (tabs && cursor.here() == '\t') {
                cursor.skip();
            }
            cursor.skip_comment();
            if !is_break(cursor.here()) {
                return;
            }
            cursor.read_line();
            if self.flow_level == 0 {
                self.simple_key_allowed = true;
            }
        }
    }

    fn push(&mut self, kind: TokenKind, start: Mark) {
        self.tokens.push_back(Token { kind, start, end: self.cursor.mark });
    }

    /// Appends a token of `length` characters.
    fn push_indicator(&mut self, kind: TokenKind, length: usize) {
        let start = self.cursor.mark;
        for _ in 0..length {
            self.cursor.skip();
        }
        self.push(kind, start);
    }

    /// Opens a block if `column` is deeper than the current one; its token goes before token `number` (`None`: at the end).
    fn roll_indent(&mut self, column: usize, number: Option<usize>, kind: TokenKind, mark: Mark) -> Scan<()> {
        if self.flow_level > 0 || self.indent >= column as isize {
            return Ok(());
        }
        self.indents.push(self.indent);
        self.indent = column as isize;
        if self.indents.len() > MAX_DEPTH {
            return Err(self.error(&format!("exceeded max depth of {MAX_DEPTH}")));
        }
        let token = Token { kind, start: mark, end: mark };
        self.insert(token, number);
        Ok(())
    }

    /// Puts a token before token `number`; at the end without one, or when that token is already taken.
    fn insert(&mut self, token: Token, number: Option<usize>) {
        let at = number.and_then(|n| n.checked_sub(self.tokens_taken)).unwrap_or(self.tokens.len());
        self.tokens.insert(at.min(self.tokens.len()), token);
    }

    fn unroll_indent(&mut self, column: isize) {
        while self.flow_level == 0 && self.indent > column {
            self.push(TokenKind::BlockEnd, self.cursor.mark);
            self.indent = self.indents.pop().unwrap_or(-1);
        }
    }

    fn save_simple_key(&mut self) -> Scan<()> {
        if self.simple_key_allowed {
            let required = self.flow_level == 0 && self.indent == self.cursor.mark.column as isize;
            self.remove_simple_key()?;
            let token_number = self.tokens_taken + self.tokens.len();
            let key = SimpleKey { possible: true, required, token_number, mark: self.cursor.mark, holds_back: true };
            *self.simple_key() = key;
        }
        Ok(())
    }

    fn remove_simple_key(&mut self) -> Scan<()> {
        if self.simple_key().possible && self.simple_key().required {
            return Err(self.error("could not find expected ':'"));
        }
        self.simple_key().possible = false;
        Ok(())
    }

    /// The possible key of the innermost bracket (there is always one for the block context).
    fn simple_key(&mut self) -> &mut SimpleKey {
        let level = self.flow_level.min(self.simple_keys.len() - 1);
        &mut self.simple_keys[level]
    }

    fn fetch_stream_end(&mut self) -> Scan<()> {
        if self.cursor.mark.column != 0 {
            self.cursor.mark.column = 0;
            self.cursor.mark.line += 1;
        }
        self.unroll_indent(-1);
        self.remove_simple_key()?;
        self.simple_key_allowed = false;
        self.push(TokenKind::StreamEnd, self.cursor.mark);
        self.ended = true;
        Ok(())
    }

    fn fetch_directive(&mut self) -> Scan<()> {
        self.unroll_indent(-1);
        self.remove_simple_key()?;
        self.simple_key_allowed = false;
        let start = self.cursor.mark;
        let kind = self.scan_directive()?;
        self.push(kind, start);
        Ok(())
    }

    fn fetch_document_indicator(&mut self, kind: TokenKind) -> Scan<()> {
        self.unroll_indent(-1);
        self.remove_simple_key()?;
        self.simple_key_allowed = false;
        self.push_indicator(kind, 3);
        Ok(())
    }

    fn fetch_flow_start(&mut self, kind: TokenKind) -> Scan<()> {
        self.save_simple_key()?;
        let token_number = self.tokens_taken + self.tokens.len();
        self.simple_keys.push(SimpleKey { token_number, ..SimpleKey::default() });
        self.flow_level += 1;
        if self.flow_level > MAX_DEPTH {
            return Err(self.error(&format!("exceeded max depth of {MAX_DEPTH}")));
        }
        self.simple_key_allowed = true;
        self.push_indicator(kind, 1);
        Ok(())
    }

    fn fetch_flow_end(&mut self, kind: TokenKind) -> Scan<()> {
        self.remove_simple_key()?;
        if self.flow_level > 0 {
            self.flow_level -= 1;
            if let Some(closed) = self.simple_keys.pop() {
                let same = self.simple_keys.iter_mut().filter(|k| k.token_number == closed.token_number);
                same.for_each(|k| k.holds_back = false);
            }
        }
        self.simple_key_allowed = false;
        self.push_indicator(kind, 1);
        Ok(())
    }

    fn fetch_flow_entry(&mut self) -> Scan<()> {
        self.remove_simple_key()?;
        self.simple_key_allowed = true;
        self.push_indicator(TokenKind::FlowEntry, 1);
        Ok(())
    }

    fn fetch_block_entry(&mut self) -> Scan<()> {
        if self.flow_level == 0 {
            if !self.simple_key_allowed {
                return Err(self.error("block sequence entries are not allowed in this context"));
            }
            let mark = self.cursor.mark;
            self.roll_indent(mark.column, None, TokenKind::BlockSequenceStart, mark)?;
        }
        self.remove_simple_key()?;
        self.simple_key_allowed = true;
        self.push_indicator(TokenKind::BlockEntry, 1);
        Ok(())
    }

    fn fetch_key(&mut self) -> Scan<()> {
        if self.flow_level == 0 {
            if !self.simple_key_allowed {
                return Err(self.error("mapping keys are not allowed in this context"));
            }
            let mark = self.cursor.mark;
            self.roll_indent(mark.column, None, TokenKind::BlockMappingStart, mark)?;
        }
        self.remove_simple_key()?;
        self.simple_key_allowed = self.flow_level == 0;
        self.push_indicator(TokenKind::Key, 1);
        Ok(())
    }

    fn fetch_value(&mut self) -> Scan<()> {
        let level = self.simple_keys.len() - 1;
        if self.simple_key_is_valid(level)? {
            let SimpleKey { token_number, mark, .. } = self.simple_keys[level];
            let token = Token { kind: TokenKind::Key, start: mark, end: mark };
            self.insert(token, Some(token_number));
            self.roll_indent(mark.column, Some(token_number), TokenKind::BlockMappingStart, mark)?;
            self.simple_keys[level].possible = false;
            self.simple_key_allowed = false;
        } else {
            if self.flow_level == 0 {
                if !self.simple_key_allowed {
                    return Err(self.error("mapping values are not allowed in this context"));
                }
                let mark = self.cursor.mark;
                self.roll_indent(mark.column, None, TokenKind::BlockMappingStart, mark)?;
            }
            self.simple_key_allowed = self.flow_level == 0;
        }
        self.push_indicator(TokenKind::Value, 1);
        Ok(())
    }

    /// A token that may turn out to be a key.
    fn fetch_with_key(&mut self, scan: fn(&mut Self) -> Scan<Token>) -> Scan<()> {
        self.save_simple_key()?;
        self.simple_key_allowed = false;
        let token = scan(self)?;
        self.tokens.push_back(token);
        Ok(())
    }

    fn fetch_block_scalar(&mut self, literal: bool) -> Scan<()> {
        self.remove_simple_key()?;
        self.simple_key_allowed = true;
        let token = self.scan_block_scalar(literal)?;
        self.tokens.push_back(token);
        Ok(())
    }
}

/// Whether an unquoted scalar may start with `c`.
fn may_start_plain(c: char, next: char, flow: bool) -> bool {
    match c {
        '-' => !is_blank(next),
        '?' | ':' => !flow && !is_blank_or_end(next),
        ',' | '[' | ']' | '{' | '}' | '#' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%' | '@' | '`' => false,
        _ => !is_blank_or_end(c),
    }
}
