//! Starts `release-stock`.
fn main() {}
