//! The row of a parked key, and what can happen to it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Parking, Place};

/// A key that is parked at a consumer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parked {
    key: String,
    /// The function's name.
    pub consumer: String,
    /// The message group: the events' partition key.
    pub group: String,
    /// The name of the queue in which the consumer parks.
    pub dead_letter_queue: String,
    /// One more with every change.
    pub(super) version: u64,
    /// The event that the key is parked for. None while the next one is to be chosen, and where nothing is parked but a sequence is
    /// left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head: Option<Entry>,
    /// Those that wait, in no order.
    #[serde(default)]
    pub waiting: Vec<Entry>,
    /// Sequences that a person left out: the next one goes on from there.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub skipped: BTreeSet<u64>,
    /// When it was parked: RFC 3339.
    pub parked_at: String,
}

/// A message of a parked key.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Which event it is.
    pub id: String,
    /// The event's id, where it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_id: Option<String>,
    /// SQS's id of the message that was parked: it leads to the failure.
    pub message_id: String,
    /// SQS's number of that message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// The event's place in the order of its key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sequence: Option<u64>,
    /// Why it was parked, as it travels with the message; only of a head.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// It was let go, to be tried again.
    #[serde(default)]
    pub redriven: bool,
}

impl Entry {
    fn of(place: &Place, reason: Option<&str>) -> Self {
        Self {
            id: place.id.clone(),
            event_id: place.event_id.clone(),
            message_id: place.message_id.clone(),
            number: place.number.clone(),
            sequence: place.sequence,
            reason: reason.map(str::to_owned),
            redriven: false,
        }
    }
}

impl Parked {
    /// A key that is about to be parked.
    pub(super) fn new(place: &Place, now: jiff::Timestamp) -> Self {
        Self {
            key: place.key.row(),
            consumer: place.key.consumer.clone(),
            group: place.key.group.clone(),
            dead_letter_queue: place.dead_letter_queue.clone(),
            parked_at: now.to_string(),
            ..Self::default()
        }
    }

    /// The row's key.
    pub(super) fn row_key(&self) -> &str {
        &self.key
    }

    /// Whether nothing is left of it, so that the row can go.
    pub(super) fn is_over(&self) -> bool {
        self.head.is_none() && self.waiting.is_empty() && self.skipped.is_empty()
    }

    /// Whether an event may be handled: it is the head and was let go, or it comes before all that is parked.
    pub fn lets_through(&self, place: &Place) -> bool {
        match &self.head {
            Some(head) if head.id == place.id => head.redriven,
            None if self.waiting.is_empty() => true,
            _ => self.head.iter().chain(&self.waiting).all(|entry| is_before(place.sequence, entry.sequence)),
        }
    }

    /// What is left of it when an event that it lets through is handled.
    pub(crate) fn without(mut self, place: &Place) -> Self {
        self.head = self.head.filter(|head| head.id != place.id);
        if let Some(sequence) = place.sequence {
            self.skipped.retain(|skipped| *skipped > sequence);
        }
        self
    }

    /// What becomes of a message that leaves its queue unhandled; with the change of the row, if there is one. Without a reason it
    /// only waits, and is free where there is nothing to wait for.
    pub(super) fn park(mut self, place: &Place, reason: Option<&str>) -> (Parking, Option<Self>) {
        if let Some(head) = self.head.as_ref().filter(|head| head.id == place.id && !head.redriven) {
            return match head.message_id == place.message_id {
                true => (Parking::Head { reason: head.reason.clone().unwrap_or_default() }, None),
                false => (Parking::Known, None),
            };
        }
        let known = self.waiting.iter().position(|entry| entry.id == place.id);
        if let Some(entry) = known.and_then(|known| self.waiting.get_mut(known)) {
            if entry.message_id == place.message_id {
                return (self.behind(place), None);
            }
            if !entry.redriven {
                return (Parking::Known, None);
            }
            *entry = Entry::of(place, None);
            return (self.behind(place), Some(self));
        }
        if !self.lets_through(place) {
            self.waiting.push(Entry::of(place, None));
            return (self.behind(place), Some(self));
        }
        let Some(reason) = reason else { return (Parking::Free, None) };
        let ahead = self.head.take().filter(|head| head.id != place.id);
        self.waiting.extend(ahead);
        self.head = Some(Entry::of(place, Some(reason)));
        (Parking::Head { reason: reason.to_owned() }, Some(self))
    }

