use ui::throughline_effects::{Effects, Failure};
use ui::throughline_runtime::Function;

async fn handler(_client: Vec<u8>, _event: u32) -> Result<Effects, Failure> {
    Ok(Effects::new())
}

fn main() {
    let _ = Function::queue("wrong", handler);
}
