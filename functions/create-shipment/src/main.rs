//! Starts `create-shipment`.

throughline::main!(create_shipment::function());
