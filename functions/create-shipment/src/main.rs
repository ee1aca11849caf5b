//! Starts `create-shipment`.
fn main() {}
