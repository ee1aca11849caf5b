//! Writes before and after images of the business tables to the journal.

use serde::Serialize;
use throughline::effects::{Failure, World};
use throughline::prelude::Function;
use throughline::runtime::{Invocation, Records};
use throughline_journal::{Recorder, Tables};

/// What one invocation did.
#[derive(Debug, Serialize)]
pub struct Report {
    recorded: usize,
}

/// The function.
pub fn function() -> Function {
    Function::stream("record-changes", record)
}

async fn record(world: World, _: Invocation, records: Records) -> Result<Report, Failure> {
    let tables = Tables::of_journal(world.settings().text("THROUGHLINE_JOURNAL_TABLE")?);
    let recorder = Recorder::new(world.clients().dynamodb().clone(), tables);
    Ok(Report { recorded: recorder.record_changes(&records.0).await? })
}
