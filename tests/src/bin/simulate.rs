//! Simulates the order workflow under seeds: `docs/simulation.md`.

use std::process::ExitCode;

fn main() -> ExitCode {
    match throughline_tests::simulation() {
        Ok(simulation) => simulation.main(),
        Err(error) => {
            eprintln!("simulate: {error}");
            ExitCode::from(3)
        }
    }
}
