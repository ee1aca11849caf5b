//! The `start-fulfilment` function.
