//! The `complete-order` function.
