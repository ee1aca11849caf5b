//! Gives back what was charged.

use serde_json::json;
use throughline::prelude::*;
use throughline_orders::{FulfilOrder, Payment, PaymentGateway, PaymentStatus, Payments};

/// The function.
pub fn function() -> Function {
    Function::compensation("refund-payment", refund)
}

/// Asks the gateway first what became of the charge: its answer may have been lost. A charge that never happened needs no
/// refund, and cannot happen any more.
async fn refund(
    gateway: PaymentGateway,
    payments: State<Payments>,
    order: Step<FulfilOrder>,
) -> Result<Effects, Failure> {
    let saga = &order.saga().id;
    let Some(charge) = gateway.settle(saga).await? else {
        return Ok(Effects::new().respond(json!({ "order_id": order.order_id, "undone": "nothing was charged" })));
    };
    let refunded = gateway.refund(saga, &order, &charge).await?;
    let payment = Payment::of(&order, &refunded, PaymentStatus::Refunded);
    Ok(Effects::new()
        .write(payments.refunded(&payment))
        .respond(json!({ "order_id": order.order_id, "undone": "refunded", "payment_id": refunded.payment_id })))
}
