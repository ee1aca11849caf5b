//! The order workflow, simulated.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a failed test panics")]

mod control;
mod corpus;
mod determinism;
mod findings;
mod modes;
mod mutations;

use throughline_simulation::workflow::{Run, Settings, Simulation};

fn simulation() -> Simulation {
    throughline_tests::simulation().unwrap_or_else(|error| panic!("{error}"))
}

/// A run that breaks nothing.
fn holds(settings: &Settings) -> Run {
    let run = simulation().run(settings).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(run.broken, None, "under seed {}", settings.seed);
    run
}
