//! Starts `start-fulfilment`.
fn main() {}
