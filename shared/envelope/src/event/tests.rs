use serde_json::{Value, json};

use super::{Event, RawEvent};
use crate::{Ambient, CorrelationId, EnvelopeError};

fn full() -> Value {
    json!({
        "specversion": "1.0", "id": "evt_1", "source": "orders", "type": "orders.order.placed", "subject": "ord_1",
        "time": "2026-11-24T10:00:00.000000000Z", "datacontenttype": "application/json",
        "dataschema": "urn:throughline:contract:orders.order.placed:2", "schemaversion": 2,
        "correlationid": "cor_1", "causationid": "evt_0",
        "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "tracestate": "a=b",
        "partitionkey": "ord_1", "sequence": "00000000000000000001", "data": { "order_id": "ord_1" },
    })
}

fn with(name: &str, value: Value) -> Value {
    let mut event = full();
    event.as_object_mut().unwrap().insert(name.to_owned(), value);
    event
}

fn without(names: &[&str]) -> Value {
    let mut event = full();
    event.as_object_mut().unwrap().retain(|name, _| !names.contains(&name.as_str()));
    event
}

fn read(value: Value) -> RawEvent {
    Event::from_json(value).unwrap()
}

fn error(value: Value) -> EnvelopeError {
    Event::from_json(value).unwrap_err()
}

#[test]
fn the_wire_form_is_the_documented_one() {
    assert_eq!(read(full()).to_json(), full());
    assert_eq!(serde_json::to_value(read(full())).unwrap(), full());
    assert_eq!(serde_json::from_value::<RawEvent>(full()).unwrap(), read(full()));
    assert_eq!(read(full()).wire_len(), full().to_string().len());
}

#[test]
fn what_is_absent_is_derived_the_same_by_everyone() {
    let bare = without(&["correlationid", "traceparent", "tracestate", "schemaversion", "dataschema", "time"]);
    let (one, two) = (read(bare.clone()), read(bare));
    assert_eq!(one, two);
    assert_eq!(one.correlation_id, CorrelationId::derived("orders", &one.id));
    assert_eq!((one.schema_version, one.time), (1, jiff::Timestamp::UNIX_EPOCH));
}

#[test]
fn a_time_may_be_in_the_id() {
    let ambient = Ambient::seeded("2026-11-24T10:00:00.5Z".parse().unwrap(), 1);
    let mut event = without(&["time"]);
    event.as_object_mut().unwrap().insert("id".to_owned(), json!(crate::EventId::generate(&ambient)));
    assert_eq!(read(event).time, ambient.now());
}

#[test]
fn events_of_one_workflow_without_a_traceparent_share_a_trace() {
    let second = with("id", json!("evt_2"));
    let strip = |mut event: Value| {
        event.as_object_mut().unwrap().remove("traceparent");
        read(event).trace
    };
    let (one, two) = (strip(full()), strip(second));
    assert_eq!(one.trace_id, two.trace_id);
    assert_ne!(one.span_id, two.span_id);
}

#[test]
fn the_version_may_stand_in_our_dataschema_alone() {
    assert_eq!(read(without(&["schemaversion"])).schema_version, 2);
    assert_eq!(read(with("dataschema", json!("https://example.com/schema"))).schema_version, 2);
}

#[test]
fn a_content_type_may_have_parameters() {
    assert!(Event::from_json(with("datacontenttype", json!("Application/JSON; charset=utf-8"))).is_ok());
}

#[test]
fn foreign_extensions_are_ignored() {
    assert_eq!(read(with("knativearrivaltime", json!("now"))), read(full()));
}

#[test]
fn every_required_attribute_is_missed_by_name() {
    for name in ["specversion", "id", "source", "type", "data"] {
        assert_eq!(error(without(&[name])), EnvelopeError::MissingAttribute { name });
    }
}

#[test]
fn every_broken_attribute_is_its_own_error() {
    let cases = [
        ("specversion", json!("0.3"), "unsupported_specversion"),
        ("specversion", json!(1.0), "wrong_type"),
        ("id", json!(""), "empty_attribute"),
        ("id", json!("saga_1"), "wrong_prefix"),
        ("id", json!("a b"), "bad_id"),
        ("source", json!("a|b"), "bad_source"),
        ("type", json!(""), "empty_attribute"),
        ("subject", json!(1), "wrong_type"),
        ("time", json!("yesterday"), "bad_time"),
        ("datacontenttype", json!("text/xml"), "unsupported_content_type"),
        ("data_base64", json!("aGk="), "binary_data"),
        ("dataschema", json!("urn:throughline:contract:orders.order.placed:1"), "dataschema_mismatch"),
        ("dataschema", json!("urn:throughline:contract:orders.order.cancelled:2"), "dataschema_mismatch"),
        ("schemaversion", json!(0), "bad_schema_version"),
        ("schemaversion", json!("2"), "bad_schema_version"),
        ("correlationid", json!("evt_1"), "wrong_prefix"),
        ("causationid", json!("cor_1"), "wrong_prefix"),
        ("traceparent", json!("00-xyz"), "bad_traceparent"),
        ("partitionkey", json!(1), "wrong_type"),
        ("sequence", json!("+1"), "bad_sequence"),
        ("sequence", json!("99999999999999999999"), "bad_sequence"),
        ("sequence", json!(1), "wrong_type"),
    ];
    for (name, value, code) in cases {
        assert_eq!(error(with(name, value.clone())).code(), code, "{name} = {value}");
    }
    assert_eq!(error(json!([])).code(), "not_an_object");
}

#[test]
fn a_child_follows_from_its_parent() {
    let ambient = Ambient::seeded("2026-11-24T10:00:00Z".parse().unwrap(), 1);
    let parent = Event::root(&ambient, "orders", "orders.order.placed", 1).with_subject("ord_1");
    let child = parent.child(&ambient, "orders", "orders.order.completed", 2).ordered("ord_1", 2);
    assert_eq!(child.causation_id.as_ref(), Some(&parent.id));
    assert_eq!(child.correlation_id, parent.correlation_id);
    assert_eq!(child.trace.trace_id, parent.trace.trace_id);
    assert_eq!(child.trace.parent_span_id, Some(parent.trace.span_id));
    assert_ne!(child.id, parent.id);
    assert_eq!((child.subject.as_deref(), child.sequence), (None, Some(2)));
}

#[test]
fn other_data_leaves_the_envelope() {
    let event = read(full());
    let mapped = event.clone().map(|data| data.to_string());
    assert_eq!(mapped.envelope(), event.envelope());
    assert_eq!(event.as_ref().try_map(|_| Err::<(), _>("no")), Err("no"));
}
