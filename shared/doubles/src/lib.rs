//! Test doubles of outside parties, with latency and error rates.
//!
//! [`PaymentGateway`] is the payment gateway of the order workflow, by the HTTP contract in `throughline-orders`. The same
//! double is a real HTTP server ([`serve`], the program `payment-gateway`) for functions that run as processes, and a function from request to response
//! ([`PaymentGateway::answer`]) for the local cloud's in-process connector. All its waits are on tokio's clock.
//!
//! [`Marks`] keep stories apart that are told at the same time in one deployment.

mod charges;
mod client;
mod gateway;
mod marks;
mod server;

pub use charges::{Account, Charge, ChargeStatus};
pub use client::{BooksError, account_at};
pub use gateway::{Faults, PaymentGateway};
pub use marks::Marks;
pub use server::serve;
