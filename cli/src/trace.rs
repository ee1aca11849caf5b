//! `trace`: what became of a workflow.

use std::time::Duration;

use throughline_journal::{FinalOutcome, LifeCycle, Reader, Subject, Tables};

use crate::args::{Target, Trace};
use crate::aws::Aws;
use crate::error::{CliError, Exit};
use crate::output;

/// How often `--follow` looks.
const EVERY: Duration = Duration::from_millis(500);

/// How often in a row a final outcome has to stand unchanged before `--follow` ends: the lines of functions arrive in any order,
/// within seconds.
const UNCHANGED: u32 = 6;

/// Runs the command.
pub(crate) async fn run(options: Trace, target: &Target) -> Result<(), CliError> {
    let aws = Aws::new(target).await;
    let reader = reader(&aws);
    let mut shown = String::new();
    let mut unchanged = 0;
    loop {
        let lives = lives(&reader, &options.id).await?;
        let text = if options.json {
            lives.iter().map(|life| serde_json::to_string_pretty(life).unwrap_or_default() + "\n").collect()
        } else {
            lives.iter().map(LifeCycle::draw).collect::<Vec<_>>().join("\n")
        };
        unchanged += 1;
        if text != shown {
            output::print(&text);
            shown = text;
            unchanged = 0;
        }
        let ended = unchanged >= UNCHANGED
            && !lives.is_empty()
            && lives.iter().all(|life| life.final_outcome() != FinalOutcome::Running);
        match (options.follow, lives.is_empty()) {
            (true, _) if !ended => tokio::time::sleep(EVERY).await,
            (false, true) => return Err(nothing(&options.id, aws.stack())),
            _ => return Ok(()),
        }
    }
}

/// A reader of the stack's journal.
pub(crate) fn reader(aws: &Aws) -> Reader {
    Reader::new(aws.dynamodb(), Tables::of_stack(aws.stack()))
}

/// The life cycles that an id belongs to.
pub(crate) async fn lives(reader: &Reader, id: &str) -> Result<Vec<LifeCycle>, CliError> {
    let failed = |error| CliError::aws("failed to read the journal", &error);
    let mut lives = Vec::new();
    for subject in reader.find(id).await.map_err(failed)? {
        lives.push(match subject {
            Subject::Workflow(correlation_id) => reader.life_cycle(&correlation_id).await.map_err(failed)?,
            Subject::Failure(failure) => reader.life_cycle_of_failure(&failure).await.map_err(failed)?,
            _ => continue,
        });
    }
    Ok(lives)
}

fn nothing(id: &str, stack: &str) -> CliError {
    let message = format!("nothing is known of {id} in the stack `{stack}`");
    let help = "Journal lines take a moment to arrive: try --follow. Is it the right stack and endpoint?";
    CliError::new(Exit::NotFound, "not_found", message, help)
}
