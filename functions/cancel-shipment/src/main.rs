//! Starts `cancel-shipment`.
fn main() {}
