//! The hashes in names of chains and sets: base32 of SHA-256.

use sha2::{Digest, Sha256};

const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// The first `letters` (1..=51) letters of base32(SHA-256 of all parts joined).
pub fn hash(parts: &[&str], letters: usize) -> String {
    let mut hasher = Sha256::new();
    parts.iter().for_each(|part| hasher.update(part.as_bytes()));
    let digest = hasher.finalize();
    let bit = |i: usize| digest.get(i / 8).map_or(0, |byte| (byte >> (7 - i % 8)) & 1);
    let letter = |n: usize| (0..5).fold(0, |value, i| value << 1 | bit(n * 5 + i));
    (0..letters).map(|n| char::from(LETTERS[usize::from(letter(n))])).collect()
}

#[cfg(test)]
mod tests {
    use super::hash;

    #[test]
    fn names_are_those_of_kube_proxy() {
        assert_eq!(hash(&["ns1/svc1:p80", "tcp"], 16), "XPGD46QRK7WJZT7O");
        assert_eq!(hash(&["ns1/svc1:p80", "tcp", "10.180.0.1:80"], 16), "SXIVWICOYRO3J4NJ");
        assert_eq!(hash(&["default/kubernetes:https", "tcp"], 16), "NPX46M4PTMTKRN6Y");
        assert_eq!(hash(&["kube-system/kube-dns:dns", "udp"], 16), "TCOU7JCQXEZGVUNU");
    }
}
