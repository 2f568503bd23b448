//! JSON text to values, with the place of every part.

use super::super::limits::{MAX_DEPTH, MAX_VALUES};
use super::super::number;
use super::super::position::{Children, Position, Positions};
use serde_json::{Map, Value};

/// Text that is no JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JsonError {
    /// Go's words.
    pub message: String,
    /// Bytes read up to and including what is wrong; `None` when the text just ends.
    pub offset: Option<usize>,
    pub line: usize,
    pub column: usize,
}

type Scan<T> = Result<T, JsonError>;

/// One value of a stream.
#[derive(Debug, Clone, Default)]
pub struct Read {
    pub value: Value,
    pub positions: Positions,
    /// Bytes up to the end of the value.
    pub end: usize,
}

/// Reads the value that starts behind white space at the beginning of `text`; `None` if there is only white space.
pub fn read_one(text: &str) -> Result<Option<Read>, JsonError> {
    Stream::new(text).next_value()
}

/// Values one after another, as Go's decoder takes them.
pub struct Stream<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    depth: usize,
    values: usize,
    line: usize,
    /// A byte of the present line and its column, from which later columns are counted.
    counted: (usize, usize),
}

impl<'a> Stream<'a> {
    pub fn new(text: &'a str) -> Self {
        Self { text, bytes: text.as_bytes(), at: 0, depth: 0, values: 0, line: 1, counted: (0, 1) }
    }

