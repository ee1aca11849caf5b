use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use throughline_telemetry::{JournalLine, Outcome, Stage};

use super::*;
use crate::failure::Failure;
use crate::read::StoredEvent;
use crate::row::{Change, Report, Rows};

fn at(millis: i64) -> Timestamp {
    "2026-11-24T10:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_millis(millis)
}

fn line(millis: i64, stage: Stage, function: &str, span: &str, event: &str) -> JournalLine {
    let outcome = match stage {
        Stage::Handled => Some(Outcome::Handled),
        Stage::Duplicate => Some(Outcome::Duplicate),
        Stage::Retrying => Some(Outcome::Retrying),
        Stage::Failed => Some(Outcome::Failed),
        Stage::Rejected => Some(Outcome::Rejected),
        _ => None,
    };
    JournalLine {
        time: at(millis),
        stage,
        outcome,
        function: function.into(),
        span_id: Some(span.into()),
        request_id: Some(format!("r-{span}")),
        event_id: Some(event.into()),
        event_type: Some(format!("type of {event}")),
        duration_ms: outcome.map(|_| 5.0),
        attempt: Some(1),
        ..JournalLine::default()
    }
}

fn step(millis: i64, stage: Stage, name: &str, direction: &str) -> JournalLine {
    JournalLine {
        saga_id: Some("saga_1".into()),
        saga: Some("fulfil-order".into()),
        step: Some(name.into()),
        direction: Some(direction.into()),
        ..line(millis, stage, &format!("{name}-{direction}"), &format!("{name}-{direction}"), "evt_fulfil")
    }
}

fn stored(kind: &str, id: &str, cause: Option<&str>, millis: i64) -> StoredEvent {
    serde_json::from_value(json!({
        "kind": kind, "event_id": id, "causation_id": cause, "created_at": at(millis), "sent_at": at(millis + 1),
        "saga_id": (kind == "saga").then_some("saga_1"), "saga": (kind == "saga").then_some("fulfil-order"),
    }))
    .unwrap()
}

/// A command that places an order; the order starts a saga; the saga's last step emits an event that a third function hears.
fn workflow() -> (Rows, Vec<StoredEvent>) {
    let mut placed = line(5, Stage::Handled, "place-order", "a", "checkout-1");
    placed.emitted = vec!["evt_placed".into()];
    let mut started = line(20, Stage::Handled, "start-fulfilment", "b", "evt_placed");
    started.started = vec!["saga_1".into()];
    started.emitted = vec!["saga_1".into()];
    let mut completed = step(60, Stage::Handled, "complete-order", "do");
    completed.emitted = vec!["evt_completed".into()];
    let lines = vec![
        line(1, Stage::Received, "place-order", "a", "checkout-1"),
        placed,
        line(7, Stage::Published, "place-order", "a", "evt_placed"),
        line(15, Stage::Received, "start-fulfilment", "b", "evt_placed"),
        started,
        step(30, Stage::Received, "reserve-stock", "do"),
        step(35, Stage::Handled, "reserve-stock", "do"),
        step(50, Stage::Received, "complete-order", "do"),
        completed,
        line(70, Stage::Received, "notify-customer", "c", "evt_completed"),
        line(75, Stage::Handled, "notify-customer", "c", "evt_completed"),
    ];
    let events = vec![
        stored("event", "evt_placed", Some("checkout-1"), 5),
        stored("saga", "evt_fulfil", Some("evt_placed"), 20),
        stored("event", "evt_completed", Some("evt_fulfil"), 60),
    ];
    (Rows { lines, ..Rows::default() }, events)
}

fn build(rows: Rows, events: Vec<StoredEvent>) -> LifeCycle {
    LifeCycle::build("cor_1", rows, events, Vec::new())
}

#[test]
fn everything_stands_below_what_caused_it() {
    let (rows, events) = workflow();
    let life = build(rows, events);
    assert_eq!(life.roots.len(), 1);
    let command = &life.roots[0];
    assert_eq!(command.event_id.as_deref(), Some("checkout-1"));
    let placed = &command.runs[0].emitted[0];
    assert_eq!(placed.event_id.as_deref(), Some("evt_placed"));
    assert_eq!(placed.published.len(), 1);
    let saga = &placed.runs[0].started[0];
    assert_eq!(saga.steps.iter().map(|s| s.step.as_str()).collect::<Vec<_>>(), ["reserve-stock", "complete-order"]);
    assert_eq!(saga.outcome, SagaOutcome::Completed);
    let completed = &saga.steps[1].run.emitted[0];
    assert_eq!(completed.runs[0].function, "notify-customer");
    assert_eq!(life.final_outcome(), FinalOutcome::Completed);
    assert_eq!((life.started_at, life.ended_at), (Some(at(1)), Some(at(75))));
}

#[test]
fn the_order_of_rows_does_not_matter() {
    let (mut rows, mut events) = workflow();
    let expected = build(rows.clone(), events.clone());
    rows.lines.reverse();
    events.reverse();
    assert_eq!(build(rows, events), expected);
}

#[test]
fn without_the_lines_the_events_still_hang_together() {
    let (_, events) = workflow();
    let life = build(Rows::default(), events);
    let placed = &life.roots[0];
    assert_eq!(placed.event_id.as_deref(), Some("evt_placed"));
    assert_eq!(placed.sagas[0].caused[0].event_id.as_deref(), Some("evt_completed"));
    assert_eq!(life.final_outcome(), FinalOutcome::Running, "a saga of which no step is known");
}

