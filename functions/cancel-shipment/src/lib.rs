//! Calls a shipment back.

use serde_json::json;
use throughline::prelude::*;
use throughline_orders::{FulfilOrder, Shipments};

/// The function.
pub fn function() -> Function {
    Function::compensation("cancel-shipment", cancel)
}

/// An order of which nothing is underway has nothing to call back.
async fn cancel(shipments: State<Shipments>, order: Step<FulfilOrder>) -> Result<Effects, Failure> {
    let Some(shipment) = shipments.underway(&order.order_id).await? else {
        return Ok(Effects::new().respond(json!({ "order_id": order.order_id, "undone": "nothing was shipped" })));
    };
    Ok(Effects::new()
        .write(shipments.cancel(&shipment).or_retry("shipment_changed"))
        .respond(json!({ "order_id": order.order_id, "undone": "cancelled", "shipment_id": shipment.shipment_id })))
}
