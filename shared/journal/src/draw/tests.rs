//! What a life cycle looks like: a snapshot of each kind of ending.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use throughline_telemetry::JournalLine;

use super::life_cycle;
use crate::{Failure, LifeCycle, Rows, StoredEvent};

fn at(millis: i64) -> Timestamp {
    "2026-11-24T10:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_millis(millis)
}

/// A line of a function that took the event: `fields` say the rest.
fn line(millis: i64, stage: &str, function: &str, event: &str, fields: Value) -> JournalLine {
    let mut line = json!({
        "time": at(millis), "stage": stage, "function": function, "span_id": function, "request_id": function,
        "event_id": event, "event_type": event.replace("evt_", "orders.order."), "attempt": 1, "subject": "order-7",
    });
    let ended = ["handled", "duplicate", "retrying", "failed", "rejected"].contains(&stage);
    let line = line.as_object_mut().unwrap();
    if ended {
        line.insert("outcome".to_owned(), stage.into());
        line.insert("duration_ms".to_owned(), 4.25.into());
    }
    line.extend(fields.as_object().unwrap().clone());
    serde_json::from_value(Value::Object(line.clone())).unwrap()
}

fn step(millis: i64, stage: &str, name: &str, direction: &str, fields: Value) -> JournalLine {
    let saga = json!({ "saga_id": "saga_1", "saga": "fulfil-order", "step": name, "direction": direction });
    let mut all = saga.as_object().unwrap().clone();
    all.extend(fields.as_object().unwrap().clone());
    line(millis, stage, &format!("{name}-{direction}"), "evt_fulfil", Value::Object(all))
}

fn drawn(lines: Vec<JournalLine>, events: Vec<StoredEvent>, failures: Vec<Failure>) -> String {
    let rows = Rows { lines, ..Rows::default() };
    let text = life_cycle(&LifeCycle::build("cor_1", rows, events, failures));
    anstream::adapter::strip_str(&text).to_string()
}

#[test]
fn an_order_that_completes_and_an_event_that_came_twice() {
    let lines = vec![
        line(0, "received", "place-order", "checkout-1", json!({})),
        line(4, "handled", "place-order", "checkout-1", json!({ "emitted": ["evt_placed"] })),
        line(6, "published", "place-order", "evt_placed", json!({ "destinations": ["orders-events"] })),
        line(9, "received", "start-fulfilment", "evt_placed", json!({})),
        line(13, "handled", "start-fulfilment", "evt_placed", json!({ "started": ["saga_1"] })),
        line(15, "received", "start-fulfilment", "evt_placed", json!({ "span_id": "again" })),
        line(16, "duplicate", "start-fulfilment", "evt_placed", json!({ "span_id": "again" })),
        step(20, "received", "reserve-stock", "do", json!({})),
        step(24, "handled", "reserve-stock", "do", json!({})),
        step(30, "received", "complete-order", "do", json!({})),
        step(34, "handled", "complete-order", "do", json!({ "emitted": ["evt_completed"] })),
        line(40, "received", "notify-customer", "evt_completed", json!({})),
        line(44, "handled", "notify-customer", "evt_completed", json!({})),
    ];
    insta::assert_snapshot!(drawn(lines, Vec::new(), Vec::new()));
}

#[test]
fn a_declined_card_unwinds_the_saga() {
    let declined = json!({ "code": "payment_declined", "cause": "the bank says no", "class": "permanent" });
    let timeout =
        json!({ "code": "outside", "cause": "no answer in 2 s", "class": "transient", "retry_after_ms": 1500 });
    let lines = vec![
        step(0, "received", "reserve-stock", "do", json!({})),
        step(4, "handled", "reserve-stock", "do", json!({})),
        step(10, "received", "charge-payment", "do", json!({})),
        step(14, "retrying", "charge-payment", "do", timeout),
        step(1600, "received", "charge-payment", "do", json!({ "attempt": 2, "span_id": "b", "request_id": "b" })),
        step(1604, "failed", "charge-payment", "do", {
            let mut fields = declined;
            fields["attempt"] = 2.into();
            fields["span_id"] = "b".into();
            fields["request_id"] = "b".into();
            fields
        }),
        step(1610, "received", "charge-payment", "undo", json!({})),
        step(1614, "handled", "charge-payment", "undo", json!({})),
        step(1620, "received", "reserve-stock", "undo", json!({})),
        step(1624, "handled", "reserve-stock", "undo", json!({})),
        step(1630, "received", "cancel-order", "do", json!({})),
        step(1634, "handled", "cancel-order", "do", json!({ "emitted": ["evt_cancelled"] })),
        line(1640, "received", "notify-customer", "evt_cancelled", json!({})),
        line(1644, "handled", "notify-customer", "evt_cancelled", json!({})),
    ];
    insta::assert_snapshot!(drawn(lines, Vec::new(), Vec::new()));
}

#[test]
fn an_event_that_waits_to_be_sent_and_one_that_the_relay_sent() {
    let event = |id: &str, sent: Option<i64>| -> StoredEvent {
        serde_json::from_value(json!({
            "kind": "event", "event_id": id, "event_type": "orders.order.placed", "created_at": at(4), "subject": "order-7",
            "sent_at": sent.map(at),
        }))
        .unwrap()
    };
    insta::assert_snapshot!(drawn(Vec::new(), vec![event("evt_1", None), event("evt_2", Some(70_000))], Vec::new()));
}

#[test]
fn a_message_that_is_not_an_event() {
    let fields = json!({
        "event_id": null, "event_type": null, "subject": null, "message_id": "7d1c", "queue": "orders-notify-customer",
        "code": "not_an_event", "cause": "expected value at line 1 column 1", "class": "poison",
    });
    let mut parked = fields.clone();
    parked["dead_letter_queue"] = "orders-notify-customer-dlq".into();
    let failure: Failure = serde_json::from_value(json!({
        "failure_id": "fail_1", "status": "open", "code": "not_an_event", "cause": "expected value at line 1 column 1",
        "class": "poison", "function": "notify-customer", "message_id": "7d1c", "source": "queue", "source_queue": "orders-notify-customer",
        "dead_letter_queue": "orders-notify-customer-dlq", "attributes": {}, "body": "hello", "failed_at": at(3), "recorded_at": at(9), "attempt": 1, "derived": false,
        "fingerprint": "f",
    }))
    .unwrap();
    let lines = vec![
        line(0, "received", "notify-customer", "-", fields.clone()),
        line(3, "rejected", "notify-customer", "-", fields),
        line(3, "parked", "notify-customer", "-", parked),
    ];
    insta::assert_snapshot!(drawn(lines, Vec::new(), vec![failure]));
}
