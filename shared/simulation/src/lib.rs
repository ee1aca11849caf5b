//! Trying to break a workflow before production does.
//!
//! [`workflow`] runs whole workflows through their topology under seeds, with faults. [`saga`] runs a saga's state machine
//! through every combination of what its steps and compensations can do to it.

pub mod saga;
pub mod workflow;
