//! Starts `cancel-shipment`.

throughline::main!(cancel_shipment::function());
