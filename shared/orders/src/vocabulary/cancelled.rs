//! `orders.order.cancelled`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use throughline::contracts::Contract;

use super::{Customer, OWNER, OrderId};

/// An order was cancelled: what had been done for it is undone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OrderCancelled {
    /// The order.
    pub order_id: OrderId,
    /// Who ordered.
    pub customer: Customer,
    /// Why, as a code: `card_declined`, `out_of_stock`.
    #[schemars(length(min = 1))]
    pub reason: String,
}

impl Contract for OrderCancelled {
    const TYPE: &'static str = "orders.order.cancelled";
    const VERSION: u32 = 1;
    const OWNER: &'static str = OWNER;
    const DESCRIPTION: &'static str =
        "An order could not be fulfilled; its stock is free again and its money given back.";
    const SUBJECT: Option<&'static str> = Some("/order_id");
    const ORDERED: bool = true;
    /// After the placing.
    const SAMPLE_SEQUENCE: u64 = 2;

    fn sample() -> Self {
        Self {
            order_id: "ord_sample".into(),
            customer: Customer { id: "cus_ada".to_owned(), email: "ada@example.com".to_owned() },
            reason: "card_declined".to_owned(),
        }
    }
}
