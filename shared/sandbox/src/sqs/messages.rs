//! The messages of a queue, and what is asked of them. An answer takes the logarithm of their number, or as long as what it takes
//! out; none looks through the queue.

use std::collections::{BTreeMap, BTreeSet};

use super::groups::Groups;
use super::message::Message;

/// Messages by number of arrival.
pub(super) struct Messages {
    /// The time of the last [`Messages::advance`], in milliseconds since 1970.
    now: i64,
    by_number: BTreeMap<u64, Message>,
    /// When retention began to count.
    by_age: BTreeSet<(i64, u64)>,
    /// Not visible yet, by the time when they are.
    hidden: BTreeSet<(i64, u64)>,
    /// How many of those were received here; the others are delayed.
    in_flight: usize,
    visible: BTreeSet<u64>,
    /// Visible again, after that many receives here.
    returned: BTreeSet<(u32, u64)>,
    /// Of a FIFO queue.
    groups: Option<Groups>,
}

impl Messages {
    pub(super) fn new(fifo: bool) -> Self {
        Self {
            now: i64::MIN,
            by_number: BTreeMap::new(),
            by_age: BTreeSet::new(),
            hidden: BTreeSet::new(),
            in_flight: 0,
            visible: BTreeSet::new(),
            returned: BTreeSet::new(),
            groups: fifo.then(Groups::default),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.by_number.len()
    }

    /// How many were received, and are neither deleted nor visible again.
    pub(super) fn in_flight(&self) -> usize {
        self.in_flight
    }

    /// How many were sent with a delay that is not over.
    pub(super) fn delayed(&self) -> usize {
        self.hidden.len() - self.in_flight
    }

    pub(super) fn get(&self, number: u64) -> Option<&Message> {
        self.by_number.get(&number)
    }

    pub(super) fn insert(&mut self, number: u64, message: Message) {
        self.by_age.insert((message.enqueued_at, number));
        self.place(number, &message);
        self.by_number.insert(number, message);
    }

    pub(super) fn remove(&mut self, number: u64) -> Option<Message> {
        let message = self.by_number.remove(&number)?;
        self.by_age.remove(&(message.enqueued_at, number));
        self.displace(number, &message);
        if let Some(groups) = &mut self.groups {
            groups.remove(group(&message), number);
        }
        Some(message)
    }

    /// Changes a message that is there; when its retention began is not changed.
    pub(super) fn update(&mut self, number: u64, change: impl FnOnce(&mut Message)) {
        let Some(mut message) = self.by_number.remove(&number) else { return };
        self.displace(number, &message);
        change(&mut message);
        self.place(number, &message);
        self.by_number.insert(number, message);
    }

    pub(super) fn clear(&mut self) {
        *self = Self { now: self.now, ..Self::new(self.groups.is_some()) };
    }

    /// Forgets what is older than the retention, and lets the time of the others pass. To be called before anything is asked.
    pub(super) fn advance(&mut self, now: i64, retention: i64) {
        while let Some((enqueued_at, number)) = self.by_age.first().copied()
            && enqueued_at + retention <= now
        {
            self.remove(number);
        }
        self.now = now;
        while let Some((at, number)) = self.hidden.first().copied()
            && at <= now
        {
            self.hidden.pop_first();
            let receives = self.by_number.get(&number).map_or(0, |message| message.receives_here);
            self.in_flight -= usize::from(receives > 0);
            self.show(number, receives);
        }
    }

    /// When the next message becomes visible by itself.
    pub(super) fn next_visible_at(&self) -> Option<i64> {
        self.hidden.first().map(|(at, _)| *at)
    }

    /// At most so many messages that may be received now: of a standard queue in the order of their arrival, of a FIFO queue as
    /// [`Groups::receivable`] has it.
    pub(super) fn receivable(&self, most: usize) -> Vec<u64> {
        match &self.groups {
            Some(groups) => groups.receivable(self.now, most),
            None => self.visible.iter().take(most).copied().collect(),
        }
    }

    /// The messages that may be received now, and were at least so often, in the order of their arrival.
    pub(super) fn spent(&self, receives: u32) -> Vec<u64> {
        let often = self.returned.range((receives, 0)..).map(|(_, number)| *number);
        let mut spent: Vec<u64> = often.filter(|number| self.is_receivable(*number)).collect();
        spent.sort_unstable();
        spent
    }

    fn is_receivable(&self, number: u64) -> bool {
        let in_turn = |groups: &Groups| {
            let message = self.by_number.get(&number);
            message.is_some_and(|message| groups.is_receivable(group(message), number, self.now))
        };
        self.groups.as_ref().is_none_or(in_turn)
    }

    fn place(&mut self, number: u64, message: &Message) {
        if let Some(groups) = &mut self.groups {
            groups.set(group(message), number, message.visible_at);
        }
        if message.visible_at > self.now {
            self.hidden.insert((message.visible_at, number));
            self.in_flight += usize::from(message.receives_here > 0);
        } else {
            self.show(number, message.receives_here);
        }
    }

    fn show(&mut self, number: u64, receives: u32) {
        self.visible.insert(number);
        if receives > 0 {
            self.returned.insert((receives, number));
        }
    }

    fn displace(&mut self, number: u64, message: &Message) {
        if self.hidden.remove(&(message.visible_at, number)) {
            self.in_flight -= usize::from(message.receives_here > 0);
        } else {
            self.visible.remove(&number);
            self.returned.remove(&(message.receives_here, number));
        }
    }
}

fn group(message: &Message) -> &str {
    message.group.as_deref().unwrap_or_default()
}
