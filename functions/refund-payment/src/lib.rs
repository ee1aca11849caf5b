//! The `refund-payment` function.
