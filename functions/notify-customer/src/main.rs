//! Starts `notify-customer`.
fn main() {}
