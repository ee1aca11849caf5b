//! Trying to break a workflow before production does.
//!
//! [`saga`] runs a saga's state machine through every combination of what its steps and compensations can do to it.

pub mod saga;
