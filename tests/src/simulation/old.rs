//! Code from before a deployment: `place-order` as it was when an order's event had version 1.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use throughline::contracts::Contract;
use throughline::prelude::*;
use throughline_orders::{Line, Order, OrderPlaced, Orders, PlaceOrder, Sku};

/// The old code of a function that had other code.
pub(super) fn function(name: &str) -> Option<Function> {
    (name == "place-order").then(|| Function::command("place-order", place).emits::<OrderPlacedV1>())
}

/// `orders.order.placed`, version 1, as its publisher knew it.
#[derive(Serialize, Deserialize, JsonSchema)]
struct OrderPlacedV1 {
    order_id: String,
    customer_id: String,
    customer_email: String,
    lines: Vec<LineV1>,
    amount: f64,
    card_token: String,
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct LineV1 {
    sku: Sku,
    quantity: u32,
    price: f64,
}

impl Contract for OrderPlacedV1 {
    const TYPE: &'static str = OrderPlaced::TYPE;
    const VERSION: u32 = 1;
    const OWNER: &'static str = OrderPlaced::OWNER;
    const DESCRIPTION: &'static str = OrderPlaced::DESCRIPTION;

    fn sample() -> Self {
        Self::of(&PlaceOrder::sample())
    }
}

impl OrderPlacedV1 {
    fn of(order: &PlaceOrder) -> Self {
        let line = |line: &Line| LineV1 {
            sku: line.sku.clone(),
            quantity: line.quantity,
            price: euros(line.unit_price_cents),
        };
        Self {
            order_id: order.order_id.to_string(),
            customer_id: order.customer.id.clone(),
            customer_email: order.customer.email.clone(),
            lines: order.lines.iter().map(line).collect(),
            amount: euros(order.total_cents),
            card_token: order.card.to_string(),
        }
    }
}

/// Cents as euros.
fn euros(cents: u64) -> f64 {
    f64::from(u32::try_from(cents).unwrap()) / 100.0
}

async fn place(call: CallContext, orders: State<Orders>, command: Event<PlaceOrder>) -> Result<Effects, Failure> {
    if throughline_orders::total_cents(&command.data.lines) != command.data.total_cents {
        return Err(Failure::permanent("total_mismatch", "the lines cost something else"));
    }
    let order = Order::placed(&command.data, call.now);
    let id = order.order_id.as_str();
    Ok(Effects::new()
        .write(orders.create(&order).or_fail("order_exists"))
        .emit(Emit::new(OrderPlacedV1::of(&command.data)).subject(id).ordered(id, order.version))
        .respond(json!({ "order_id": id })))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_old_code_publishes_is_what_its_consumers_read() {
        let sample = crate::sample("orders.order.placed/samples/v1.json");
        let old = serde_json::to_value(OrderPlacedV1::sample()).unwrap();
        let members = |value: &serde_json::Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        assert_eq!(members(&old), members(&sample["data"]));
        assert!(function("get-order").is_none());
    }
}
