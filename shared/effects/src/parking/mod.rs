//! Parking in sequence: where an event of a key was parked, later ones of that key wait behind it.
//!
//! One row of the idempotency table says that a key is parked at a consumer, by which event, and which wait. Every change of it is
//! conditional on its version, so that two environments agree, and it is written before a message leaves its queue:
//!
//! ```text
//!   event 5 fails for good    row: head 5 ─▶ dead-letter queue ─▶ acknowledged
//!   event 6                   commit ✗ the row is there ─▶ row: 6 waits ─▶ dead-letter queue (`waits_behind`) ─▶ acknowledged
//!   redrive                   row: 5 may go ─▶ 5 is sent ─▶ commit ✓ with the row's change ─▶ 6 is the next …
//!   the last is through       commit ✓ deletes the row: the key is not parked any more
//! ```

mod parked;
mod table;

#[cfg(test)]
mod tests;

pub use parked::{Entry, NotMissing, Parked, by_sequence};
pub use table::ParkedKeys;
pub(crate) use table::{change, not_parked, read};

/// The code of an event that waits behind another of its key.
pub const WAITS_BEHIND: &str = "waits_behind";

/// A key at a consumer that parks in sequence.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ParkedKey {
    /// The function's name.
    pub consumer: String,
    /// The message group: the events' partition key.
    pub group: String,
}

impl ParkedKey {
    /// A key, by the function's name and the message group.
    pub fn new(consumer: impl Into<String>, group: impl Into<String>) -> Self {
        Self { consumer: consumer.into(), group: group.into() }
    }

    /// The row's key.
    pub(crate) fn row(&self) -> String {
        format!("parked|{}|{}", self.consumer, self.group)
    }
}

/// What a message is in the order of its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Key and consumer.
    pub key: ParkedKey,
    /// Which event it is: source and id; of what is no event, SQS's id.
    pub id: String,
    /// The event's id, where it is one.
    pub event_id: Option<String>,
    /// SQS's id of the message.
    pub message_id: String,
    /// SQS's number of the message: its place in the queue.
    pub number: Option<String>,
    /// The event's place in the order of its key.
    pub sequence: Option<u64>,
    /// The name of the queue in which the consumer parks.
    pub dead_letter_queue: String,
}

/// What became of a message that is to leave its queue unhandled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Parking {
    /// It is the one that the key is parked for.
    Head {
        /// Why: as it was said first, if it was parked before and only not acknowledged.
        reason: String,
    },
    /// It waits.
    Behind {
        /// The event that it waits for; none where that one is through, or is no event.
        head: Option<String>,
    },
    /// Another message with the same event is parked already, or the event is done.
    Known,
    /// The key is not parked any more: it may be handled.
    Free,
}
