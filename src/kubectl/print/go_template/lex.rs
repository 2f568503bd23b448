//! A template's text to tokens.

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Error,
    Eof,
    Text,
    LeftDelim,
    RightDelim,
    Space,
    Bool,
    Char,
    CharConstant,
    Assign,
    Declare,
    Field,
    Identifier,
    LeftParen,
    RightParen,
    Number,
    Pipe,
    RawString,
    String,
    Variable,
    Dot,
    Nil,
    /// `block`, `break`, `continue`, `define`, `else`, `end`, `if`, `range`, `template`, `with`.
    Keyword,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    pub kind: Kind,
    /// Byte in the template.
    pub pos: usize,
    /// The text, or an error's message.
    pub text: String,
    /// Counted from 1.
    pub line: usize,
}

const SPACES: [char; 4] = [' ', '\t', '\r', '\n'];

/// All tokens; the last one is an error or the end.
pub fn lex(input: &str) -> Vec<Token> {
    let mut lexer = Lexer { input, start: 0, at: 0, line: 1, counted: 0, parens: 0, tokens: Vec::new() };
    if let Err(message) = lexer.run() {
        lexer.push(Kind::Error, message);
    }
    lexer.tokens
}

struct Lexer<'a> {
    input: &'a str,
    start: usize,
    at: usize,
    /// Line breaks up to byte `counted`.
    line: usize,
    counted: usize,
    parens: usize,
    tokens: Vec<Token>,
}

type Lex<T> = Result<T, String>;

impl<'a> Lexer<'a> {
    fn rest(&self) -> &'a str {
        &self.input[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }

    fn push(&mut self, kind: Kind, text: String) {
        self.line += self.input[self.counted..self.start].matches('\n').count();
        self.counted = self.start;
        self.tokens.push(Token { kind, pos: self.start, text, line: self.line });
        self.start = self.at;
    }

    fn emit(&mut self, kind: Kind) {
        self.push(kind, self.input[self.start..self.at].to_owned());
    }

    fn run(&mut self) -> Lex<()> {
        while let Some(delimiter) = self.rest().find("{{") {
            let text = &self.rest()[..delimiter];
            let end = self.at + delimiter;
            let trims = has_left_marker(&self.input[end + 2..]);
            self.at += if trims { text.trim_end_matches(SPACES).len() } else { text.len() };
            if self.at > self.start {
                self.emit(Kind::Text);
            }
            (self.start, self.at) = (end, end + 2);
            let marker = if trims { 2 } else { 0 };
            if self.input[self.at + marker..].starts_with("/*") {
                self.at += marker;
                self.comment()?;
            } else {
                self.emit(Kind::LeftDelim);
                self.at += marker;
                self.start = self.at;
                self.action()?;
            }
        }
        self.at = self.input.len();
        if self.at > self.start {
            self.emit(Kind::Text);
        }
        self.emit(Kind::Eof);
        Ok(())
    }

    fn comment(&mut self) -> Lex<()> {
        self.start = self.at;
        let end = self.input[self.at + 2..].find("*/").ok_or("unclosed comment")?;
        self.at += 2 + end + 2;
        let trims = self.right_delimiter().ok_or("comment ends before closing delimiter")?;
        self.skip_right(trims);
        self.start = self.at;
        Ok(())
    }

    /// Whether a right delimiter comes next, and then whether it trims.
    fn right_delimiter(&self) -> Option<bool> {
        let rest = self.rest();
        let mut chars = rest.chars();
        if chars.next().is_some_and(is_space) && rest[1..].starts_with("-}}") {
            return Some(true);
        }
        rest.starts_with("}}").then_some(false)
    }

    fn skip_right(&mut self, trims: bool) {
        self.at += if trims { 4 } else { 2 };
        if trims {
            self.at += self.rest().len() - self.rest().trim_start_matches(SPACES).len();
        }
    }

    /// Tokens up to and including the right delimiter.
    fn action(&mut self) -> Lex<()> {
        self.parens = 0;
        loop {
            if let Some(trims) = self.right_delimiter() {
                if self.parens > 0 {
                    return Err("unclosed left paren".to_owned());
                }
                if trims {
                    self.start += 2;
                }
                let end = self.start + 2;
                self.skip_right(trims);
                let behind = std::mem::replace(&mut self.at, end);
                self.emit(Kind::RightDelim);
                (self.start, self.at) = (behind, behind);
                return Ok(());
            }
            self.token()?;
        }
    }

