//! Builds the order view, in order.

use throughline::prelude::*;
use throughline_orders::{Change, OrderCancelled, OrderCompleted, OrderPlaced, OrderStatus, OrderViews};

#[cfg(test)]
mod tests;

/// The function. A view without one of its changes would be wrong for good, so later ones wait behind one that was parked.
pub fn function() -> Function {
    Function::queue("project-order", project).parks_in_sequence()
}

one_of! {
    /// What happens to an order.
    pub enum OrderEvent {
        /// Its life began.
        Placed(OrderPlaced),
        /// It was fulfilled.
        Completed(OrderCompleted),
        /// It was not.
        Cancelled(OrderCancelled),
    }
}

/// Adds the change to the view, in its turn.
async fn project(views: State<OrderViews>, event: Event<OrderEvent>) -> Result<Effects, Failure> {
    let sequence = event.sequence.ok_or_else(|| Failure::poison("no_sequence", "the event has no sequence"))?;
    let (order_id, status, reason) = match event.data {
        OrderEvent::Placed(order) => (order.order_id, OrderStatus::Placed, None),
        OrderEvent::Completed(order) => (order.order_id, OrderStatus::Completed, None),
        OrderEvent::Cancelled(order) => (order.order_id, OrderStatus::Cancelled, Some(order.reason)),
    };
    let change = Change { sequence, status, at: event.time, reason };
    Ok(Effects::new().write(views.add(&order_id, &change)))
}
