//! Starts `cancel-order`.

throughline::main!(cancel_order::function());
