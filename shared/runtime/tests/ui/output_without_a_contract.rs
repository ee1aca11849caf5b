use ui::throughline_runtime::{FromCall, Output};

struct Paid;

/// What a handler's argument has to be.
fn argument<A: FromCall>() {}

fn main() {
    argument::<Output<Paid>>();
}
