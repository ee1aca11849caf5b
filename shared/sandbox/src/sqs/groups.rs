//! The message groups of a FIFO queue.

use std::collections::BTreeMap;

/// Which messages of which group come next
/// ([order within a group](https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/FIFO-queues-understanding-logic.html)).
#[derive(Default)]
pub(super) struct Groups {
    /// Of each group, the numbers of its messages and when each is visible.
    members: BTreeMap<String, BTreeMap<u64, i64>>,
    /// The groups by their first message: when it is visible, and its number.
    heads: BTreeMap<(i64, u64), String>,
}

impl Groups {
    /// Says when a message is visible, also one that is not there yet.
    pub(super) fn set(&mut self, group: &str, number: u64, visible_at: i64) {
        self.change(group, |members| {
            members.insert(number, visible_at);
        });
    }

    pub(super) fn remove(&mut self, group: &str, number: u64) {
        self.change(group, |members| {
            members.remove(&number);
        });
    }

    fn change(&mut self, group: &str, change: impl FnOnce(&mut BTreeMap<u64, i64>)) {
        let mut members = self.members.remove(group).unwrap_or_default();
        if let Some(head) = head(&members) {
            self.heads.remove(&head);
        }
        change(&mut members);
        if let Some(head) = head(&members) {
            self.heads.insert(head, group.to_owned());
            self.members.insert(group.to_owned(), members);
        }
    }

    /// At most so many messages that may be received now: group by group, the group first that has waited longest. Within a group
    /// nothing passes a message that is not visible.
    pub(super) fn receivable(&self, now: i64, most: usize) -> Vec<u64> {
        let open = self.heads.range(..=(now, u64::MAX)).filter_map(|(_, group)| self.members.get(group));
        let numbers = open.flat_map(|members| members.iter().take_while(|(_, at)| **at <= now));
        numbers.map(|(number, _)| *number).take(most).collect()
    }

    /// Whether nothing of its group is in this message's way.
    pub(super) fn is_receivable(&self, group: &str, number: u64, now: i64) -> bool {
        let members = self.members.get(group);
        members.is_some_and(|members| members.range(..=number).all(|(_, at)| *at <= now))
    }
}

fn head(members: &BTreeMap<u64, i64>) -> Option<(i64, u64)> {
    members.first_key_value().map(|(number, visible_at)| (*visible_at, *number))
}
