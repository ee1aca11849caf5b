//! The `release-stock` function.
