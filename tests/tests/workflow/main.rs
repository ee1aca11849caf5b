//! The order workflow, from a client's command to what the customer hears: the template in the local cloud, every function's
//! code in this process, on virtual time.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failed test panics")]

mod crashes;
mod delivery;
mod failures;
mod gateway;
mod journal;
mod orders;
