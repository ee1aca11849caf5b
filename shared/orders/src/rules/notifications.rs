//! Notifications: what customers were told.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use throughline::effects::{Record, Store, Table, Tables, Write};

use crate::{Customer, OrderId};

/// What a customer was told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notification {
    /// The order's id and the event's type, joined by `#`: each is told once.
    pub notification_id: String,
    /// The order.
    pub order_id: OrderId,
    /// Who was told.
    pub customer: Customer,
    /// How: `email`.
    pub channel: String,
    /// What.
    pub text: String,
    /// When.
    pub sent_at: Timestamp,
}

impl Record for Notification {
    const TABLE: &'static str = "notifications";
    const KEY: &'static str = "notification_id";
}

impl Notification {
    /// An email to the customer about an event of an order.
    #[must_use]
    pub fn email(order_id: &OrderId, event_type: &str, customer: &Customer, text: String, sent_at: Timestamp) -> Self {
        Self {
            notification_id: format!("{order_id}#{event_type}"),
            order_id: order_id.clone(),
            customer: customer.clone(),
            channel: "email".to_owned(),
            text,
            sent_at,
        }
    }
}

/// The notifications.
#[derive(Debug, Clone)]
pub struct Notifications(Table<Notification>);

impl Store for Notifications {
    const TABLES: &'static [&'static str] = &[Notification::TABLE];

    fn open(tables: Tables) -> Self {
        Self(tables.table())
    }
}

impl Notifications {
    /// Tells the customer, who must not have been told yet: combine with `.or_fail(…)`.
    pub fn send(&self, notification: &Notification) -> Write {
        self.0.put_new(notification)
    }
}
