//! Functions: handlers, triggers, the batch runner and failure classes.
//!
//! A handler is an async function from what it reads and an event to `Result<Effects, Failure>`. A [`Function`] is a handler
//! with its trigger. The runner around it decodes the event, checks its contract, calls the handler, commits what it
//! decided in one transaction, sends what came of it, and writes a journal line for every stage. This crate is the only one
//! that knows `lambda_runtime`.
//!
//! ```text
//!   trigger ─▶ decode ─▶ contract ─▶ handler ─▶ commit ─▶ send ─▶ acknowledge
//!                │          │           │          │
//!                └──poison──┴─ Failure ─┴──────────┴─▶ retry / park / answer with the error
//! ```

mod attempt;
mod backoff;
mod error;
mod extract;
mod function;
mod handler;
mod invocation;
mod run;
mod trigger;

/// The allocator of a function's program: small values that come and go, which the system's takes more time for.
pub use mimalloc::MiMalloc as Allocator;

pub use backoff::Backoff;
pub use error::{Error, FunctionError};
pub use extract::{CallContext, FromCall, FromSetting, Output, Setting, State};
pub use function::{Description, Function, Kind, Need};
pub use handler::{Handler, Input, Step, SystemHandler};
pub use invocation::Invocation;
pub use run::{run, run_in, start};
pub use trigger::system::{DeadLetter, Logs, Records, Schedule};
pub use trigger::{Batch, Payload};
