//! Version 1: amounts were numbers in euros, the only currency there was, and the customer stood in two members.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::OrderPlaced;
use crate::{CardToken, Currency, Customer, Line, OrderId, Sku};

/// An order was placed (version 1).
#[derive(Serialize, Deserialize, JsonSchema)]
pub(super) struct OrderPlacedV1 {
    /// The order.
    order_id: OrderId,
    /// Who ordered.
    #[schemars(length(min = 1, max = 60))]
    customer_id: String,
    /// Where the customer is told what became of the order.
    #[schemars(regex(pattern = r"^[^@\s]+@[^@\s]+$"))]
    customer_email: String,
    /// What was ordered.
    #[schemars(length(min = 1, max = 40))]
    lines: Vec<LineV1>,
    /// What the lines cost together, in euros.
    #[schemars(range(min = 0.01, max = 1_000_000_000))]
    amount: f64,
    /// What it is to be paid with.
    card_token: CardToken,
}

/// One line of an order (version 1).
#[derive(Serialize, Deserialize, JsonSchema)]
struct LineV1 {
    /// What.
    sku: Sku,
    /// How many.
    #[schemars(range(min = 1, max = 10_000))]
    quantity: u32,
    /// The price of one, in euros.
    #[schemars(range(min = 0, max = 1_000_000))]
    price: f64,
}

impl OrderPlacedV1 {
    pub(super) fn sample() -> Self {
        Self {
            order_id: "ord_sample".into(),
            customer_id: "cus_ada".to_owned(),
            customer_email: "ada@example.com".to_owned(),
            lines: vec![
                LineV1 { sku: "tea-green-100".into(), quantity: 2, price: 6.5 },
                LineV1 { sku: "cup-porcelain".into(), quantity: 1, price: 12.0 },
            ],
            amount: 25.0,
            card_token: "tok_ok".into(),
        }
    }

    pub(super) fn upcast(self) -> Result<OrderPlaced, String> {
        let line = |line: LineV1| {
            Ok::<_, String>(Line {
                sku: line.sku,
                quantity: line.quantity,
                unit_price_cents: cents("price", line.price)?,
            })
        };
        Ok(OrderPlaced {
            order_id: self.order_id,
            customer: Customer { id: self.customer_id, email: self.customer_email },
            lines: self.lines.into_iter().map(line).collect::<Result<_, _>>()?,
            total_cents: cents("amount", self.amount)?,
            currency: Currency::from("EUR"),
            card: self.card_token,
        })
    }
}

/// Euros as cents; a fraction of a cent is refused, not rounded away.
fn cents(member: &str, euros: f64) -> Result<u64, String> {
    let cents = (euros * 100.0).round();
    // A whole number of cents, divided, is exactly the number that its decimal text is read as.
    if cents / 100.0 != euros || !(0.0..=1e11).contains(&cents) {
        return Err(format!("the {member} {euros} is not a whole number of cents"));
    }
    format!("{cents:.0}").parse().map_err(|_| format!("the {member} {euros} is out of range"))
}
