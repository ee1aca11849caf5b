//! The registry in `events/` says what the code says, and its samples are what they claim to be.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a failed test panics")]

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use throughline_contracts::{Contract, Message};
use throughline_envelope::{Arrival, Event, RawEvent};
use throughline_orders::{OrderPlaced, PlaceOrder, registry, total_cents};

fn events() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../events")
}

fn text(path: &str) -> String {
    fs::read_to_string(events().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn event(path: &str) -> RawEvent {
    let value: Value = serde_json::from_str(&text(path)).unwrap();
    Event::from_json(value).unwrap_or_else(|error| panic!("{path}: {error}"))
}

#[test]
fn the_registry_does_not_drift() {
    let drift: Vec<_> = registry().drift(&events()).unwrap().iter().map(ToString::to_string).collect();
    let mend =
        "run `cargo run -p throughline-orders --example contracts -- events`, then tell what changed in the changelog";
    assert!(drift.is_empty(), "{mend}\n{}", drift.join("\n"));
}

#[test]
fn drift_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    registry().write(folder.path()).unwrap();
    fs::write(folder.path().join("orders.order.placed/v1.schema.json"), "{}").unwrap();
    let drift = registry().drift(folder.path()).unwrap();
    assert_eq!(drift.len(), 1);
    assert_eq!(
        drift.first().unwrap().to_string(),
        "orders.order.placed/v1.schema.json does not say what the code says"
    );
}

#[test]
fn both_versions_of_a_placed_order_are_the_same_rust_value() {
    let samples = ["v1", "v2"].map(|name| event(&format!("orders.order.placed/samples/{name}.json")));
    assert_eq!(samples.each_ref().map(|sample| sample.schema_version), [1, 2]);
    for sample in samples {
        let placed: Event<OrderPlaced> = OrderPlaced::decode(&sample).unwrap();
        assert_eq!((placed.data, placed.schema_version), (OrderPlaced::sample(), 2));
    }
}

#[test]
fn the_stories_orders_add_up() {
    let samples =
        ["completes", "card-declined", "out-of-stock", "gateway-slow", "gateway-times-out", "gateway-unavailable"];
    for name in samples {
        let command = PlaceOrder::decode(&event(&format!("orders.place-order/samples/{name}.json"))).unwrap();
        assert_eq!(total_cents(&command.data.lines), command.data.total_cents, "{name}");
        assert_eq!(command.subject.as_deref(), Some(command.data.order_id.as_str()), "{name}");
    }
}

#[test]
fn an_event_of_a_placed_order_is_of_a_seeded_order() {
    let orders: Value = serde_json::from_str(&text("seed/orders.json")).unwrap();
    let seeded: Vec<_> = orders.as_array().unwrap().iter().map(|order| order["order_id"].as_str().unwrap()).collect();
    for name in ["v1", "v2", "delivered-three-times"] {
        let sample = event(&format!("orders.order.placed/samples/{name}.json"));
        assert!(seeded.contains(&sample.subject.as_deref().unwrap()), "{name}");
    }
}

#[test]
fn what_is_broken_is_refused_for_its_reason() {
    let refused = Arrival::from_sqs_body(&text("broken/not-an-event.json")).unwrap_err();
    assert_eq!(refused.code(), "not_an_event");
    let broken = Arrival::from_sqs_body(&text("broken/breaks-its-contract.json")).unwrap().event;
    let refused = OrderPlaced::decode(&broken).unwrap_err();
    let pointers: Vec<_> = refused.violations.iter().map(|violation| violation.pointer.as_str()).collect();
    assert_eq!((refused.code(), pointers), ("contract_violated", vec!["", "/total_cents"]));
}

#[test]
fn every_invoke_sample_holds_valid_events() {
    let mut held = 0;
    for entry in fs::read_dir(events().join("invoke")).unwrap() {
        let path = entry.unwrap().path();
        let payload: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        for event in held_events(&payload) {
            registry().validate(&event).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            held += 1;
        }
    }
    // Thirteen functions of the workflow take one event each, and project-order takes two.
    assert_eq!(held, 14);
}

/// The events in a payload, whichever trigger it is of.
fn held_events(payload: &Value) -> Vec<RawEvent> {
    if let Some(records) = payload.get("Records").and_then(Value::as_array) {
        let bodies = records.iter().filter_map(|record| record["body"].as_str());
        return bodies.filter_map(|body| Arrival::from_sqs_body(body).ok()).map(|arrival| arrival.event).collect();
    }
    let arrival = Arrival::from_saga_step(payload.clone()).or_else(|_| Arrival::from_direct(payload.clone()));
    arrival.map(|arrival| arrival.event).into_iter().collect()
}
