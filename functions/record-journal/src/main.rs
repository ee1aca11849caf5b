//! Starts `record-journal`.
fn main() {}
