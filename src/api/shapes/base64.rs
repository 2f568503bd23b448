//! Base64 as Go's `encoding/base64` reads and writes it.

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The offset that Go's error names, or `None` for good base64 with padding. Line breaks are overlooked.
pub(super) fn illegal_at(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let skip = |mut at: usize| {
        while matches!(bytes.get(at), Some(b'\n' | b'\r')) {
            at += 1;
        }
        at
    };
    let mut at = 0;
    // How many characters of the present group of four were read.
    let mut read = 0;
    loop {
        let Some(byte) = bytes.get(at) else { return (read > 0).then(|| at - read) };
        at += 1;
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'+' | b'/' => read = (read + 1) % 4,
            b'\n' | b'\r' => {}
            b'=' if read >= 2 => {
                if read == 2 {
                    at = skip(at);
                    match bytes.get(at) {
                        None => return Some(bytes.len()),
                        Some(b'=') => at += 1,
                        Some(_) => return Some(at - 1),
                    }
                }
                at = skip(at);
                return (at < bytes.len()).then_some(at);
            }
            _ => return Some(at - 1),
        }
    }
}

/// How many bytes a good base64 text holds.
pub fn length(text: &str) -> usize {
    text.bytes().filter(|b| !matches!(b, b'=' | b'\n' | b'\r')).count() * 3 / 4
}

/// The text that a good base64 text holds; bytes that are no UTF-8 are replaced.
pub fn decode(text: &str) -> String {
    let mut bytes = vec![];
    let (mut bits, mut count) = (0u32, 0);
    for digit in text.bytes().filter_map(|b| ALPHABET.iter().position(|a| *a == b)) {
        bits = bits << 6 | digit as u32;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The text as base64, with padding.
pub fn encode(text: &str) -> String {
    let mut out = String::new();
    for group in text.as_bytes().chunks(3) {
        let bits = (0..3).fold(0u32, |bits, i| bits << 8 | u32::from(group.get(i).copied().unwrap_or(0)));
        for i in 0..4 {
            let digit = ALPHABET[(bits >> (18 - 6 * i)) as usize & 63];
            out.push(if i <= group.len() { char::from(digit) } else { '=' });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{decode, encode, illegal_at, length};

    #[test]
    fn offsets_are_those_of_go() {
        for (text, expected) in [
            ("", None),
            ("aGVsbG8=", None),
            ("aGVs\nbG8=", None),
            ("aA==", None),
            ("hello", Some(4)),
            ("not base64!", Some(3)),
            ("a", Some(0)),
            ("aA=", Some(3)),
            ("aA=x", Some(2)),
            ("aA==x", Some(4)),
            ("=", Some(0)),
        ] {
            assert_eq!(illegal_at(text), expected, "{text:?}");
        }
    }

    #[test]
    fn what_is_written_can_be_read() {
        for (text, expected) in [("", ""), ("a", "YQ=="), ("ab", "YWI="), ("abc", "YWJj"), ("hello", "aGVsbG8=")] {
            assert_eq!(encode(text), expected);
            assert_eq!((illegal_at(expected), length(expected)), (None, text.len()));
            assert_eq!(decode(expected), text);
        }
    }
}
