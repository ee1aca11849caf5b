use throughline_effects::Once;
use throughline_runtime::Function;

async fn handler(_once: Once) {}

fn main() {
    let _ = Function::saga_step("wrong", handler);
}
