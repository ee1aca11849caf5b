//! `orders.order.fulfil`: what the saga works on.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use throughline::contracts::{Contract, Kind};

use super::{CardToken, Currency, Customer, Line, OWNER, OrderId, OrderPlaced};

/// What it takes to fulfil an order: every step of the saga is given this.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FulfilOrder {
    /// The order.
    pub order_id: OrderId,
    /// Who is told.
    pub customer: Customer,
    /// What is reserved and shipped.
    #[schemars(length(min = 1, max = 40))]
    pub lines: Vec<Line>,
    /// What is charged, in cents.
    #[schemars(range(min = 1))]
    pub amount_cents: u64,
    /// In which currency.
    pub currency: Currency,
    /// What is charged.
    pub card: CardToken,
}

impl Contract for FulfilOrder {
    const TYPE: &'static str = "orders.order.fulfil";
    const VERSION: u32 = 1;
    const OWNER: &'static str = OWNER;
    const DESCRIPTION: &'static str = "What the saga fulfil-order works on: reserve, charge, ship.";
    const KIND: Kind = Kind::Saga;
    const SUBJECT: Option<&'static str> = Some("/order_id");

    fn sample() -> Self {
        OrderPlaced::sample().into()
    }
}

impl From<OrderPlaced> for FulfilOrder {
    fn from(placed: OrderPlaced) -> Self {
        let OrderPlaced { order_id, customer, lines, total_cents, currency, card } = placed;
        Self { order_id, customer, lines, amount_cents: total_cents, currency, card }
    }
}
