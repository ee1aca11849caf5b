//! Names and keys, as `docs/data-model.md` has them.

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};

/// The tables of a stack that the journal reads and writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tables {
    /// What happened.
    pub journal: String,
    /// The event store and outbox.
    pub events: String,
    /// What could not be handled.
    pub failures: String,
    /// What was done already, and which keys are parked.
    pub idempotency: String,
}

impl Tables {
    /// The tables of a stack, by its name.
    pub fn of_stack(stack: &str) -> Self {
        Self {
            journal: format!("{stack}-journal"),
            events: format!("{stack}-events"),
            failures: format!("{stack}-failures"),
            idempotency: format!("{stack}-idempotency"),
        }
    }

    /// The tables beside a journal table: of the stack whose name is before its `-journal`.
    pub fn of_journal(journal: &str) -> Self {
        match journal.strip_suffix("-journal") {
            Some(stack) => Self::of_stack(stack),
            None => Self { journal: journal.to_owned(), ..Self::of_stack("") },
        }
    }

    /// The stack's name, from its journal table's.
    pub fn stack(&self) -> &str {
        self.journal.strip_suffix("-journal").unwrap_or_default()
    }
}

/// The part of a resource's name after the stack's: `orders-reserve-stock` is `reserve-stock`.
pub(crate) fn short_name<'a>(stack: &str, name: &'a str) -> &'a str {
    match name.strip_prefix(stack).and_then(|rest| rest.strip_prefix('-')) {
        Some(short) if !stack.is_empty() => short,
        _ => name,
    }
}

/// A time as keys have it: UTC, nine digits of fraction, so that text order is time order.
pub(crate) fn key_time(time: Timestamp) -> String {
    format!("{time:.9}")
}

/// `name#2026-11-24T10`: a busy name's rows are spread over the hours.
pub(crate) fn hour_key(name: &str, time: Timestamp) -> String {
    format!("{name}#{}", time.strftime("%Y-%m-%dT%H"))
}

/// `name#2026-11-24`.
pub(crate) fn day_key(name: &str, time: Timestamp) -> String {
    format!("{name}#{}", time.strftime("%Y-%m-%d"))
}

/// When a row expires: seconds since 1970.
pub(crate) fn expiry(time: Timestamp, days: i64) -> i64 {
    time.saturating_add(SignedDuration::from_hours(24 * days)).unwrap_or(Timestamp::MAX).as_second()
}

/// The first 16 hexadecimal digits of the SHA-256 of the parts, which may not contain a line feed to be told apart.
pub(crate) fn hash(parts: &[&str]) -> String {
    let digest = Sha256::digest(parts.join("\n"));
    digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_have_a_fixed_width() {
        let time: Timestamp = "2026-11-24T10:00:03.5Z".parse().unwrap();
        assert_eq!(key_time(time), "2026-11-24T10:00:03.500000000Z");
        assert_eq!(hour_key("reserve-stock", time), "reserve-stock#2026-11-24T10");
        assert_eq!(day_key("reserve-stock", time), "reserve-stock#2026-11-24");
        assert_eq!(hash(&["a", "b"]).len(), 16);
    }

    #[test]
    fn a_name_without_its_stack() {
        assert_eq!(short_name("orders", "orders-orders"), "orders");
        assert_eq!(short_name("orders", "orders-reserve-stock"), "reserve-stock");
        assert_eq!(short_name("orders", "ordersx"), "ordersx");
        assert_eq!(short_name("", "-x"), "-x");
    }
}
