//! Tells the customer what became of the order.

use throughline::prelude::*;
use throughline_orders::{Notification, Notifications, OrderCancelled, OrderCompleted};

#[cfg(test)]
mod tests;

/// The function.
pub fn function() -> Function {
    Function::queue("notify-customer", notify)
}

one_of! {
    /// The end of an order.
    pub enum OrderClosed {
        /// It was fulfilled.
        Completed(OrderCompleted),
        /// It was not.
        Cancelled(OrderCancelled),
    }
}

/// One email for each end of an order.
async fn notify(
    call: CallContext,
    notifications: State<Notifications>,
    closed: Event<OrderClosed>,
) -> Result<Effects, Failure> {
    let (order_id, customer, text) = match &closed.data {
        OrderClosed::Completed(order) => {
            let paid = format!("{}.{:02} {}", order.total_cents / 100, order.total_cents % 100, order.currency);
            (&order.order_id, &order.customer, format!("Your order {} is on its way. You paid {paid}.", order.order_id))
        }
        OrderClosed::Cancelled(order) => {
            let why = reason(&order.reason);
            (&order.order_id, &order.customer, format!("Your order {} was cancelled: {why}.", order.order_id))
        }
    };
    let email = Notification::email(order_id, &closed.event_type, customer, text, call.now);
    Ok(Effects::new().write(notifications.send(&email).or_fail("already_told")))
}

/// A reason's code, as a customer reads it.
fn reason(code: &str) -> &str {
    match code {
        "card_declined" => "your card was declined",
        "out_of_stock" => "we have too little of it left",
        _ => "something went wrong on our side, and you were not charged",
    }
}
