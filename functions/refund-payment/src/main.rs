//! Starts `refund-payment`.

throughline::main!(refund_payment::function());
