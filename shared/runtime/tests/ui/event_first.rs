use ui::throughline_effects::{Effects, Failure, Once};
use ui::throughline_envelope::Event;
use ui::throughline_runtime::Function;

async fn handler(_event: Event<String>, _once: Once) -> Result<Effects, Failure> {
    Ok(Effects::new())
}

fn main() {
    let _ = Function::queue("wrong", handler);
}
