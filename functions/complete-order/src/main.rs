//! Starts `complete-order`.
fn main() {}
