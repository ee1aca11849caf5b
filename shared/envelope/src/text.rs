//! Texts of JSON, eight bytes at a time.

/// A one in every byte.
const ONES: u64 = u64::MAX / 255;

/// How many bytes stand for themselves in a text of JSON, before the first that does not: a quote, a backslash or a control character.
pub(crate) fn plain(bytes: &[u8]) -> usize {
    let (words, rest) = bytes.as_chunks::<8>();
    let mut before = 0;
    for word in words {
        let plain = plain_in(*word);
        if plain < 8 {
            return before + plain;
        }
        before += 8;
    }
    before + rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | ..b' ')).unwrap_or(rest.len())
}

/// As [`plain`], of eight bytes.
pub(crate) fn plain_in(word: [u8; 8]) -> usize {
    // Of zero all 64 bits are zeros.
    special(u64::from_le_bytes(word)).trailing_zeros() as usize / 8
}

/// The highest bit of the first byte that does not stand for itself; what stands in later bytes means nothing. A byte below a bound is
/// one that borrows when the bound is taken off, see
/// [Bit Twiddling Hacks](https://graphics.stanford.edu/~seander/bithacks.html#HasLessInWord). With its second bit turned, a quote comes
/// next to the control characters, and all of these are below `!`, and nothing else is.
fn special(word: u64) -> u64 {
    let below = |word: u64, bound: u64| word.wrapping_sub(ONES * bound);
    let quote_or_control = below(word ^ (ONES * 2), 0x21);
    let backslash = below(word ^ (ONES * u64::from(b'\\')), 1);
    (quote_or_control | backslash) & !word & (ONES << 7)
}

/// Adds a text as JSON has it, as `serde_json` writes it.
pub fn write_json_text(value: &str, text: &mut Vec<u8>) {
    let bytes = value.as_bytes();
    if plain(bytes) == bytes.len() {
        text.reserve(bytes.len() + 2);
        text.push(b'"');
        text.extend_from_slice(bytes);
        text.push(b'"');
    } else {
        // Writing to memory does not fail.
        let _ = serde_json::to_writer(text, value);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_byte_is_told_at_every_place() {
        for byte in 0..=0x7f_u8 {
            for length in 1..20 {
                for at in 0..length {
                    let mut bytes = vec![b'a'; length];
                    bytes[at] = byte;
                    let stands = byte >= b' ' && byte != b'"' && byte != b'\\';
                    assert_eq!(plain(&bytes), if stands { length } else { at }, "{byte:#x} at {at} of {length}");
                }
            }
        }
    }

    proptest! {
        #[test]
        fn a_text_is_written_as_serde_json_writes_it(value in "\\PC*|[ -~]*|.*") {
            let mut text = b"before".to_vec();
            write_json_text(&value, &mut text);
            prop_assert_eq!(String::from_utf8(text).unwrap(), format!("before{}", serde_json::to_string(&value).unwrap()));
        }
    }
}
