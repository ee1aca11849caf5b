//! Starts `relay-outbox`.
fn main() {}
