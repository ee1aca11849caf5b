//! Starts `reserve-stock`.
fn main() {}
