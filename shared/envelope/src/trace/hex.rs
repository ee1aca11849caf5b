use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::TraceError;
use crate::Ambient;

macro_rules! hex_id {
    ($(#[$doc:meta])* $name:ident, $bytes:literal, $part:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; $bytes]);

        impl $name {
            /// From its bytes; `None` when all are zero, which stands for no id.
            #[must_use]
            pub fn from_bytes(bytes: [u8; $bytes]) -> Option<Self> {
                bytes.iter().any(|byte| *byte != 0).then_some(Self(bytes))
            }

            /// A random one.
            #[must_use]
            pub fn generate(ambient: &Ambient) -> Self {
                let mut bytes = [0; $bytes];
                ambient.fill(&mut bytes);
                Self::nonzero(bytes)
            }

            /// From bytes that are as good as never all zero.
            pub(super) fn nonzero(mut bytes: [u8; $bytes]) -> Self {
                if bytes == [0; $bytes] {
                    bytes = [1; $bytes];
                }
                Self(bytes)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let mut text = [0; 2 * $bytes];
                for (pair, byte) in text.chunks_exact_mut(2).zip(self.0) {
                    pair.copy_from_slice(&[digit(byte >> 4), digit(byte & 0xf)]);
                }
                f.write_str(str::from_utf8(&text).unwrap_or_default())
            }
        }

        impl FromStr for $name {
            type Err = TraceError;

            fn from_str(text: &str) -> Result<Self, TraceError> {
                let bytes = decode::<$bytes>(text, $part)?;
                Self::from_bytes(bytes).ok_or(TraceError::Zero { part: $part })
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

hex_id!(
    /// The id that all spans of a trace share: 32 lower-case hexadecimal digits.
    TraceId, 16, "trace id"
);
hex_id!(
    /// A span's id: 16 lower-case hexadecimal digits.
    SpanId, 8, "parent id"
);

fn digit(nibble: u8) -> u8 {
    if nibble < 10 { b'0' + nibble } else { b'a' + nibble - 10 }
}

/// Exactly `2 * N` lower-case hexadecimal digits.
pub(super) fn decode<const N: usize>(text: &str, part: &'static str) -> Result<[u8; N], TraceError> {
    let wrong = || TraceError::Hex { part, digits: 2 * N };
    if text.len() != 2 * N {
        return Err(wrong());
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        for digit in pair {
            *byte = *byte << 4 | nibble(*digit).ok_or_else(wrong)?;
        }
    }
    Ok(bytes)
}

fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}
