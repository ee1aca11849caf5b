//! A queue.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::Notify;

use super::attributes::Settings;
use super::message::Message;
use super::messages::Messages;
use crate::remembered::Remembered;

/// What a FIFO queue remembers of a message that it took, to refuse it when it comes again.
pub(super) struct Taken {
    pub(super) id: String,
    pub(super) sequence: Option<String>,
}

/// The messages that a receive gave: their numbers and how often each had been received.
pub(super) type Given = Vec<(u64, u32)>;

/// [SetQueueAttributes](https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html):
/// a change can take up to 60 seconds. Other attributes change at once here; how a queue deduplicates takes the time.
const SCOPE_CHANGES_AFTER: i64 = 60_000;

pub(super) struct Queue {
    pub(super) name: String,
    pub(super) arn: String,
    pub(super) settings: Settings,
    pub(super) tags: BTreeMap<String, String>,
    pub(super) created_at: i64,
    pub(super) modified_at: i64,
    pub(super) purged_at: Option<i64>,
    pub(super) taken: Remembered<Taken>,
    /// Whether messages were deduplicated by group before the last change, and until when they still are.
    scope_before: Option<(bool, i64)>,
    /// What receives with a `ReceiveRequestAttemptId` gave.
    pub(super) attempts: Remembered<Given>,
    pub(super) messages: Messages,
    /// Wakes the receivers that wait.
    pub(super) wake: Arc<Notify>,
    arrivals: u64,
}

impl Queue {
    pub(super) fn new(name: &str, arn: String, settings: Settings, now: i64) -> Self {
        Self {
            name: name.to_owned(),
            arn,
            settings,
            tags: BTreeMap::new(),
            created_at: now,
            modified_at: now,
            purged_at: None,
            taken: Remembered::default(),
            scope_before: None,
            attempts: Remembered::default(),
            messages: Messages::new(is_fifo(name)),
            wake: Arc::default(),
            arrivals: 0,
        }
    }

    pub(super) fn is_fifo(&self) -> bool {
        is_fifo(&self.name)
    }

    pub(super) fn len(&self) -> usize {
        self.messages.len()
    }

    /// Takes a message in; a FIFO queue numbers it.
    pub(super) fn push(&mut self, mut message: Message) -> Option<String> {
        self.arrivals += 1;
        if self.is_fifo() {
            message.sequence = Some(sequence_number(self.arrivals));
        }
        let sequence = message.sequence.clone();
        self.messages.insert(self.arrivals, message);
        self.wake.notify_waiters();
        sequence
    }

    /// Takes in once more a message that the queue has.
    pub(super) fn push_again(&mut self, message: Message) {
        self.arrivals += 1;
        self.messages.insert(self.arrivals, message);
        self.wake.notify_waiters();
    }

    /// Lets time pass: messages become visible, and what retention and the deduplication window are over for is forgotten.
    pub(super) fn advance(&mut self, now: i64) {
        self.messages.advance(now, self.settings.seconds("MessageRetentionPeriod") * 1000);
        self.taken.expire(now);
        self.attempts.expire(now);
    }

    /// Changes attributes.
    pub(super) fn change(&mut self, given: &BTreeMap<String, String>, now: i64) {
        let before = self.deduplicates_by_group(now);
        self.settings.set(given);
        if given.contains_key("DeduplicationScope") {
            self.scope_before = Some((before, now + SCOPE_CHANGES_AFTER));
        }
    }

    pub(super) fn deduplicates_by_group(&self, now: i64) -> bool {
        let before = self.scope_before.filter(|(_, until)| now < *until);
        before.map_or_else(|| self.settings.is("DeduplicationScope", "messageGroup"), |(by_group, _)| by_group)
    }
}

fn is_fifo(name: &str) -> bool {
    name.ends_with(".fifo")
}

/// A number of 20 digits that grows with `arrival`, as AWS's do by 256.
fn sequence_number(arrival: u64) -> String {
    (18_849_496_460_467_696_128_u128 + u128::from(arrival) * 256).to_string()
}
