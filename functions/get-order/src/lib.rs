//! Tells an order's status and what happened to it so far.

use throughline::prelude::*;
use throughline_orders::{GetOrder, OrderViews};

/// The function.
pub fn function() -> Function {
    Function::query("get-order", get)
}

/// Reads the view; an order shows up in it a moment after it was placed.
async fn get(views: State<OrderViews>, command: Event<GetOrder>) -> Result<Effects, Failure> {
    let id = &command.data.order_id;
    match views.get(id).await? {
        Some(view) => Ok(Effects::new().respond(view)),
        None => Err(Failure::permanent("order_not_found", format!("there is no order {id}"))),
    }
}
