//! Charges the customer's card.

use throughline::prelude::*;
use throughline_orders::{FulfilOrder, Payment, PaymentCharged, PaymentGateway, PaymentStatus, Payments};

/// The function.
pub fn function() -> Function {
    Function::saga_step("charge-payment", charge).outputs::<PaymentCharged>().breaker(PaymentGateway::breaker())
}

/// Charges once for each saga, however often it is tried, and writes the payment down.
async fn charge(
    gateway: PaymentGateway,
    payments: State<Payments>,
    order: Step<FulfilOrder>,
) -> Result<Effects, Failure> {
    let charge = gateway.charge(&order.saga().id, &order).await?;
    let payment = Payment::of(&order, &charge, PaymentStatus::Charged);
    Ok(Effects::new()
        .write(payments.record(&payment).or_fail("already_paid"))
        .output(PaymentCharged { order_id: order.order_id.clone(), payment_id: charge.payment_id }))
}
