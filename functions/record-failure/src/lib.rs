//! Turns every dead letter into a row of the failures inbox.

use serde::Serialize;
use throughline::effects::{Failure, World};
use throughline::prelude::Function;
use throughline::runtime::{DeadLetter, Invocation};
use throughline_journal::{Recorder, Tables};

/// What one letter became.
#[derive(Debug, Serialize)]
pub struct Report {
    failure_id: String,
}

/// The function.
pub fn function() -> Function {
    Function::dead_letters("record-failure", record)
}

async fn record(world: World, _: Invocation, letter: DeadLetter) -> Result<Report, Failure> {
    let mut tables = Tables::of_journal(world.settings().text("THROUGHLINE_JOURNAL_TABLE")?);
    world.settings().text("THROUGHLINE_FAILURES_TABLE")?.clone_into(&mut tables.failures);
    let recorder = Recorder::new(world.clients().dynamodb().clone(), tables);
    let failure = recorder.record_failure(&letter.0, world.ambient().now()).await?;
    Ok(Report { failure_id: failure.failure_id })
}
