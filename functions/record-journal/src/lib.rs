//! Writes journal lines and Lambda's reports to the journal.

use serde::Serialize;
use throughline::effects::{Failure, World};
use throughline::prelude::Function;
use throughline::runtime::{Invocation, Logs};
use throughline_journal::{Recorder, Tables};

/// What one invocation did.
#[derive(Debug, Serialize)]
pub struct Report {
    recorded: usize,
}

/// The function.
pub fn function() -> Function {
    Function::logs("record-journal", record)
}

async fn record(world: World, _: Invocation, logs: Logs) -> Result<Report, Failure> {
    let tables = Tables::of_journal(world.settings().text("THROUGHLINE_JOURNAL_TABLE")?);
    let recorder = Recorder::new(world.clients().dynamodb().clone(), tables);
    Ok(Report { recorded: recorder.record_logs(&logs.0).await? })
}
