//! `failures`: the inbox of what could not be handled.

use jiff::Timestamp;
use throughline_envelope::Ambient;
use throughline_journal::{Failure, ReadError, Reader};

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
        Some(id) => match one(&reader, id).await.map_err(failed)? {
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
                interrupted(&open, Ambient::system().now()).iter().for_each(|line| output::note(line));
            }
        }
    }
    Ok(())
}

/// A failure by its id, or by SQS's id of its message.
async fn one(reader: &Reader, id: &str) -> Result<Option<Failure>, ReadError> {
    match reader.failure(id).await? {
        Some(failure) => Ok(Some(failure)),
        None => reader.failure_of_message(id).await,
    }
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

/// What to do about redrives that were begun a minute ago or longer, and have no end.
fn interrupted(failures: &[Failure], now: Timestamp) -> Vec<String> {
    let begun = failures.iter().filter_map(|failure| Some((failure, failure.interrupted(now)?)));
    begun
        .map(|(failure, since)| {
            let since = since.strftime("%Y-%m-%d %H:%M:%S");
            format!(
                "{0}: its redrive of {since} was interrupted; give `throughline redrive {0}` again",
                failure.failure_id
            )
        })
        .collect()
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_redrive_that_was_interrupted_is_told_after_a_minute() {
        let begun = json!({ "failure_id": "fail_1", "status": "open", "redriving_at": "2026-11-24T10:00:00Z" });
        let open = [serde_json::from_value::<Failure>(begun).unwrap(), Failure::default()];
        let at = |time: &str| interrupted(&open, time.parse().unwrap());
        assert!(at("2026-11-24T10:00:59Z").is_empty());
        assert_eq!(
            at("2026-11-24T10:01:00Z"),
            ["fail_1: its redrive of 2026-11-24 10:00:00 was interrupted; give `throughline redrive fail_1` again"]
        );
    }

    #[test]
    fn a_derived_correlation_id_says_so() {
        let derived = json!({ "correlation_id": "cor_1", "correlation_derived": true });
        assert_eq!(workflow(&serde_json::from_value(derived).unwrap()), "cor_1 (derived)");
        assert_eq!(workflow(&serde_json::from_value(json!({ "correlation_id": "cor_1" })).unwrap()), "cor_1");
    }
}
