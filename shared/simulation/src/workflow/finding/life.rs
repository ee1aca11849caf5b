//! The life cycles of a workflow that broke something.

use std::collections::BTreeSet;

use serde::de::DeserializeOwned;
use serde_json::Value;
use throughline_journal::{LifeCycle, Rows};

use crate::workflow::id::WorkflowId;
use crate::workflow::run::Evidence;

/// Draws every life cycle that a workflow had; empty when it left no trace.
pub(super) fn draw(evidence: &Evidence, workflow: WorkflowId) -> String {
    let lives = correlations(evidence, workflow).into_iter().map(|correlation| {
        let mut rows = Rows::default();
        let ours = |id: &Option<String>| id.as_deref() == Some(correlation.as_str());
        rows.lines = evidence.lines.iter().filter(|line| ours(&line.correlation_id)).cloned().collect();
        let (events, failures) = (of(&evidence.events, &correlation), of(&evidence.failures, &correlation));
        LifeCycle::build(&correlation, rows, events, failures).draw()
    });
    lives.collect::<Vec<_>>().join("\n")
}

/// The correlation ids of the lines and rows that name the workflow.
fn correlations(evidence: &Evidence, workflow: WorkflowId) -> BTreeSet<String> {
    let named = |text: &Option<String>| text.as_deref().and_then(WorkflowId::find) == Some(workflow);
    let lines = evidence.lines.iter().filter(|line| named(&line.subject) || named(&line.event_id));
    let rows = evidence.events.iter().chain(&evidence.failures);
    let rows = rows.filter(|row| WorkflowId::find_in(row) == Some(workflow));
    let of_rows = rows.filter_map(|row| row.get("correlation_id").and_then(Value::as_str).map(str::to_owned));
    lines.filter_map(|line| line.correlation_id.clone()).chain(of_rows).collect()
}

fn of<T: DeserializeOwned>(rows: &[Value], correlation: &str) -> Vec<T> {
    let ours = rows.iter().filter(|row| row.get("correlation_id").and_then(Value::as_str) == Some(correlation));
    ours.filter_map(|row| serde_json::from_value(row.clone()).ok()).collect()
}
