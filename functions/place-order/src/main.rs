//! Starts `place-order`.

throughline::main!(place_order::function());
