use serde_json::{Value, json};

use super::{Arrival, Direction, Form, saga_input};
use crate::{EventId, SagaId};

fn event() -> Value {
    json!({
        "specversion": "1.0", "id": "evt_1", "source": "orders", "type": "orders.order.placed",
        "time": "2026-11-24T10:00:00Z", "data": { "order_id": "ord_1" },
    })
}

fn eventbridge() -> Value {
    json!({
        "version": "0", "id": "6a7e8feb-b491-4cf7-a9f1-bf3703467718", "detail-type": "orders.order.placed",
        "source": "orders", "account": "111122223333", "time": "2026-11-24T10:00:01Z", "region": "eu-central-1",
        "resources": [], "detail": event(),
    })
}

fn step() -> Value {
    json!({
        "saga": { "id": "saga_1", "name": "fulfil-order", "step": "reserve-stock", "direction": "do", "attempt": 2 },
        "event": event(),
    })
}

/// The value with the member at `pointer` (its parent must exist) set, or removed.
fn with(mut value: Value, parent: &str, name: &str, member: Option<Value>) -> Value {
    let object = value.pointer_mut(parent).unwrap().as_object_mut().unwrap();
    match member {
        Some(member) => object.insert(name.to_owned(), member),
        None => object.remove(name),
    };
    value
}

#[test]
fn every_form_gives_the_same_event() {
    let direct = Arrival::from_direct(event()).unwrap();
    let others = [
        Arrival::from_eventbridge(eventbridge()).unwrap(),
        Arrival::from_sqs_body(&eventbridge().to_string()).unwrap(),
        Arrival::from_sqs_body(&event().to_string()).unwrap(),
        Arrival::from_saga_step(step()).unwrap(),
    ];
    let forms = others.each_ref().map(|arrival| arrival.form);
    assert_eq!(direct.form, Form::Direct);
    assert_eq!(forms, [Form::EventBridge, Form::SqsEventBridge, Form::SqsBare, Form::SagaStep]);
    assert!(others.iter().all(|other| other.event == direct.event));
}

#[test]
fn an_event_without_a_time_has_that_of_its_envelope() {
    let arrival = Arrival::from_eventbridge(with(eventbridge(), "/detail", "time", None)).unwrap();
    assert_eq!(arrival.event.time.to_string(), "2026-11-24T10:00:01Z");
}

#[test]
fn a_saga_step_knows_where_it_stands() {
    let failure = json!({ "Error": "card_declined", "Cause": r#"{"errorType":"card_declined","errorMessage":"no"}"# });
    let saga = Arrival::from_saga_step(with(step(), "", "failure", Some(failure))).unwrap().saga.unwrap();
    assert_eq!((saga.id.as_str(), saga.name.as_str(), saga.step.as_str()), ("saga_1", "fulfil-order", "reserve-stock"));
    assert_eq!((saga.direction, saga.attempt), (Direction::Do, 2));
    let failure = saga.failure.unwrap();
    assert_eq!((failure.error.as_str(), failure.message().as_str()), ("card_declined", "no"));
}

#[test]
fn a_cause_that_is_no_functions_error_is_told_as_it_is() {
    let failure = json!({ "Error": "States.Timeout" });
    let saga = Arrival::from_saga_step(with(step(), "", "failure", Some(failure))).unwrap().saga.unwrap();
    assert_eq!(saga.failure.unwrap().message(), "");
}

#[test]
fn a_sagas_input_becomes_a_steps_input() {
    let event = Arrival::from_direct(event()).unwrap().event;
    let input = saga_input(&SagaId::parse("saga_1").unwrap(), "fulfil-order", &event);
    let input = with(input, "/saga", "step", Some(json!("charge-payment")));
    let input = with(input, "/saga", "direction", Some(json!("undo")));
    let arrival = Arrival::from_saga_step(with(input, "/saga", "attempt", Some(json!(0)))).unwrap();
    assert_eq!(arrival.event, event);
    assert_eq!(arrival.event.id, EventId::parse("evt_1").unwrap());
}

#[test]
fn what_is_no_event_is_refused_by_name() {
    let sqs = |body: &str| Arrival::from_sqs_body(body).unwrap_err().code();
    assert_eq!(sqs("hello"), "not_json");
    assert_eq!(sqs("[1]"), "not_an_object");
    assert_eq!(sqs("{}"), "not_an_event");
    let direct = |value: Value| Arrival::from_direct(value).unwrap_err().code();
    assert_eq!(direct(json!("hello")), "not_an_object");
    assert_eq!(direct(json!({ "name": "world" })), "not_an_event");
    assert_eq!(direct(with(event(), "", "specversion", None)), "missing_attribute");
}

#[test]
fn an_eventbridge_event_agrees_with_the_event_in_it() {
    let code = |name: &str, member: Option<Value>| {
        Arrival::from_eventbridge(with(eventbridge(), "", name, member)).unwrap_err().code()
    };
    assert_eq!(code("source", Some(json!("shop"))), "source_mismatch");
    assert_eq!(code("detail-type", Some(json!("orders.order.completed"))), "type_mismatch");
    assert_eq!(code("source", None), "missing_attribute");
    assert_eq!(code("detail-type", None), "missing_attribute");
    assert_eq!(code("detail", None), "missing_attribute");
    assert_eq!(code("detail", Some(json!("text"))), "not_an_object");
    assert_eq!(code("time", Some(json!("noon"))), "bad_time");
}

#[test]
fn a_broken_step_is_refused_by_name() {
    let error = |parent: &str, name: &str, member: Option<Value>| {
        Arrival::from_saga_step(with(step(), parent, name, member)).unwrap_err()
    };
    for name in ["id", "name", "step", "direction", "attempt"] {
        assert_eq!(error("/saga", name, None).code(), "missing_attribute", "{name}");
    }
    assert_eq!(error("", "saga", None).code(), "missing_attribute");
    assert_eq!(error("", "event", None).code(), "missing_attribute");
    assert_eq!(error("/saga", "id", Some(json!("evt_1"))).code(), "wrong_prefix");
    assert_eq!(error("/saga", "direction", Some(json!("redo"))).code(), "bad_direction");
    assert_eq!(error("/saga", "attempt", Some(json!(-1))).code(), "wrong_type");
    assert_eq!(error("", "failure", Some(json!("no"))).code(), "not_an_object");
    assert_eq!(error("", "failure", Some(json!({}))).code(), "missing_attribute");
}
