//! Takes an order's lines out of stock.

use serde_json::json;
use throughline::prelude::*;
use throughline_orders::{FulfilOrder, Reservations, Stock};

#[cfg(test)]
mod tests;

/// The function.
pub fn function() -> Function {
    Function::saga_step("reserve-stock", reserve)
}

/// Holds all that the order asks for, or fails for good when there is not enough.
async fn reserve(
    stock: State<Stock>,
    reservations: State<Reservations>,
    order: Step<FulfilOrder>,
) -> Result<Effects, Failure> {
    Ok(Effects::new()
        .writes(stock.reserve(&order.lines).or_fail("out_of_stock"))
        .write(reservations.open_for(&order.order_id, &order.lines).or_fail("already_reserved"))
        .respond(json!({ "order_id": order.order_id, "reserved": order.lines.len() })))
}
