//! Starts `charge-payment`.

throughline::main!(charge_payment::function());
