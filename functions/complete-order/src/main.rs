//! Starts `complete-order`.

throughline::main!(complete_order::function());
