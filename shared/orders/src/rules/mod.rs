//! What is kept, and what may be done to it. Reads happen at once; writes are values for `Effects`.

mod notifications;
mod orders;
mod payments;
mod reservations;
mod shipments;
mod stock;
mod views;

#[cfg(test)]
mod tests;

pub use notifications::{Notification, Notifications};
pub use orders::{Order, OrderStatus, Orders};
pub use payments::{Payment, PaymentStatus, Payments};
pub use reservations::{Reservation, ReservationStatus, Reservations, ReservedLine};
pub use shipments::{Shipment, ShipmentStatus, Shipments};
pub use stock::{Stock, StockItem};
pub use views::{Change, OrderView, OrderViews};
