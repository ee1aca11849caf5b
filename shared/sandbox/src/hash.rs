//! Digests as text.

use md5::{Digest, Md5};
use sha2::Sha256;

/// MD5 in lower-case hexadecimal digits.
pub(crate) fn md5_hex(bytes: &[u8]) -> String {
    hex(&Md5::digest(bytes))
}

/// The first six of [`md5_hex`]'s digits, of several texts one after the other.
pub(crate) fn md5_start(texts: &[&str]) -> String {
    let digest = texts.iter().fold(Md5::new(), |digest, text| digest.chain_update(text)).finalize();
    hex(digest.get(..3).unwrap_or_default())
}

/// SHA-256 in lower-case hexadecimal digits.
pub(crate) fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(bytes: &[u8]) -> String {
    let digit = |half: u8| char::from_digit(u32::from(half), 16).unwrap_or_default();
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 0xf)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_lower_case_hexadecimal() {
        assert_eq!(md5_hex(b""), "d41d8cd98f00b204e9800998ecf8427e");
        assert_eq!(sha256_hex(b"").get(..8), Some("e3b0c442"));
    }
}
