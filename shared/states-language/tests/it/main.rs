//! Tests of the crate: executions on virtual time, and rules of definitions.

mod common;
mod saga;
