//! The workflow in one process, for tests in given, when, then words.
//!
//! A [`Stack`] is the local cloud on virtual time, booted from `infra/template.yaml`, with every function's code in this
//! process and the payment gateway's double behind `payments.invalid`. What is sent are the files under `events/`; what is
//! asserted is what stands in the tables and queues, read through the AWS SDK.
//!
//! A story that [`tell`] tells is also told in a deployment of the template, wherever the variable `THROUGHLINE_ENDPOINT` says
//! there is one: with the functions' binaries, on real time, and with the same end (`docs/localstack.md`).
//!
//! ```no_run
//! # async fn story() {
//! let stack = throughline_tests::Stack::start().await;
//! stack.given_seed().await;
//! stack.when_command("place-order", "orders.place-order/samples/completes.json").await;
//! stack.settle().await;
//! stack.then_order("ord_completes", "completed").await;
//! # }
//! ```

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what is wrong in a test ends it; there is no one to hand an error to"
)]

mod code;
mod given;
mod recollection;
mod saga;
mod samples;
mod simulation;
mod stack;
mod story;
mod then;
mod when;

pub use code::function as code;
pub use samples::{change, events_folder, functions_folder, sample, slow_order, template};
pub use simulation::{simulation, workflow};
pub use stack::Stack;
pub use story::{tell, tell_in_process};
pub use when::{Answer, Refusal};
