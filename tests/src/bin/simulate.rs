//! Simulates the order workflow under seeds: `docs/simulation.md`.

use std::process::ExitCode;

/// A simulation allocates a great many small values; docs/performance.md has what this allocator brings.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    match throughline_tests::simulation() {
        Ok(simulation) => simulation.main(),
        Err(error) => {
            eprintln!("simulate: {error}");
            ExitCode::from(3)
        }
    }
}
