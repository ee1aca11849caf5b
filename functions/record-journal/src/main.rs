//! Starts `record-journal`.

throughline::main!(record_journal::function());
