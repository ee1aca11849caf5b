//! Starts the saga that fulfils a placed order.

use throughline::prelude::*;
use throughline_orders::{FulfilOrder, OrderPlaced};

#[cfg(test)]
mod tests;

/// The function.
pub fn function() -> Function {
    Function::queue("start-fulfilment", start).starts("fulfil-order")
}

/// One saga for each placed order.
async fn start(placed: Event<OrderPlaced>) -> Result<Effects, Failure> {
    let order = FulfilOrder::from(placed.data);
    let id = order.order_id.clone();
    Ok(Effects::new().start(StartSaga::new("fulfil-order", order).subject(id.as_str())))
}
