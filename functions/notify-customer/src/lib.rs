//! The `notify-customer` function.
