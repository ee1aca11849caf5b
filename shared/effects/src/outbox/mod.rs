//! The outbox: rows of events and sagas, written with the commit, sent after it, kept.

mod publisher;
mod relay;
mod row;

pub use publisher::Publisher;
pub use relay::{Relay, RelayReport};
pub(crate) use row::{Row, sortable};

/// Something that a commit wrote and that may have to be sent: all unsent rows of one partition of the event store.
#[derive(Debug, Clone)]
pub struct Outgoing {
    pk: String,
    fresh: Option<Row>,
}

impl Outgoing {
    /// A row that was written just now.
    pub(crate) fn fresh(row: Row) -> Self {
        Self { pk: row.pk.clone(), fresh: Some(row) }
    }

    /// A row that was written some time ago, and may have been sent.
    pub(crate) fn stored(pk: String) -> Self {
        Self { pk, fresh: None }
    }

    /// The partition key of its rows in the event store.
    #[must_use]
    pub fn partition(&self) -> &str {
        &self.pk
    }

    /// The row itself, when nothing else can be unsent in its partition: it needs no look.
    fn alone(&self) -> Option<&Row> {
        self.fresh.as_ref().filter(|row| row.is_alone())
    }
}
