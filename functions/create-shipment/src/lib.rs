//! Sends what was ordered.

use serde_json::json;
use throughline::prelude::*;
use throughline_orders::{FulfilOrder, Shipment, Shipments};

#[cfg(test)]
mod tests;

/// The function.
pub fn function() -> Function {
    Function::saga_step("create-shipment", create)
}

/// One shipment for each order.
async fn create(shipments: State<Shipments>, order: Step<FulfilOrder>) -> Result<Effects, Failure> {
    let shipment = Shipment::of(&order.order_id);
    Ok(Effects::new()
        .write(shipments.create(&shipment).or_fail("already_shipped"))
        .respond(json!({ "order_id": order.order_id, "shipment_id": shipment.shipment_id })))
}
