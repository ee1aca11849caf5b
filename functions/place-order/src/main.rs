//! Starts `place-order`.
fn main() {}
