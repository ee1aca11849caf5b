//! What could not be handled: from a dead letter to a row of the inbox.

mod derive;
mod fingerprint;
mod letter;
mod record;

#[cfg(test)]
mod tests;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::keys::hash;

pub use fingerprint::fingerprint;
pub use letter::DeadLetter;
pub(crate) use record::{FAILURE_DAYS, record};

/// Why something could not be handled.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FailureClass {
    /// Refused for good.
    Permanent,
    /// Not an event, or one that breaks its contract.
    Poison,
    /// Transient, as often as it was tried.
    Exhausted,
    /// It waits behind an event of its key that is parked.
    Waiting,
    /// The function ended without a word.
    #[default]
    Crashed,
}

/// A row of the failures inbox.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Failure {
    /// `fail_` and a hash of dead-letter queue and message id.
    pub failure_id: String,
    /// `open`, `redriven` or `resolved`.
    pub status: String,
    /// Groups failures of the same function, code and shape of cause.
    pub fingerprint: String,
    /// The kind of reason.
    pub class: FailureClass,
    /// The reason, for programs.
    pub code: String,
    /// The reason, for people.
    pub cause: String,
    /// The reason was worked out from the journal, not left by the function.
    pub derived: bool,
    /// The function, by its name in the code.
    pub function: String,
    /// How often it was tried.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attempt: Option<u32>,
    /// The workflow.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub correlation_id: Option<String>,
    /// What failed is no event and has no correlation id: this one comes from the id of its delivery (SQS's of the message, Lambda's
    /// of the request), the same for everyone who asks.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub correlation_derived: bool,
    /// The event.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event_id: Option<String>,
    /// The event's type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event_type: Option<String>,
    /// The business key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// The invocation that gave up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// SQS's id of the message in the queue that it failed in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message_id: Option<String>,
    /// The queue it came from; none for an asynchronous invocation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_queue: Option<String>,
    /// `queue`, `async`, `rule`, `stream` or `outbox`: what could not deliver it.
    pub source: String,
    /// Where it ended.
    pub dead_letter_queue: String,
    /// The message, whole.
    pub body: String,
    /// It was too large to be kept whole.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub body_cut: bool,
    /// Its attributes.
    pub attributes: Map<String, Value>,
    /// The key (its message group) that is parked at the function, where the function parks in sequence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parked_key: Option<String>,
    /// The event's place in the order of that key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sequence: Option<u64>,
    /// The event of that key that it waits for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waits_for: Option<String>,
    /// The row of the event store that could not be sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub row: Option<OutboxRow>,
    /// The failure whose redrive failed with this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redrive_of: Option<String>,
    /// How often it had been redriven when it failed.
    #[serde(skip_serializing_if = "is_zero")]
    pub redrives: u32,
    /// When a redrive of it began that has not come to its end: it may have been sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redriving_at: Option<Timestamp>,
    /// When it was redriven.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redriven_at: Option<Timestamp>,
    /// SQS's id of the message that it was redriven as, or Lambda's of the invocation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redriven_as: Option<String>,
    /// When a person settled it without a redrive.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resolved_at: Option<Timestamp>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resolved_because: Option<String>,
    /// When it failed.
    pub failed_at: Timestamp,
    /// When it was recorded.
    pub recorded_at: Timestamp,
}

/// How long a redrive may take between its two marks. One that was begun longer ago was interrupted.
const REDRIVE_TAKES: SignedDuration = SignedDuration::from_secs(60);

impl Failure {
    /// When a redrive began that was interrupted: it may have been sent, and is not marked. To be redriven again: what was handled
    /// is a duplicate then.
    pub fn interrupted(&self, now: Timestamp) -> Option<Timestamp> {
        self.redriving_at.filter(|begun| self.status == "open" && now.duration_since(*begun) >= REDRIVE_TAKES)
    }
}

/// A row of the event store, by its key.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutboxRow {
    /// The partition key.
    pub pk: String,
    /// The sort key.
    pub sk: String,
}

/// The id of a failure: the same message that is parked twice is one.
pub fn failure_id(dead_letter_queue: &str, message_id: &str) -> String {
    format!("fail_{}", hash(&[dead_letter_queue, message_id]))
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks by reference")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

impl Default for Failure {
    fn default() -> Self {
        Self {
            failure_id: String::new(),
            status: "open".into(),
            fingerprint: String::new(),
            class: FailureClass::default(),
            code: String::new(),
            cause: String::new(),
            derived: false,
            function: String::new(),
            attempt: None,
            correlation_id: None,
            correlation_derived: false,
            event_id: None,
            event_type: None,
            subject: None,
            request_id: None,
            message_id: None,
            source_queue: None,
            source: String::new(),
            dead_letter_queue: String::new(),
            body: String::new(),
            body_cut: false,
            attributes: Map::new(),
            parked_key: None,
            sequence: None,
            waits_for: None,
            row: None,
            redrive_of: None,
            redrives: 0,
            redriving_at: None,
            redriven_at: None,
            redriven_as: None,
            resolved_at: None,
            resolved_because: None,
            failed_at: Timestamp::UNIX_EPOCH,
            recorded_at: Timestamp::UNIX_EPOCH,
        }
    }
}
