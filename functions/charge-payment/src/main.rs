//! Starts `charge-payment`.
fn main() {}
