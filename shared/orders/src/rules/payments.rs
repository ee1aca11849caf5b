//! Payments: what was charged for each order.

use serde::{Deserialize, Serialize};
use throughline::effects::{Failure, Record, Store, Table, Tables, Write};

use crate::gateway::Charge;
use crate::{Currency, FulfilOrder, OrderId};

/// What was charged for an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    /// The order.
    pub order_id: OrderId,
    /// The payment gateway's id for it.
    pub payment_id: String,
    /// How much, in cents.
    pub amount_cents: u64,
    /// In which currency.
    pub currency: Currency,
    /// Whether it was given back.
    pub status: PaymentStatus,
}

/// Whether a payment was given back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PaymentStatus {
    /// It was not.
    Charged,
    /// It was.
    Refunded,
}

impl Record for Payment {
    const TABLE: &'static str = "payments";
    const KEY: &'static str = "order_id";
}

impl Payment {
    /// What the gateway charged for an order.
    #[must_use]
    pub fn of(order: &FulfilOrder, charge: &Charge, status: PaymentStatus) -> Self {
        Self {
            order_id: order.order_id.clone(),
            payment_id: charge.payment_id.clone(),
            amount_cents: order.amount_cents,
            currency: order.currency.clone(),
            status,
        }
    }
}

/// The payments.
#[derive(Debug, Clone)]
pub struct Payments(Table<Payment>);

impl Store for Payments {
    const TABLES: &'static [&'static str] = &[Payment::TABLE];

    fn open(tables: Tables) -> Self {
        Self(tables.table())
    }
}

impl Payments {
    /// What was charged for an order, if anything.
    ///
    /// # Errors
    /// Transient, when the table cannot be read.
    pub async fn get(&self, id: &OrderId) -> Result<Option<Payment>, Failure> {
        self.0.get(id.as_str()).await
    }

    /// Writes down a payment. There must be none of the order's yet: combine with `.or_fail(…)`.
    pub fn record(&self, payment: &Payment) -> Write {
        self.0.put_new(payment)
    }

    /// Writes down that it was given back. A payment that was never written down, because the charge's answer was lost, is
    /// written down now.
    pub fn refunded(&self, payment: &Payment) -> Write {
        self.0.put(&Payment { status: PaymentStatus::Refunded, ..payment.clone() })
    }
}
