//! Under which key work is done once, and whether it is the same work.

use std::fmt;

use serde_json::Value;
use sha2::{Digest as _, Sha256};
use throughline_envelope::{Direction, EventId, SagaId, write_canonical_json};

/// The key of a deduplication record. Never made of EventBridge's or SQS's own ids, which change on every resend.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// A consumer and an event, or a command: its id is then the client's key.
    #[must_use]
    pub fn event(consumer: &str, source: &str, id: &EventId) -> Self {
        Self([consumer, source, id.as_str()].join("|"))
    }

    /// A step of a saga in one direction.
    #[must_use]
    pub fn saga_step(saga: &SagaId, step: &str, direction: Direction) -> Self {
        Self([saga.as_str(), step, direction.as_str()].join("|"))
    }

    /// The key as the table has it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for IdempotencyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// SHA-256, in hex, of the canonical JSON of type and data as received: what has to be equal for two events with the same
/// key to be the same. The rest of the envelope (trace, time) may differ between a client's retries.
#[must_use]
pub fn fingerprint(event_type: &str, data: &Value) -> String {
    // The canonical JSON of `{"data": …, "type": …}`, without a copy of the data.
    let mut text = Vec::with_capacity(1024);
    text.extend_from_slice(br#"{"data":"#);
    write_canonical_json(data, &mut text);
    text.extend_from_slice(br#","type":"#);
    write_canonical_json(&event_type.into(), &mut text);
    text.push(b'}');
    hex(&Sha256::digest(&text))
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| if nibble < 10 { b'0' + nibble } else { b'a' + nibble - 10 };
    let mut text = Vec::with_capacity(2 * bytes.len());
    bytes.iter().for_each(|byte| text.extend_from_slice(&[digit(byte >> 4), digit(byte & 0xf)]));
    // Digits are ASCII.
    String::from_utf8(text).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Records keep fingerprints for months: how they are made never changes.
    #[test]
    fn the_fingerprint_is_the_hash_of_canonical_json_of_type_and_data() {
        let data = json!({ "z": [1, 2.0], "a": "\u{e9}\n" });
        let hash = "16f0baeeac4c49116f7c779293136a9800c6623a1568f6a8ec947ecd2f7e8b80";
        assert_eq!(fingerprint("a.\"b\"", &data), hash);
        assert_eq!(hex(&[0x00, 0x9f, 0xa0]), "009fa0");
    }

    #[test]
    fn the_fingerprint_goes_by_meaning_not_by_spelling() {
        let one = fingerprint("t", &serde_json::from_str(r#"{"a":1,"b":[1.5,null]}"#).unwrap());
        let same = fingerprint("t", &serde_json::from_str(r#"{ "b": [1.5, null], "a": 1 }"#).unwrap());
        let other = fingerprint("t", &serde_json::from_str(r#"{"a":2,"b":[1.5,null]}"#).unwrap());
        assert_eq!(one, same);
        assert_ne!(one, other);
        assert_ne!(one, fingerprint("u", &json!({ "a": 1, "b": [1.5, null] })));
        assert_eq!(one.len(), 64);
    }
}
