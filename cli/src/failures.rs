//! `failures`: the inbox of what could not be handled.

use throughline_journal::Failure;

use crate::args::{Failures, Target};
use crate::aws::Aws;
use crate::error::{CliError, Exit};
use crate::overview::table;
use crate::{output, trace};

/// Runs the command.
pub(crate) async fn run(options: Failures, target: &Target) -> Result<(), CliError> {
    let reader = trace::reader(&Aws::new(target).await);
    let failed = |error| CliError::aws("failed to read the failures", &error);
    match &options.id {
        Some(id) => match reader.failure(id).await.map_err(failed)? {
            Some(failure) if options.json => output::json(&failure),
            Some(failure) => output::print(&whole(&failure)),
            None => {
                let message = format!("there is no failure {id}");
                return Err(CliError::new(
                    Exit::NotFound,
                    "not_found",
                    message,
                    "`throughline failures` lists those that are open.",
                ));
            }
        },
        None => {
            let open = reader.open_failures().await.map_err(failed)?;
            if options.json {
                output::json(&open);
            } else if open.is_empty() {
                output::note("nothing is open");
            } else {
                output::line(&list(&open));
            }
        }
    }
    Ok(())
}

/// The open failures as a table.
pub(crate) fn list(failures: &[Failure]) -> String {
    let mut table = table(&["failed at", "function", "code", "cause", "workflow", "failure"]);
    for failure in failures {
        let cause: String = failure.cause.chars().take(60).collect();
        table.add_row([
            failure.failed_at.strftime("%Y-%m-%d %H:%M:%S").to_string(),
            failure.function.clone(),
            failure.code.clone(),
            cause,
            workflow(failure),
            failure.failure_id.clone(),
        ]);
    }
    table.to_string()
}

/// The correlation id; of what is no event it is derived, and says so.
fn workflow(failure: &Failure) -> String {
    let id = failure.correlation_id.as_deref().unwrap_or("-");
    if failure.correlation_derived { format!("{id} (derived)") } else { id.to_owned() }
}

fn whole(failure: &Failure) -> String {
    let value = serde_json::to_value(failure).unwrap_or_default();
    let mut text = String::new();
    for (name, value) in value.as_object().into_iter().flatten() {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        text.push_str(&format!("{name:<18} {value}\n"));
    }
    text
}
