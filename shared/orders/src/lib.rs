//! The reference workflow's vocabulary: fulfilling an order, from the command that places it to the events that close it.
//!
//! [`vocabulary`] is what travels: events, commands, what the saga works on. [`rules`] is what is kept and what may be done
//! to it: orders, stock, payments, shipments, views. [`gateway`] is the outside party that takes the money.
//! [`sagas`] is what is done in which order, and what undoes it.
//!
//! Money is whole cents, everywhere.

pub mod gateway;
pub mod rules;
pub mod sagas;
pub mod testing;
pub mod vocabulary;

pub use gateway::{Charge, GatewayUrl, PaymentGateway};
pub use rules::*;
pub use sagas::fulfil_order;
pub use vocabulary::*;
