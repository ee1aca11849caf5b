//! Starts `record-failure`.

throughline::main!(record_failure::function());
