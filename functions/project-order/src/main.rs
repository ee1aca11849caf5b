//! Starts `project-order`.
fn main() {}
