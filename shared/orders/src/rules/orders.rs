//! Orders: the aggregate whose version orders the events about it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use throughline::effects::{Condition, Failure, Record, Store, Table, Tables, Write};

use crate::{CardToken, Currency, Customer, Line, OrderCancelled, OrderCompleted, OrderId, OrderPlaced, PlaceOrder};

/// An order as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// The order.
    pub order_id: OrderId,
    /// How often it changed, from 1: the `sequence` of the event that tells of the change.
    pub version: u64,
    /// Where it stands.
    pub status: OrderStatus,
    /// Who ordered.
    pub customer: Customer,
    /// What was ordered.
    pub lines: Vec<Line>,
    /// What it costs, in cents.
    pub total_cents: u64,
    /// In which currency.
    pub currency: Currency,
    /// What it is paid with.
    pub card: CardToken,
    /// When it was placed.
    pub placed_at: Timestamp,
    /// Why it was cancelled, as a code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// Where an order stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OrderStatus {
    /// Being fulfilled.
    Placed,
    /// Fulfilled.
    Completed,
    /// Given up; nothing is left of it.
    Cancelled,
}

impl Record for Order {
    const TABLE: &'static str = "orders";
    const KEY: &'static str = "order_id";
}

impl Order {
    /// A new order, as it was asked for.
    #[must_use]
    pub fn placed(command: &PlaceOrder, placed_at: Timestamp) -> Self {
        Self {
            order_id: command.order_id.clone(),
            version: 1,
            status: OrderStatus::Placed,
            customer: command.customer.clone(),
            lines: command.lines.clone(),
            total_cents: command.total_cents,
            currency: command.currency.clone(),
            card: command.card.clone(),
            placed_at,
            reason: None,
        }
    }

    /// The order after it was closed; fails for good when it was closed another way.
    ///
    /// # Errors
    /// `order_closed`: what is completed is not cancelled, and the other way round.
    pub fn close(&self, status: OrderStatus, reason: Option<String>) -> Result<Self, Failure> {
        if self.status != OrderStatus::Placed {
            let message = format!("the order {} is {:?} already", self.order_id, self.status).to_lowercase();
            return Err(Failure::permanent("order_closed", message));
        }
        Ok(Self { status, reason, version: self.version + 1, ..self.clone() })
    }
}

/// The orders.
#[derive(Debug, Clone)]
pub struct Orders(Table<Order>);

impl Store for Orders {
    const TABLES: &'static [&'static str] = &[Order::TABLE];

    fn open(tables: Tables) -> Self {
        Self(tables.table())
    }
}

impl Orders {
    /// An order.
    ///
    /// # Errors
    /// `order_not_found`, for good; transient when the table cannot be read.
    pub async fn get(&self, id: &OrderId) -> Result<Order, Failure> {
        let order = self.0.get(id.as_str()).await?;
        order.ok_or_else(|| Failure::permanent("order_not_found", format!("there is no order {id}")))
    }

    /// Keeps a new order. There must be none of its id: combine with `.or_fail(…)`.
    pub fn create(&self, order: &Order) -> Write {
        self.0.put_new(order)
    }

    /// Keeps the next version of an order, if the one before is still the current one: combine with `.or_retry(…)`.
    pub fn advance(&self, next: &Order) -> Write {
        self.0.put(next).when(Condition::equals("version", next.version.saturating_sub(1)))
    }
}

impl From<&Order> for OrderPlaced {
    fn from(order: &Order) -> Self {
        Self {
            order_id: order.order_id.clone(),
            customer: order.customer.clone(),
            lines: order.lines.clone(),
            total_cents: order.total_cents,
            currency: order.currency.clone(),
            card: order.card.clone(),
        }
    }
}

impl From<&Order> for OrderCompleted {
    fn from(order: &Order) -> Self {
        Self {
            order_id: order.order_id.clone(),
            customer: order.customer.clone(),
            total_cents: order.total_cents,
            currency: order.currency.clone(),
        }
    }
}

impl From<&Order> for OrderCancelled {
    fn from(order: &Order) -> Self {
        Self {
            order_id: order.order_id.clone(),
            customer: order.customer.clone(),
            reason: order.reason.clone().unwrap_or_else(|| "unknown".to_owned()),
        }
    }
}
