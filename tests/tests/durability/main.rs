//! Nothing is lost: every way in which a message, an event or a row can be given up ends where a person finds it, with its reason.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a failed test panics")]

mod deaths;
mod elsewhere;
mod hold_back;
mod outage;
mod outbox;
mod page;
mod redrive;
mod support;
