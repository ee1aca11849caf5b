//! Any event survives the wire, in every form; any text is an event or an error, never a panic.

#![expect(clippy::unwrap_used, reason = "a failed test panics")]

use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::{Value, json};
use throughline_envelope::{Arrival, CorrelationId, Event, EventId, RawEvent, TraceContext, canonical_json};

fn data() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_filter("JSON has no other", |f| f.is_finite()).prop_map(Value::from),
        ".*".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(".*", inner, 0..4).prop_map(|members| members.into_iter().collect()),
        ]
    })
}

prop_compose! {
    fn trace()(ids in "[1-9a-f][0-9a-f]{31}-[1-9a-f][0-9a-f]{15}-[0-9a-f]{2}", state in prop::option::of("[a-z]{1,9}=[!-+]{1,9}"))
        -> TraceContext { TraceContext::parse(&format!("00-{ids}"), state.as_deref()).unwrap() }
}

prop_compose! {
    fn event()(
        ids in ("[0-9a-z-]{1,40}", "evt_[0-9a-f-]{1,36}", "cor_[0-9a-f-]{1,36}", prop::option::of("[0-9]{1,9}")),
        names in ("[a-z:/.]{1,20}", "[a-z.]{1,40}", prop::option::of(".{1,20}"), prop::option::of(".{1,20}")),
        foreign: bool,
        time in 0..4_102_444_800_000_000_000_i128,
        schema_version in 1..=u32::MAX,
        sequence: Option<u64>,
        trace in trace(),
        data in data(),
    ) -> RawEvent {
        Event {
            id: EventId::parse(if foreign { &ids.0 } else { &ids.1 }).unwrap(),
            source: names.0,
            event_type: names.1,
            subject: names.2,
            time: Timestamp::from_nanosecond(time).unwrap(),
            schema_version,
            correlation_id: CorrelationId::parse(&ids.2).unwrap(),
            causation_id: ids.3.map(|id| EventId::parse(&id).unwrap()),
            trace,
            partition_key: names.3,
            sequence,
            data,
        }
    }
}

proptest! {
    #[test]
    fn a_cloudevent_survives(event in event()) {
        let text = event.to_json().to_string();
        prop_assert_eq!(text.len(), event.wire_len());
        prop_assert_eq!(&Event::from_json(serde_json::from_str(&text).unwrap()).unwrap(), &event);
        prop_assert_eq!(Arrival::from_sqs_body(&text).unwrap().event, event);
    }

    #[test]
    fn an_eventbridge_event_survives(event in event()) {
        let outer = json!({ "source": event.source, "detail-type": event.event_type, "detail": event.to_json() });
        prop_assert_eq!(Arrival::from_sqs_body(&outer.to_string()).unwrap().event, event);
    }

    #[test]
    fn no_text_is_a_panic(text in ".*") {
        prop_assert!(Arrival::from_sqs_body(&text).is_err());
    }

    #[test]
    fn an_event_with_any_attribute_changed_is_an_event_or_an_error(event in event(), at: prop::sample::Index, value in data()) {
        let mut json = event.to_json();
        let members = json.as_object_mut().unwrap();
        let name = members.keys().nth(at.index(members.len())).unwrap().clone();
        members.insert(name, value);
        match Event::from_json(json) {
            Ok(read) => prop_assert_eq!(Event::from_json(read.to_json()).unwrap(), read),
            Err(error) => prop_assert!(!error.code().is_empty() && !error.to_string().is_empty()),
        }
    }

    #[test]
    fn canonical_json_is_the_same_value_in_one_form(value in data()) {
        let text = canonical_json(&value);
        let read: Value = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(canonical_json(&read), text);
    }
}
