//! Gives back what was charged.

use serde_json::json;
use throughline::prelude::*;
use throughline_orders::{FulfilOrder, Payment, PaymentCharged, PaymentGateway, PaymentStatus, Payments};

/// The function.
pub fn function() -> Function {
    Function::compensation("refund-payment", refund).breaker(PaymentGateway::breaker())
}

/// The payment is the one that the charge answered. Where its answer was lost the gateway is asked what became of it: a charge that
/// never happened needs no refund, and cannot happen any more.
async fn refund(
    gateway: PaymentGateway,
    payments: State<Payments>,
    charged: Option<Output<PaymentCharged>>,
    order: Step<FulfilOrder>,
) -> Result<Effects, Failure> {
    let saga = &order.saga().id;
    let payment_id = match charged {
        Some(Output(charged)) => Some(charged.payment_id),
        None => gateway.settle(saga).await?.map(|charge| charge.payment_id),
    };
    let Some(payment_id) = payment_id else {
        return Ok(Effects::new().respond(json!({ "order_id": order.order_id, "undone": "nothing was charged" })));
    };
    let refunded = gateway.refund(saga, &order, &payment_id).await?;
    let payment = Payment::of(&order, &refunded, PaymentStatus::Refunded);
    Ok(Effects::new()
        .write(payments.refunded(&payment))
        .respond(json!({ "order_id": order.order_id, "undone": "refunded", "payment_id": refunded.payment_id })))
}
