//! The `reserve-stock` function.
