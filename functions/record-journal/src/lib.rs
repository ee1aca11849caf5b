//! The `record-journal` system function.
