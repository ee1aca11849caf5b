//! Starts `get-order`.

throughline::main!(get_order::function());
