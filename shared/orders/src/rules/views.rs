//! Order views: what is told about an order, built in order from the events about it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use throughline::effects::{Failure, Record, Store, Table, Tables, Write};

use super::OrderStatus;
use crate::OrderId;

/// What is told about an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderView {
    /// The order.
    pub order_id: OrderId,
    /// The sequence of the last event that it was built from.
    pub version: u64,
    /// Where the order stands.
    pub status: OrderStatus,
    /// What happened to it, oldest first.
    pub history: Vec<Change>,
}

/// One thing that happened to an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The event's sequence.
    pub sequence: u64,
    /// Where the order stood after it.
    pub status: OrderStatus,
    /// When.
    pub at: Timestamp,
    /// Why, for a cancelled order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl Record for OrderView {
    const TABLE: &'static str = "order-views";
    const KEY: &'static str = "order_id";
}

/// The order views.
#[derive(Debug, Clone)]
pub struct OrderViews(Table<OrderView>);

impl Store for OrderViews {
    const TABLES: &'static [&'static str] = &[OrderView::TABLE];

    fn open(tables: Tables) -> Self {
        Self(tables.table())
    }
}

impl OrderViews {
    /// What is told about an order, if anything yet.
    ///
    /// # Errors
    /// Transient, when the table cannot be read.
    pub async fn get(&self, id: &OrderId) -> Result<Option<OrderView>, Failure> {
        self.0.get(id.as_str()).await
    }

    /// Adds a change, if the view is that of the sequence before: a later one means that this change was told already, an
    /// earlier one that a change is still to come before it.
    pub fn add(&self, id: &OrderId, change: &Change) -> Write {
        let update = self.0.update(id.as_str()).set("status", change.status).append("history", change);
        update.in_order(change.sequence)
    }
}
