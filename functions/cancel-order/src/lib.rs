//! Closes an order that could not be fulfilled, after everything done for it is undone.

use serde_json::json;
use throughline::prelude::*;
use throughline_orders::{FulfilOrder, OrderCancelled, OrderStatus, Orders};

/// The function.
pub fn function() -> Function {
    Function::saga_step("cancel-order", cancel).emits::<OrderCancelled>()
}

/// The next version of the order, with the failure that ended its fulfilment as the reason.
async fn cancel(orders: State<Orders>, step: Step<FulfilOrder>) -> Result<Effects, Failure> {
    let reason = step.saga().failure.as_ref().map_or("unknown", |failure| failure.error.as_str());
    let order = orders.get(&step.order_id).await?.close(OrderStatus::Cancelled, Some(reason.to_owned()))?;
    let id = order.order_id.as_str();
    Ok(Effects::new()
        .write(orders.advance(&order).or_retry("order_changed"))
        .emit(Emit::new(OrderCancelled::from(&order)).subject(id).ordered(id, order.version))
        .respond(json!({ "order_id": id, "status": order.status, "reason": reason })))
}
