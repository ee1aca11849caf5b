//! Starts `reserve-stock`.

throughline::main!(reserve_stock::function());
