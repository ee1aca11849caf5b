//! Starts `cancel-order`.
fn main() {}
