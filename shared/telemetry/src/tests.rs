use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;
use throughline_envelope::Ambient;

use crate::{Journal, JournalLine, Lines, Metrics, Outcome, Stage, fields, names};

const PAGE: &str = include_str!("../../../docs/journal.md");

/// The names in code font in the first column of the table under a heading.
fn documented(heading: &str) -> BTreeSet<String> {
    let section = PAGE.split(&format!("## {heading}\n")).nth(1).unwrap().split("\n## ").next().unwrap();
    let rows = section.lines().filter_map(|line| line.strip_prefix("| `")?.split(" | ").next());
    rows.flat_map(|cell| cell.split('`').step_by(2).map(str::to_owned).collect::<Vec<_>>())
        .filter(|name| !name.is_empty())
        .collect()
}

fn set<'a>(names: impl IntoIterator<Item = &'a str>) -> BTreeSet<String> {
    names.into_iter().map(str::to_owned).collect()
}

#[test]
fn the_page_documents_just_the_stages_and_fields_there_are() {
    assert_eq!(documented("Stages"), set(Stage::ALL.iter().map(|stage| stage.as_str())));
    assert_eq!(documented("Fields"), set(fields::ALL.iter().copied()));
    let metrics = PAGE.split("## Metrics").nth(1).unwrap();
    for name in names::ALL {
        assert!(metrics.contains(&format!("`{name}`")), "docs/journal.md does not name the metric {name}");
    }
}

/// A line with every field set has just the fields of the constants, in their order.
#[test]
fn a_line_has_just_the_fields_of_the_constants() {
    let text = |name: &str| Some(name.to_owned());
    let line = JournalLine {
        outcome: Some(Outcome::Handled),
        function: "f".into(),
        function_version: text("1"),
        request_id: text("r"),
        trigger: text("queue"),
        correlation_id: text("c"),
        event_id: text("e"),
        event_type: text("t"),
        event_source: text("s"),
        schema_version: Some(1),
        causation_id: text("p"),
        subject: text("o"),
        partition_key: text("o"),
        sequence: Some(1),
        trace_id: text("t"),
        span_id: text("s"),
        parent_span_id: text("p"),
        queue: text("q"),
        message_id: text("m"),
        delivery: Some(1),
        attempt: Some(1),
        duration_ms: Some(1.0),
        age_ms: Some(1.0),
        code: text("c"),
        cause: text("c"),
        class: text("c"),
        retry_after_ms: Some(1),
        saga_id: text("s"),
        saga: text("s"),
        step: text("s"),
        direction: text("do"),
        idempotency_key: text("k"),
        emitted: vec!["e".into()],
        started: vec!["s".into()],
        destinations: vec!["d".into()],
        dead_letter_queue: text("d"),
        ..JournalLine::default()
    };
    let json = serde_json::to_value(&line).unwrap();
    let names: Vec<&str> = json.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(names, fields::ALL);
    assert_eq!(serde_json::from_value::<JournalLine>(json).unwrap(), line);
}

#[test]
fn the_journal_sets_time_and_level_and_metrics_follow_the_specification() {
    let ambient = Ambient::seeded(Timestamp::from_second(1_700_000_000).unwrap(), 1);
    let lines = Arc::new(Lines::default());
    let journal = Journal::to(lines.clone(), &ambient);
    journal.write(JournalLine { stage: Stage::Parked, function: "f".into(), ..JournalLine::default() });
    journal.metrics(&Metrics::new("f"));
    let mut metrics = Metrics::new("f");
    metrics.processed(1.23456, Some(7.0));
    metrics.processed(2.0, None);
    metrics.failure("poison");
    journal.metrics(&metrics);

    let lines: Vec<Value> = lines.all().iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 2, "metrics that counted nothing write nothing");
    assert_eq!(lines[0]["level"], "ERROR");
    assert_eq!(lines[0]["time"], "2023-11-14T22:13:20Z");
    assert_eq!(lines[1]["processed"], 2);
    assert_eq!(lines[1]["duration"], serde_json::json!([1.235, 2.0]));
    assert_eq!(lines[1]["_aws"]["CloudWatchMetrics"][0]["Dimensions"], serde_json::json!([["function"]]));
    for metric in lines[1]["_aws"]["CloudWatchMetrics"][0]["Metrics"].as_array().unwrap() {
        assert!(lines[1].get(metric["Name"].as_str().unwrap()).is_some(), "{metric} has no value");
    }
}
