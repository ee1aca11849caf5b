//! The `cancel-shipment` function.