    fn behind(&self, place: &Place) -> Parking {
        let ahead = self.in_order().into_iter().find(|entry| entry.id != place.id);
        Parking::Behind { head: self.head.as_ref().or(ahead).and_then(|entry| entry.event_id.clone()) }
    }

    /// The order in which they go: by sequence; those that have none keep the place that they had in the queue.
    pub fn in_order(&self) -> Vec<&Entry> {
        let mut entries: Vec<&Entry> = self.head.iter().chain(&self.waiting).collect();
        entries.sort_by_key(|entry| entry.number.as_deref());
        by_sequence(&mut entries, |entry| entry.sequence);
        entries
    }

    /// Makes the first of them the head, unless a head is on its way. `None` when that is so already, or there is nothing.
    pub(super) fn next_is_head(mut self) -> Option<Self> {
        let first = self.in_order().first().map(|entry| entry.id.clone())?;
        if self.head.as_ref().is_some_and(|head| head.redriven || head.id == first) {
            return None;
        }
        let place = self.waiting.iter().position(|entry| entry.id == first)?;
        let next = self.waiting.remove(place);
        self.waiting.extend(self.head.replace(next));
        Some(self)
    }

    /// Lets the head go. `None` when another is the head.
    pub(super) fn released(mut self, id: &str) -> Option<Self> {
        let head = self.head.as_mut().filter(|head| head.id == id)?;
        head.redriven = true;
        Some(self)
    }

    /// Leaves an event out: those behind it no longer wait for it, and its sequence counts as done. `None` when it is not parked.
    pub(super) fn left_out(mut self, message_id: &str) -> Option<Self> {
        let entry = self.in_order().into_iter().find(|entry| entry.message_id == message_id)?.clone();
        self.head = self.head.filter(|head| head.message_id != message_id);
        self.waiting.retain(|waiting| waiting.message_id != message_id);
        self.skipped.extend(entry.sequence);
        Some(self)
    }
}

/// Why a sequence cannot be skipped.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotMissing {
    /// The key is not parked.
    NotParked,
    /// It is parked: it is there.
    Parked,
    /// Nothing after it is parked, so it may still come to be.
    MayCome,
    /// The event store has it.
    Stored,
}

impl Parked {
    /// Skips a sequence that never existed: those behind it go on from the one before. Only where a later one is parked: then the aggregate is
    /// past it, and no commit can make it any more.
    pub(super) fn skipping(mut self, sequence: u64) -> Result<Self, NotMissing> {
        let known: BTreeSet<u64> = self.in_order().iter().filter_map(|entry| entry.sequence).collect();
        match known.last() {
            _ if known.contains(&sequence) => Err(NotMissing::Parked),
            Some(last) if *last > sequence => {
                self.skipped.insert(sequence);
                Ok(self)
            }
            _ => Err(NotMissing::MayCome),
        }
    }
}

/// Whether one sequence is known to be before another.
fn is_before(one: Option<u64>, other: Option<u64>) -> bool {
    matches!((one, other), (Some(one), Some(other)) if one < other)
}

/// Puts those that have a sequence into its order, on the places that they have among the others.
pub fn by_sequence<T>(items: &mut Vec<T>, sequence: impl Fn(&T) -> Option<u64>) {
    let taken: Vec<T> = std::mem::take(items);
    let has: Vec<bool> = taken.iter().map(|item| sequence(item).is_some()).collect();
    let (mut sequenced, others): (Vec<T>, Vec<T>) = taken.into_iter().partition(|item| sequence(item).is_some());
    sequenced.sort_by_key(|item| sequence(item));
    let (mut sequenced, mut others) = (sequenced.into_iter(), others.into_iter());
    items.extend(has.into_iter().filter_map(|has| if has { sequenced.next() } else { others.next() }));
}
