//! The journal's lines of dead letters, when the journal is kept in memory.
//!
//! Where a crash left no reason, `record-failure` derives one from the journal table. In a simulation whose journal is in memory,
//! the lines of the events that a batch of dead letters is about are written to that table right before it is handled.

use aws_lambda_events::event::cloudwatch_logs::{LogData, LogEntry};
use serde_json::Value;
use throughline_journal::{Recorder, Tables};
use throughline_runtime::{Function, Kind};
use throughline_sandbox::connector;
use throughline_sandbox::lambda::Invocation;

use super::Host;

/// Writes what the journal knows of the letters, if this is a function that reads dead letters.
pub(super) async fn give(host: &Host, function: &Function, invocation: &Invocation) {
    let Some(table) = invocation.environment.get("THROUGHLINE_JOURNAL_TABLE") else { return };
    if function.describe().kind != Kind::DeadLetters {
        return;
    }
    let lines = lines_of(host, &invocation.payload.to_string());
    let client = aws_sdk_dynamodb::Client::new(&connector::sdk_config(&host.cloud, connector::in_process(&host.cloud)));
    if let Err(error) = Recorder::new(client, Tables::of_journal(table)).record_logs(&lines).await {
        tracing::warn!(%error, "the journal lines of dead letters could not be written");
    }
}

fn lines_of(host: &Host, letters: &str) -> LogData {
    let named =
        |line: &Value, member: &str| line.get(member).and_then(Value::as_str).is_some_and(|id| letters.contains(id));
    let entry = |(index, text): (usize, String)| {
        let line: Value = serde_json::from_str(&text).ok()?;
        let ours = named(&line, "event_id") || named(&line, "request_id") || named(&line, "message_id");
        let mut entry = LogEntry::default();
        (entry.id, entry.message) = (index.to_string(), text);
        ours.then_some(entry)
    };
    let mut lines = LogData::default();
    lines.log_events = host.journal.all().into_iter().enumerate().filter_map(entry).collect();
    lines
}
