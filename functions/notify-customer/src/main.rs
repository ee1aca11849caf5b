//! Starts `notify-customer`.

throughline::main!(notify_customer::function());
