//! The `get-order` function.