#[test]
fn a_failed_step_is_undone() {
    let (mut rows, events) = workflow();
    rows.lines.truncate(7);
    rows.lines.push(step(40, Stage::Received, "charge-payment", "do"));
    rows.lines.push(step(45, Stage::Failed, "charge-payment", "do"));
    let running = build(rows.clone(), events[..2].to_vec());
    assert_eq!(running.final_outcome(), FinalOutcome::Running);
    rows.lines.push(step(50, Stage::Handled, "charge-payment", "undo"));
    rows.lines.push(step(52, Stage::Handled, "reserve-stock", "undo"));
    rows.lines.push(step(55, Stage::Handled, "cancel-order", "do"));
    let life = build(rows.clone(), events[..2].to_vec());
    assert_eq!(life.final_outcome(), FinalOutcome::Compensated);
    rows.lines.push(step(60, Stage::Failed, "reserve-stock", "undo"));
    rows.lines.retain(|line| line.time != at(52));
    assert_eq!(build(rows, events[..2].to_vec()).final_outcome(), FinalOutcome::NeedsAttention);
}

#[test]
fn deliveries_after_the_first_are_duplicates() {
    let lines = vec![
        line(1, Stage::Received, "f", "a", "evt_1"),
        line(2, Stage::Handled, "f", "a", "evt_1"),
        line(3, Stage::Duplicate, "f", "b", "evt_1"),
        line(4, Stage::Duplicate, "f", "c", "evt_1"),
    ];
    let life = build(Rows { lines, ..Rows::default() }, Vec::new());
    let run = &life.roots[0].runs[0];
    assert_eq!((run.attempts.len(), run.duplicates()), (3, 2));
    assert_eq!(run.outcome(), AttemptOutcome::Handled);
}

#[test]
fn attempts_until_it_works() {
    let mut retry = line(2, Stage::Retrying, "f", "a", "evt_1");
    (retry.code, retry.retry_after_ms) = (Some("gateway_busy".into()), Some(1000));
    let mut again = line(1003, Stage::Handled, "f", "b", "evt_1");
    again.attempt = Some(2);
    let lines =
        vec![line(1, Stage::Received, "f", "a", "evt_1"), retry, line(1002, Stage::Received, "f", "b", "evt_1")];
    let running = build(Rows { lines: lines.clone(), ..Rows::default() }, Vec::new());
    assert_eq!(running.final_outcome(), FinalOutcome::Running);
    let rows = Rows { lines: [lines, vec![again]].concat(), ..Rows::default() };
    let life = build(rows, Vec::new());
    let attempts = &life.roots[0].runs[0].attempts;
    assert_eq!(attempts.iter().map(|a| a.attempt).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(attempts[0].code.as_deref(), Some("gateway_busy"));
    assert_eq!(life.final_outcome(), FinalOutcome::Completed);
}

#[test]
fn an_attempt_without_an_end_crashed_if_its_invocation_did() {
    let lines = vec![line(1, Stage::Received, "f", "a", "evt_1")];
    assert_eq!(open_requests(&lines).into_iter().collect::<Vec<_>>(), ["r-a"]);
    let report =
        Report { request_id: "r-a".into(), status: "timeout".into(), duration_ms: Some(30_000.0), ..Report::default() };
    let rows = Rows { lines, reports: vec![report], ..Rows::default() };
    let life = build(rows, Vec::new());
    let attempt = &life.roots[0].runs[0].attempts[0];
    assert_eq!((attempt.outcome, attempt.code.as_deref()), (AttemptOutcome::Crashed, Some("timeout")));
}

#[test]
fn a_message_that_is_not_an_event_has_its_dead_letter() {
    let mut rejected = line(2, Stage::Rejected, "start-fulfilment", "", "");
    (rejected.event_id, rejected.event_type, rejected.span_id) = (None, None, None);
    rejected.message_id = Some("m-1".into());
    let mut parked = JournalLine { stage: Stage::Parked, outcome: None, time: at(3), ..rejected.clone() };
    parked.dead_letter_queue = Some("orders-start-fulfilment-dead".into());
    let failure = Failure { function: "start-fulfilment".into(), message_id: Some("m-1".into()), ..Failure::default() };
    let rows = Rows { lines: vec![rejected, parked], ..Rows::default() };
    let life = LifeCycle::build("fail_1", rows, Vec::new(), vec![failure]);
    let run = &life.roots[0].runs[0];
    assert_eq!(life.roots[0].message_id.as_deref(), Some("m-1"));
    assert_eq!(run.attempts[0].parked_in.as_deref(), Some("orders-start-fulfilment-dead"));
    assert_eq!(run.failures.len(), 1);
    assert_eq!(life.final_outcome(), FinalOutcome::Failed);
}

#[test]
fn a_change_stands_by_the_run_that_made_it() {
    let (mut rows, events) = workflow();
    let change = |event: &str, function: &str| Change {
        event_id: Some(event.into()),
        function: Some(function.into()),
        ..Change::default()
    };
    rows.changes = vec![change("evt_fulfil", "reserve-stock-do"), change("evt_other", "f")];
    let life = build(rows, events);
    let saga = &life.roots[0].runs[0].emitted[0].runs[0].started[0];
    assert_eq!(saga.steps[0].run.changes.len(), 1);
    assert_eq!(life.changes.len(), 1);
}

#[test]
fn a_circle_of_causes_ends() {
    let events = vec![stored("event", "evt_a", Some("evt_b"), 1), stored("event", "evt_b", Some("evt_a"), 2)];
    let life = build(Rows::default(), events);
    assert_eq!(life.roots.len(), 1);
    assert_eq!(life.roots[0].caused.len(), 1);
}

#[test]
fn nothing_is_unknown() {
    assert_eq!(build(Rows::default(), Vec::new()).final_outcome(), FinalOutcome::Unknown);
}
