//! `orders.order.placed`, in two versions.

mod v1;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use throughline::contracts::{Contract, OlderVersion};

use super::{CardToken, Currency, Customer, Line, OWNER, OrderId};

/// An order was placed: the first event of its life.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OrderPlaced {
    /// The order.
    pub order_id: OrderId,
    /// Who ordered.
    pub customer: Customer,
    /// What was ordered, each article once.
    #[schemars(length(min = 1, max = 40))]
    pub lines: Vec<Line>,
    /// What the lines cost together, in cents.
    #[schemars(range(min = 1))]
    pub total_cents: u64,
    /// In which currency.
    pub currency: Currency,
    /// What it is to be paid with.
    pub card: CardToken,
}

impl Contract for OrderPlaced {
    const TYPE: &'static str = "orders.order.placed";
    const VERSION: u32 = 2;
    const OWNER: &'static str = OWNER;
    const DESCRIPTION: &'static str = "A customer placed an order that adds up; nothing is reserved or paid yet.";
    const SUBJECT: Option<&'static str> = Some("/order_id");
    const ORDERED: bool = true;

    fn sample() -> Self {
        Self {
            order_id: "ord_sample".into(),
            customer: Customer { id: "cus_ada".to_owned(), email: "ada@example.com".to_owned() },
            lines: vec![
                Line { sku: "tea-green-100".into(), quantity: 2, unit_price_cents: 650 },
                Line { sku: "cup-porcelain".into(), quantity: 1, unit_price_cents: 1_200 },
            ],
            total_cents: 2_500,
            currency: "EUR".into(),
            card: "tok_ok".into(),
        }
    }

    fn older() -> Vec<OlderVersion> {
        vec![OlderVersion::new(1, v1::OrderPlacedV1::sample(), v1::OrderPlacedV1::upcast)]
    }
}
