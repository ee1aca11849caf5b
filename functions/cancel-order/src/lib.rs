//! The `cancel-order` function.
