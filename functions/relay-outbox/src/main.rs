//! Starts `relay-outbox`.

throughline::main!(relay_outbox::function());
