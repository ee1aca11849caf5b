use ui::throughline_effects::Once;
use ui::throughline_runtime::Function;

async fn handler(_once: Once) {}

fn main() {
    let _ = Function::saga_step("wrong", handler);
}
