//! The records of a batch, read, in their groups.

use throughline_effects::by_sequence;
use throughline_envelope::{Arrival, EnvelopeError};

use crate::trigger::Message;

/// A record, and what its body is.
pub(super) struct Arrived {
    pub(super) record: Message,
    pub(super) arrival: Result<Arrival, EnvelopeError>,
}

impl Arrived {
    fn read(record: Message) -> Self {
        let arrival = Arrival::from_sqs_body(record.body());
        Self { record, arrival }
    }

    fn group(&self) -> Option<String> {
        self.record.group().filter(|_| self.record.is_fifo()).cloned()
    }

    fn sequence(&self) -> Option<u64> {
        self.arrival.as_ref().ok().and_then(|arrival| arrival.event.sequence)
    }
}

/// FIFO records by message group, each group by the sequence of its events; each record of a standard queue alone.
///
/// A queue keeps the order in which events were sent, which two senders at once can get wrong: one that stands ahead of its
/// predecessor would wait for it for ever, and hold it back.
pub(super) fn in_groups(records: Vec<Message>) -> Vec<Vec<Arrived>> {
    let mut groups: Vec<(Option<String>, Vec<Arrived>)> = Vec::new();
    for arrived in records.into_iter().map(Arrived::read) {
        let id = arrived.group();
        match groups.iter_mut().find(|(group, _)| id.is_some() && *group == id) {
            Some((_, group)) => group.push(arrived),
            None => groups.push((id, vec![arrived])),
        }
    }
    for (_, group) in groups.iter_mut().filter(|(_, group)| group.len() > 1) {
        by_sequence(group, Arrived::sequence);
    }
    groups.into_iter().map(|(_, group)| group).collect()
}
