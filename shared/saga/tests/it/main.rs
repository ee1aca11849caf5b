//! What the saga crate does, from outside.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failed test panics")]

mod compiled;
mod drawn;
mod outputs;
mod problems;
mod trip;
