//! Starts `record-changes`.

throughline::main!(record_changes::function());
