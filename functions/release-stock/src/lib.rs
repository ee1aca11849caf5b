//! Gives back what an order held of the stock.

use serde_json::json;
use throughline::prelude::*;
use throughline_orders::{FulfilOrder, Reservations, Stock};

/// The function.
pub fn function() -> Function {
    Function::compensation("release-stock", release)
}

/// Gives back just what the reservation says; an order that holds nothing has nothing to give back.
async fn release(
    stock: State<Stock>,
    reservations: State<Reservations>,
    order: Step<FulfilOrder>,
) -> Result<Effects, Failure> {
    let Some(held) = reservations.held(&order.order_id).await? else {
        return Ok(Effects::new().respond(json!({ "order_id": order.order_id, "undone": "nothing was reserved" })));
    };
    Ok(Effects::new()
        .writes(stock.release(&held).or_retry("stock_changed"))
        .write(reservations.release(&held).or_retry("reservation_changed"))
        .respond(json!({ "order_id": order.order_id, "undone": "released" })))
}
