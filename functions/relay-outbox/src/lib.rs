//! The `relay-outbox` system function.
