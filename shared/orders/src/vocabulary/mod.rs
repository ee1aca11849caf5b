//! What travels.

mod cancelled;
mod charged;
mod commands;
mod completed;
mod fulfil;
mod parts;
mod placed;

#[cfg(test)]
mod tests;

pub use cancelled::OrderCancelled;
pub use charged::PaymentCharged;
pub use commands::{GetOrder, PlaceOrder};
pub use completed::OrderCompleted;
pub use fulfil::FulfilOrder;
pub use parts::{CardToken, Currency, Customer, Line, OrderId, Sku, total_cents};
pub use placed::OrderPlaced;

use throughline::contracts::Registry;

/// The team that answers for the order workflow's contracts.
pub const OWNER: &str = "orders";

/// The `source` of the order workflow's events.
pub const SOURCE: &str = "orders";

/// Every contract of the order workflow.
#[must_use]
pub fn registry() -> Registry {
    Registry::new(SOURCE)
        .with::<PlaceOrder>()
        .with::<GetOrder>()
        .with::<OrderPlaced>()
        .with::<OrderCompleted>()
        .with::<OrderCancelled>()
        .with::<FulfilOrder>()
        .with::<PaymentCharged>()
}
