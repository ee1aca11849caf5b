//! The `charge-payment` function.
