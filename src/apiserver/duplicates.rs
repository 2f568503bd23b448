//! Fields that stand twice in a JSON text: strict decoding refuses them, and a tree no longer knows.

/// Nesting beyond which nothing is looked for any more.
const MAX_DEPTH: usize = 200;

struct Scanner<'a> {
    bytes: &'a [u8],
    at: usize,
    found: Vec<String>,
}

/// Paths (`spec.ports[0].port`) of the fields that an object of a well-formed JSON text names again, in the text's order.
pub fn duplicate_fields(text: &str) -> Vec<String> {
    let mut scanner = Scanner { bytes: text.as_bytes(), at: 0, found: vec![] };
    scanner.value("", 0);
    scanner.found
}

impl Scanner<'_> {
    fn here(&mut self) -> u8 {
        while self.bytes.get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
        self.bytes.get(self.at).copied().unwrap_or(0)
    }

    fn value(&mut self, path: &str, depth: usize) {
        match self.here() {
            b'{' if depth < MAX_DEPTH => self.object(path, depth),
            b'[' if depth < MAX_DEPTH => self.array(path, depth),
            b'"' => {
                self.string();
            }
            _ => {
                while !matches!(self.bytes.get(self.at), None | Some(b',' | b'}' | b']')) {
                    self.at += 1;
                }
            }
        }
    }

    fn object(&mut self, path: &str, depth: usize) {
        let mut keys: Vec<String> = vec![];
        self.at += 1;
        while self.here() == b'"' {
            let key = self.string();
            let inner = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
            if keys.contains(&key) {
                if !self.found.contains(&inner) {
                    self.found.push(inner.clone());
                }
            } else {
                keys.push(key);
            }
            if self.here() == b':' {
                self.at += 1;
            }
            self.value(&inner, depth + 1);
            if self.here() == b',' {
                self.at += 1;
            }
        }
        self.at += 1;
    }

    fn array(&mut self, path: &str, depth: usize) {
        self.at += 1;
        for i in 0.. {
            if matches!(self.here(), b']' | 0) {
                break;
            }
            let start = self.at;
            self.value(&format!("{path}[{i}]"), depth + 1);
            if self.here() == b',' {
                self.at += 1;
            }
            if self.at == start {
                break;
            }
        }
        self.at += 1;
    }

    /// The text between the quotes, escapes as they stand.
    fn string(&mut self) -> String {
        self.at += 1;
        let start = self.at;
        while let Some(byte) = self.bytes.get(self.at) {
            match byte {
                b'\\' => self.at += 1,
                b'"' => break,
                _ => {}
            }
            self.at += 1;
        }
        let end = self.at.min(self.bytes.len());
        self.at = end + 1;
        String::from_utf8_lossy(&self.bytes[start.min(end)..end]).into_owned()
    }
}
