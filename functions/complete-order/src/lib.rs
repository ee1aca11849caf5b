//! Closes an order that is reserved, paid and shipped.

use serde_json::json;
use throughline::prelude::*;
use throughline_orders::{FulfilOrder, OrderCompleted, OrderStatus, Orders};

/// The function.
pub fn function() -> Function {
    Function::saga_step("complete-order", complete).emits::<OrderCompleted>()
}

/// The next version of the order, and the event that tells of it.
async fn complete(orders: State<Orders>, step: Step<FulfilOrder>) -> Result<Effects, Failure> {
    let order = orders.get(&step.order_id).await?.close(OrderStatus::Completed, None)?;
    let id = order.order_id.as_str();
    Ok(Effects::new()
        .write(orders.advance(&order).or_retry("order_changed"))
        .emit(Emit::new(OrderCompleted::from(&order)).subject(id).ordered(id, order.version))
        .respond(json!({ "order_id": id, "status": order.status })))
}
