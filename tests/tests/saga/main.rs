//! The order workflow's sagas: held against the functions that they call, and checked by exhaustion.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failed test panics")]

mod exhaustion;
mod functions;
