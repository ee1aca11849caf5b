//! What can be asked of the order workflow. A command's `id` is the client's idempotency key.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use throughline::contracts::{Contract, Kind};

use super::{CardToken, Currency, Customer, Line, OWNER, OrderId, OrderPlaced};

/// Asks to place an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PlaceOrder {
    /// The order's id, chosen by the client.
    pub order_id: OrderId,
    /// Who orders.
    pub customer: Customer,
    /// What is ordered, each article once.
    #[schemars(length(min = 1, max = 40))]
    pub lines: Vec<Line>,
    /// What the client was shown as the total, in cents; refused when the lines cost something else.
    #[schemars(range(min = 1))]
    pub total_cents: u64,
    /// In which currency.
    pub currency: Currency,
    /// What it is to be paid with.
    pub card: CardToken,
}

impl Contract for PlaceOrder {
    const TYPE: &'static str = "orders.place-order";
    const VERSION: u32 = 1;
    const OWNER: &'static str = OWNER;
    const DESCRIPTION: &'static str = "Places an order, or refuses one that does not add up.";
    const KIND: Kind = Kind::Command;
    const SUBJECT: Option<&'static str> = Some("/order_id");

    fn sample() -> Self {
        let OrderPlaced { order_id, customer, lines, total_cents, currency, card } = OrderPlaced::sample();
        Self { order_id, customer, lines, total_cents, currency, card }
    }
}

/// Asks what became of an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GetOrder {
    /// The order.
    pub order_id: OrderId,
}

impl Contract for GetOrder {
    const TYPE: &'static str = "orders.get-order";
    const VERSION: u32 = 1;
    const OWNER: &'static str = OWNER;
    const DESCRIPTION: &'static str = "Tells an order's status and what happened to it so far.";
    const KIND: Kind = Kind::Command;
    const SUBJECT: Option<&'static str> = Some("/order_id");

    fn sample() -> Self {
        Self { order_id: "ord_sample".into() }
    }
}
