//! The `record-changes` system function.
