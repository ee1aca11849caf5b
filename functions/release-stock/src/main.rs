//! Starts `release-stock`.

throughline::main!(release_stock::function());