    fn token(&mut self) -> Lex<()> {
        let c = self.next().ok_or("unclosed action")?;
        match c {
            c if is_space(c) => self.space(),
            '=' => self.emit(Kind::Assign),
            ':' if self.next() == Some('=') => self.emit(Kind::Declare),
            ':' => return Err("expected :=".to_owned()),
            '|' => self.emit(Kind::Pipe),
            '"' => self.quoted('"', Kind::String, "unterminated quoted string")?,
            '\'' => self.quoted('\'', Kind::CharConstant, "unterminated character constant")?,
            '`' => {
                let end = self.rest().find('`').ok_or("unterminated raw quoted string")?;
                self.at += end + 1;
                self.emit(Kind::RawString);
            }
            '$' => self.field(Kind::Variable, Kind::Variable)?,
            '.' if self.peek().is_some_and(|c| !c.is_ascii_digit()) => self.field(Kind::Field, Kind::Dot)?,
            '.' | '+' | '-' | '0'..='9' => self.number()?,
            c if is_alphanumeric(c) => self.identifier()?,
            '(' => {
                self.parens += 1;
                self.emit(Kind::LeftParen);
            }
            ')' if self.parens == 0 => return Err("unexpected right paren".to_owned()),
            ')' => {
                self.parens -= 1;
                self.emit(Kind::RightParen);
            }
            '!'..='~' => self.emit(Kind::Char),
            c => return Err(format!("unrecognized character in action: {}", unicode(c))),
        }
        Ok(())
    }

    /// A run of blanks; the last one may belong to ` -}}`.
    fn space(&mut self) {
        while self.peek().is_some_and(is_space) {
            self.at += 1;
        }
        if self.rest().starts_with("-}}") {
            self.at -= 1;
        }
        if self.at > self.start {
            self.emit(Kind::Space);
        }
    }

    fn quoted(&mut self, quote: char, kind: Kind, unterminated: &str) -> Lex<()> {
        loop {
            let c = match self.next() {
                Some('\\') => self.next().map(|c| if c == '\n' { c } else { ' ' }),
                c => c,
            };
            match c {
                None | Some('\n') => return Err(unterminated.to_owned()),
                Some(c) if c == quote => break,
                Some(_) => {}
            }
        }
        self.emit(kind);
        Ok(())
    }

    /// A name behind `.` or `$`; `bare` if there is none.
    fn field(&mut self, kind: Kind, bare: Kind) -> Lex<()> {
        let start = self.at;
        if !self.at_terminator() {
            self.word()?;
        }
        self.emit(if self.at == start { bare } else { kind });
        Ok(())
    }

    fn word(&mut self) -> Lex<()> {
        while self.peek().is_some_and(is_alphanumeric) {
            self.next();
        }
        if self.at_terminator() {
            return Ok(());
        }
        Err(format!("bad character {}", self.peek().map_or_else(|| "U+FFFFFFFFFFFFFFFF".to_owned(), unicode)))
    }

    fn at_terminator(&self) -> bool {
        match self.peek() {
            None | Some('.' | ',' | '|' | ':' | ')' | '(') => true,
            Some(c) => is_space(c) || self.rest().starts_with("}}"),
        }
    }

    fn identifier(&mut self) -> Lex<()> {
        self.word()?;
        let kind = match &self.input[self.start..self.at] {
            "block" | "break" | "continue" | "define" | "else" | "end" | "if" | "range" | "template" | "with" => Kind::Keyword,
            "nil" => Kind::Nil,
            "true" | "false" => Kind::Bool,
            _ => Kind::Identifier,
        };
        self.emit(kind);
        Ok(())
    }

    fn accept(&mut self, set: &str) -> bool {
        let found = self.peek().is_some_and(|c| set.contains(c));
        if found {
            self.at += 1;
        }
        found
    }

    fn accept_run(&mut self, set: &str) {
        while self.accept(set) {}
    }

    fn number(&mut self) -> Lex<()> {
        self.at = self.start;
        let mut fits = self.scan_number();
        if fits && self.peek().is_some_and(|c| matches!(c, '+' | '-')) {
            // A second part can only be an imaginary one.
            fits = self.scan_number() && self.input[..self.at].ends_with('i');
        }
        if !fits {
            let shown = super::super::go::quote(&self.input[self.start..self.at]);
            return Err(format!("bad number syntax: {shown}"));
        }
        self.emit(Kind::Number);
        Ok(())
    }

    fn scan_number(&mut self) -> bool {
        self.accept("+-");
        let mut digits = "0123456789_";
        if self.accept("0") {
            if self.accept("xX") {
                digits = "0123456789abcdefABCDEF_";
            } else if self.accept("oO") {
                digits = "01234567_";
            } else if self.accept("bB") {
                digits = "01_";
            }
        }
        self.accept_run(digits);
        if self.accept(".") {
            self.accept_run(digits);
        }
        if (digits.len() == 11 && self.accept("eE")) || (digits.len() == 23 && self.accept("pP")) {
            self.accept("+-");
            self.accept_run("0123456789_");
        }
        self.accept("i");
        let goes_on = self.peek().is_some_and(is_alphanumeric);
        if goes_on {
            self.next();
        }
        !goes_on
    }
}

fn has_left_marker(text: &str) -> bool {
    text.starts_with('-') && text[1..].chars().next().is_some_and(is_space)
}

fn is_space(c: char) -> bool {
    SPACES.contains(&c)
}

fn is_alphanumeric(c: char) -> bool {
    c == '_' || c.is_alphabetic() || c.is_numeric()
}

/// Go's `%#U`.
fn unicode(c: char) -> String {
    let code = c as u32;
    if c.is_control() { format!("U+{code:04X}") } else { format!("U+{code:04X} '{c}'") }
}
