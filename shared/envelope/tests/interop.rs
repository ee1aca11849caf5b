//! Another implementation of CloudEvents reads what we write, and we read what it writes.

use cloudevents::{AttributesReader, EventBuilder, EventBuilderV10};
use serde_json::json;
use throughline_envelope::{Ambient, Event};

#[test]
fn the_sdk_reads_ours_and_gives_it_back() {
    let ambient = Ambient::seeded("2026-11-24T10:00:00Z".parse().unwrap(), 1);
    let ours = Event::root(&ambient, "orders", "orders.order.placed", json!({ "order_id": "ord_1" }))
        .with_subject("ord_1")
        .with_schema_version(2)
        .ordered("ord_1", 1);
    let theirs: cloudevents::Event = serde_json::from_value(ours.to_json()).unwrap();
    assert_eq!((theirs.id(), theirs.ty(), theirs.subject()), (ours.id.as_str(), "orders.order.placed", Some("ord_1")));
    assert_eq!(theirs.extension("correlationid").unwrap().to_string(), ours.correlation_id.as_str());
    assert_eq!(Event::from_json(serde_json::to_value(&theirs).unwrap()).unwrap(), ours);
}

#[test]
fn we_read_an_event_that_the_sdk_built() {
    let theirs = EventBuilderV10::new()
        .id("1")
        .source("https://example.com/shop")
        .ty("shop.cart.filled")
        .data("application/json", json!({ "items": 3 }))
        .build()
        .unwrap();
    let ours = Event::from_json(serde_json::to_value(&theirs).unwrap()).unwrap();
    assert_eq!((ours.id.as_str(), ours.source.as_str()), ("1", "https://example.com/shop"));
    assert_eq!(ours.data, json!({ "items": 3 }));
}
