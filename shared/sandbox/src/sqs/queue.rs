//! A queue.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use tokio::sync::Notify;

use super::attributes::Settings;
use super::message::Message;

/// What a FIFO queue remembers of a message that it took, to refuse it when it comes again.
pub(super) struct Taken {
    pub(super) until: i64,
    pub(super) id: String,
    pub(super) sequence: Option<String>,
}

/// The messages that a receive gave: their numbers and how often each had been received.
pub(super) struct Given {
    pub(super) until: i64,
    pub(super) messages: Vec<(u64, u32)>,
}

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
    pub(super) taken: BTreeMap<String, Taken>,
    /// Whether messages were deduplicated by group before the last change, and until when they still are.
    scope_before: Option<(bool, i64)>,
    /// What receives with a `ReceiveRequestAttemptId` gave.
    pub(super) attempts: BTreeMap<String, Given>,
    /// By number of arrival.
    pub(super) messages: BTreeMap<u64, Message>,
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
            taken: BTreeMap::new(),
            scope_before: None,
            attempts: BTreeMap::new(),
            messages: BTreeMap::new(),
            wake: Arc::default(),
            arrivals: 0,
        }
    }

    pub(super) fn is_fifo(&self) -> bool {
        self.name.ends_with(".fifo")
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

    /// Forgets what retention and the deduplication window are over for.
    pub(super) fn expire(&mut self, now: i64) {
        let retention = self.settings.seconds("MessageRetentionPeriod") * 1000;
        self.messages.retain(|_, message| message.enqueued_at + retention > now);
        self.taken.retain(|_, taken| taken.until > now);
        self.attempts.retain(|_, attempt| attempt.until > now);
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

    /// The visible messages that may be received now: of a standard queue in the order of their arrival, of a FIFO queue
    /// group by group, the group first that has waited longest. Within a group nothing passes a message that is in flight:
    /// [order within a group](https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/FIFO-queues-understanding-logic.html).
    pub(super) fn receivable(&self, now: i64) -> Vec<u64> {
        if !self.is_fifo() {
            return self.messages.iter().filter(|(_, m)| m.visible_at <= now).map(|(number, _)| *number).collect();
        }
        let mut closed: BTreeSet<&str> = BTreeSet::new();
        let mut groups: BTreeMap<&str, Group> = BTreeMap::new();
        for (number, message) in &self.messages {
            let group = message.group.as_deref().unwrap_or_default();
            if message.visible_at > now {
                closed.insert(group);
            } else if !closed.contains(group) {
                groups.entry(group).or_insert_with(|| Group::of(*number, message)).numbers.push(*number);
            }
        }
        let mut groups: Vec<Group> = groups.into_values().collect();
        groups.sort_by_key(|group| group.waits_since);
        groups.into_iter().flat_map(|group| group.numbers).collect()
    }

    /// When the next message becomes visible by itself.
    pub(super) fn next_visible_at(&self, now: i64) -> Option<i64> {
        self.messages.values().map(|m| m.visible_at).filter(|at| *at > now).min()
    }
}

/// The messages of a group that may be received.
struct Group {
    /// When the first of them became visible, and its number.
    waits_since: (i64, u64),
    numbers: Vec<u64>,
}

impl Group {
    fn of(number: u64, first: &Message) -> Self {
        Self { waits_since: (first.visible_at, number), numbers: Vec::new() }
    }
}

/// A number of 20 digits that grows with `arrival`.
fn sequence_number(arrival: u64) -> String {
    (18_850_000_000_000_000_000_u128 + u128::from(arrival) * 256).to_string()
}
