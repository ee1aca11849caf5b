//! `orders.order.completed`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use throughline::contracts::Contract;

use super::{Currency, Customer, OWNER, OrderId};

/// An order was fulfilled: reserved, paid and shipped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OrderCompleted {
    /// The order.
    pub order_id: OrderId,
    /// Who ordered.
    pub customer: Customer,
    /// What was paid, in cents.
    pub total_cents: u64,
    /// In which currency.
    pub currency: Currency,
}

impl Contract for OrderCompleted {
    const TYPE: &'static str = "orders.order.completed";
    const VERSION: u32 = 1;
    const OWNER: &'static str = OWNER;
    const DESCRIPTION: &'static str = "An order is reserved, paid and shipped; nothing more happens to it.";
    const SUBJECT: Option<&'static str> = Some("/order_id");
    const ORDERED: bool = true;
    /// After the placing.
    const SAMPLE_SEQUENCE: u64 = 2;

    fn sample() -> Self {
        Self {
            order_id: "ord_sample".into(),
            customer: Customer { id: "cus_ada".to_owned(), email: "ada@example.com".to_owned() },
            total_cents: 2_500,
            currency: "EUR".into(),
        }
    }
}
