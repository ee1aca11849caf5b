//! The `create-shipment` function.
