//! Starts `start-fulfilment`.

throughline::main!(start_fulfilment::function());
