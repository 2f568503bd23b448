//! Standard base64 with padding, decoded as Go does.

/// The bytes; line breaks are skipped. The error is the place of the first byte that does not fit.
pub fn decode(text: &str) -> Result<Vec<u8>, usize> {
    let digits: Vec<(usize, u8)> = text.bytes().enumerate().filter(|(_, b)| !matches!(b, b'\n' | b'\r')).collect();
    let mut bytes = Vec::with_capacity(digits.len() / 4 * 3);
    let mut groups = digits.chunks(4).peekable();
    while let Some(group) = groups.next() {
        let padding = group.iter().position(|&(_, b)| b == b'=').map_or(0, |i| 4 - i);
        let mut bits = 0u32;
        for &(at, digit) in &group[..group.len().min(4 - padding)] {
            bits = (bits << 6) | value(digit).ok_or(at)?;
        }
        if group.len() < 4 {
            return Err(text.len());
        }
        if padding > 2 || (padding == 2 && group[3].1 != b'=') {
            return Err(group[4 - padding].0 + usize::from(padding == 2));
        }
        if padding > 0
            && let Some(next) = groups.peek()
        {
            return Err(next[0].0);
        }
        bits <<= 6 * padding;
        bytes.extend_from_slice(&bits.to_be_bytes()[1..4 - padding]);
    }
    Ok(bytes)
}

fn value(b: u8) -> Option<u32> {
    Some(u32::from(match b {
        b'A'..=b'Z' => b - b'A',
        b'a'..=b'z' => b - b'a' + 26,
        b'0'..=b'9' => b - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    }))
}
