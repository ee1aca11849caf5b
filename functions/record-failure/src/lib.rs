//! The `record-failure` system function.
