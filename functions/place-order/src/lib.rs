//! The `place-order` function.
