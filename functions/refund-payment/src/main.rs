//! Starts `refund-payment`.
fn main() {}
