//! Starts `record-changes`.
fn main() {}
