//! The outbox: rows of events and sagas, written with the commit, sent after it, kept.

mod publisher;
mod refused;
mod relay;
mod row;

use std::collections::BTreeMap;

pub use publisher::Publisher;
pub use refused::RefusedRows;
pub use relay::{Relay, RelayReport};
pub(crate) use row::{Row, sortable};

/// Something that a commit wrote and that may have to be sent: all unsent rows of one partition of the event store.
#[derive(Debug, Clone)]
pub struct Outgoing {
    pk: String,
    fresh: Option<Row>,
    /// The rows of the partition that were unsent when the commit began, where that was looked at.
    ahead: Option<Vec<Row>>,
}

impl Outgoing {
    /// A row that was written just now.
    pub(crate) fn fresh(row: Row, ahead: Option<Vec<Row>>) -> Self {
        Self { pk: row.pk.clone(), fresh: Some(row), ahead }
    }

    /// A row that was written some time ago, and may have been sent.
    pub(crate) fn stored(pk: String) -> Self {
        Self { pk, fresh: None, ahead: None }
    }

    /// The partition key of its rows in the event store.
    #[must_use]
    pub fn partition(&self) -> &str {
        &self.pk
    }
}

/// What was written, by partition, in the order of the first of each.
fn in_partitions(outgoing: &[Outgoing]) -> Vec<(&str, Vec<&Outgoing>)> {
    let mut partitions: Vec<(&str, Vec<&Outgoing>)> = Vec::new();
    for one in outgoing {
        match partitions.iter_mut().find(|(pk, _)| *pk == one.pk) {
            Some((_, of)) => of.push(one),
            None => partitions.push((&one.pk, vec![one])),
        }
    }
    partitions
}

/// All that is unsent of a partition, in order; `None` where that has to be looked up. It is known where one of the rows that were
/// written is the first of its key, or it was looked at what is ahead of them.
fn known<'a>(of: &[&'a Outgoing]) -> Option<Vec<&'a Row>> {
    let mut rows = BTreeMap::new();
    let mut is_known = false;
    for one in of {
        let fresh = one.fresh.as_ref()?;
        is_known |= fresh.is_alone() || one.ahead.is_some();
        let all = one.ahead.iter().flatten().chain([fresh]);
        rows.extend(all.map(|row| (row.sk.as_str(), row)));
    }
    is_known.then(|| rows.into_values().collect())
}
