//! Places an order, or refuses one that does not add up.

use serde_json::json;
use throughline::prelude::*;
use throughline_orders::{Order, OrderPlaced, Orders, PlaceOrder, total_cents};

#[cfg(test)]
mod tests;

/// The function.
pub fn function() -> Function {
    Function::command("place-order", place).emits::<OrderPlaced>()
}

/// Keeps the order and says that it was placed.
async fn place(call: CallContext, orders: State<Orders>, command: Event<PlaceOrder>) -> Result<Effects, Failure> {
    check(&command.data)?;
    let order = Order::placed(&command.data, call.now);
    let id = order.order_id.as_str();
    Ok(Effects::new()
        .write(orders.create(&order).or_fail("order_exists"))
        .emit(Emit::new(OrderPlaced::from(&order)).subject(id).ordered(id, order.version))
        .respond(json!({ "order_id": id })))
}

/// An order adds up: each article once, and the total that the client was shown is what the lines cost.
fn check(order: &PlaceOrder) -> Result<(), Failure> {
    let mut skus: Vec<_> = order.lines.iter().map(|line| &line.sku).collect();
    skus.sort();
    if let Some([twice, _]) = skus.array_windows().find(|[one, next]| one == next) {
        return Err(Failure::permanent("duplicate_line", format!("{twice} is ordered in two lines")));
    }
    let costs = total_cents(&order.lines);
    if costs != order.total_cents {
        let message = format!("the lines cost {costs} cents, not {}", order.total_cents);
        return Err(Failure::permanent("total_mismatch", message));
    }
    Ok(())
}
