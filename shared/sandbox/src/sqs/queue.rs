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

pub(super) struct Queue {
    pub(super) name: String,
    pub(super) arn: String,
    pub(super) settings: Settings,
    pub(super) tags: BTreeMap<String, String>,
    pub(super) created_at: i64,
    pub(super) modified_at: i64,
    pub(super) purged_at: Option<i64>,
    pub(super) taken: BTreeMap<String, Taken>,
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
    }

    /// The visible messages that may be received now, in the order of their arrival. A message group with a message in
    /// flight is closed: [order within a group](https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/FIFO-queues-understanding-logic.html).
    pub(super) fn receivable(&self, now: i64) -> Vec<u64> {
        let fifo = self.is_fifo();
        let in_flight = self.messages.values().filter(|m| fifo && m.is_in_flight(now));
        let mut closed: BTreeSet<&str> = in_flight.filter_map(|m| m.group.as_deref()).collect();
        let mut open = Vec::new();
        for (number, message) in &self.messages {
            let group = message.group.as_deref().filter(|_| fifo);
            if message.visible_at > now {
                closed.extend(group);
            } else if group.is_none_or(|group| !closed.contains(group)) {
                open.push(*number);
            }
        }
        open
    }

    /// When the next message becomes visible by itself.
    pub(super) fn next_visible_at(&self, now: i64) -> Option<i64> {
        self.messages.values().map(|m| m.visible_at).filter(|at| *at > now).min()
    }
}

/// A number of 20 digits that grows with `arrival`.
fn sequence_number(arrival: u64) -> String {
    (18_850_000_000_000_000_000_u128 + u128::from(arrival) * 256).to_string()
}
