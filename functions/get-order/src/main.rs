//! Starts `get-order`.
fn main() {}
