//! Starts `record-failure`.
fn main() {}