    /// The next value; `None` at the end.
    pub fn next_value(&mut self) -> Result<Option<Read>, JsonError> {
        self.skip_blanks();
        if self.at >= self.bytes.len() {
            return Ok(None);
        }
        (self.depth, self.values) = (0, 0);
        let (value, positions) = self.value()?;
        Ok(Some(Read { value, positions, end: self.at }))
    }
    fn here(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn position(&mut self) -> Position {
        let (byte, column) = self.counted;
        let between = self.text.get(byte..self.at).unwrap_or_default();
        self.counted = (self.at, column + between.chars().count());
        (self.line, self.counted.1)
    }

    fn skip_blanks(&mut self) {
        while let Some(b @ (b' ' | b'\t' | b'\r' | b'\n')) = self.here() {
            self.at += 1;
            if b == b'\n' {
                self.line += 1;
                self.counted = (self.at, 1);
            }
        }
    }

    /// The character here does not fit; `context` says what was expected, in Go's words.
    fn unexpected<T>(&mut self, context: &str) -> Scan<T> {
        let (line, column) = self.position();
        let (message, offset) = match self.text.get(self.at..).and_then(|rest| rest.chars().next()) {
            Some(c) => {
                let first = char::from(self.bytes[self.at]);
                let shown = match if c.is_ascii() { c } else { first } {
                    '\'' => r"'\''".to_owned(),
                    '"' => "'\"'".to_owned(),
                    '\n' => r"'\n'".to_owned(),
                    '\r' => r"'\r'".to_owned(),
                    '\t' => r"'\t'".to_owned(),
                    '\\' => r"'\\'".to_owned(),
                    c if c.is_ascii_control() => format!("'\\x{:02x}'", c as u32),
                    c => format!("'{c}'"),
                };
                (format!("invalid character {shown} {context}"), Some(self.at + 1))
            }
            None => ("unexpected EOF".to_owned(), None),
        };
        Err(JsonError { message, offset, line, column })
    }

    fn value(&mut self) -> Scan<(Value, Positions)> {
        let place = self.position();
        self.depth += 1;
        self.values += 1;
        let refused = match (self.depth > MAX_DEPTH, self.values > MAX_VALUES) {
            (true, _) => Some("exceeded max depth".to_owned()),
            (_, true) => Some(format!("document has more than {MAX_VALUES} values")),
            _ => None,
        };
        if let Some(message) = refused {
            let (line, column) = place;
            return Err(JsonError { message, offset: Some(self.at + 1), line, column });
        }
        let (value, children) = match self.here() {
            Some(b'{') => self.object()?,
            Some(b'[') => self.array()?,
            Some(b'"') => (Value::String(self.string()?), Children::None),
            Some(b't') => (self.literal("true", Value::Bool(true))?, Children::None),
            Some(b'f') => (self.literal("false", Value::Bool(false))?, Children::None),
            Some(b'n') => (self.literal("null", Value::Null)?, Children::None),
            Some(b'-' | b'0'..=b'9') => (self.number()?, Children::None),
            _ => return self.unexpected("looking for beginning of value"),
        };
        self.depth -= 1;
        Ok((value, Positions { key: place, value: place, children }))
    }

    fn object(&mut self) -> Scan<(Value, Children)> {
        let (mut values, mut places) = (Map::new(), Vec::new());
        self.at += 1;
        self.skip_blanks();
        if self.here() == Some(b'}') {
            self.at += 1;
            return Ok((Value::Object(values), Children::Map(places)));
        }
        loop {
            self.skip_blanks();
            if self.here() != Some(b'"') {
                return self.unexpected("looking for beginning of object key string");
            }
            let key_place = self.position();
            let key = self.string()?;
            self.skip_blanks();
            if self.here() != Some(b':') {
                return self.unexpected("after object key");
            }
            self.at += 1;
            self.skip_blanks();
            let (value, mut place) = self.value()?;
            place.key = key_place;
            values.insert(key.clone(), value);
            places.push((key, place));
            self.skip_blanks();
            match self.here() {
                Some(b',') => self.at += 1,
                Some(b'}') => break,
                _ => return self.unexpected("after object key:value pair"),
            }
        }
        self.at += 1;
        Ok((Value::Object(values), Children::Map(places)))
    }

    fn array(&mut self) -> Scan<(Value, Children)> {
        let (mut values, mut places) = (Vec::new(), Vec::new());
        self.at += 1;
        self.skip_blanks();
        if self.here() == Some(b']') {
            self.at += 1;
            return Ok((Value::Array(values), Children::List(places)));
        }
        loop {
            self.skip_blanks();
            let (value, place) = self.value()?;
            values.push(value);
            places.push(place);
            self.skip_blanks();
            match self.here() {
                Some(b',') => self.at += 1,
                Some(b']') => break,
                _ => return self.unexpected("after array element"),
            }
        }
        self.at += 1;
        Ok((Value::Array(values), Children::List(places)))
    }

    fn literal(&mut self, word: &str, value: Value) -> Scan<Value> {
        for (i, expected) in word.bytes().enumerate() {
            if self.here() != Some(expected) {
                debug_assert!(i > 0);
                return self.unexpected(&format!("in literal {word} (expecting '{}')", char::from(expected)));
            }
            self.at += 1;
        }
        Ok(value)
    }

    fn digits(&mut self) {
        while self.here().is_some_and(|b| b.is_ascii_digit()) {
            self.at += 1;
        }
    }

    /// At least one digit.
    fn some_digits(&mut self, context: &str) -> Scan<()> {
        if !self.here().is_some_and(|b| b.is_ascii_digit()) {
            return self.unexpected(context);
        }
        self.digits();
        Ok(())
    }

    fn number(&mut self) -> Scan<Value> {
        let start = self.at;
        if self.here() == Some(b'-') {
            self.at += 1;
        }
        if self.here() == Some(b'0') {
            self.at += 1;
        } else {
            self.some_digits("in numeric literal")?;
        }
        let mut whole = true;
        if self.here() == Some(b'.') {
            whole = false;
            self.at += 1;
            self.some_digits("after decimal point in numeric literal")?;
        }
        if let Some(b'e' | b'E') = self.here() {
            whole = false;
            self.at += 1;
            if let Some(b'+' | b'-') = self.here() {
                self.at += 1;
            }
            self.some_digits("in exponent of numeric literal")?;
        }
        let text = &self.text[start..self.at];
        if whole && let Ok(n) = text.parse::<i64>() {
            return Ok(Value::from(n));
        }
        let float = text.parse::<f64>().unwrap_or(f64::MAX);
        Ok(if float.is_finite() { number::value_of_float(float) } else { Value::from(f64::MAX) })
    }

    fn string(&mut self) -> Scan<String> {
        self.at += 1;
        let mut out = String::new();
        let mut plain = self.at;
        loop {
            match self.here() {
                Some(b'"') => break,
                Some(b'\\') => {
                    out.push_str(&self.text[plain..self.at]);
                    self.escape(&mut out)?;
                    plain = self.at;
                }
                Some(0..=0x1f) | None => return self.unexpected("in string literal"),
                Some(_) => self.at += 1,
            }
        }
        out.push_str(&self.text[plain..self.at]);
        self.at += 1;
        Ok(out)
    }

    fn escape(&mut self, out: &mut String) -> Scan<()> {
        self.at += 1;
        let c = match self.here() {
            Some(c @ (b'"' | b'\\' | b'/')) => char::from(c),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                self.at += 1;
                let code = self.hex4()?;
                out.push(self.join_surrogates(code));
                return Ok(());
            }
            _ => return self.unexpected("in string escape code"),
        };
        self.at += 1;
        out.push(c);
        Ok(())
    }

    fn hex4(&mut self) -> Scan<u32> {
        let mut code = 0;
        for _ in 0..4 {
            match self.here().and_then(|b| char::from(b).to_digit(16)) {
                Some(digit) => code = code * 16 + digit,
                None => return self.unexpected("in \\u hexadecimal character escape"),
            }
            self.at += 1;
        }
        Ok(code)
    }

    /// A second `\uXXXX` is taken only if it completes a pair; half pairs become U+FFFD.
    fn join_surrogates(&mut self, high: u32) -> char {
        if (0xd800..0xdc00).contains(&high) && self.text[self.at..].starts_with("\\u") {
            let digits = self.text.get(self.at + 2..self.at + 6).filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()));
            let low = digits.and_then(|d| u32::from_str_radix(d, 16).ok()).unwrap_or(0);
            if (0xdc00..0xe000).contains(&low) {
                self.at += 6;
                return char::from_u32(0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00)).unwrap_or('\u{fffd}');
            }
        }
        char::from_u32(high).unwrap_or('\u{fffd}')
    }
}
