use aws_lambda_events::event::sqs::SqsMessage;
use jiff::Timestamp;
use serde_json::{Value, json};
use throughline_telemetry::{JournalLine, Stage};

use super::derive::derive;
use super::record::{read, row};
use super::{DeadLetter, Failure, FailureClass};
use crate::row::Report;

fn now() -> Timestamp {
    "2026-11-24T10:00:09Z".parse().unwrap()
}

fn message(body: &str, attributes: Value, message_attributes: Value) -> SqsMessage {
    let with_type = |value: &Value| json!({ "stringValue": value, "dataType": "String" });
    let set: serde_json::Map<_, _> =
        message_attributes.as_object().unwrap().iter().map(|(name, value)| (name.clone(), with_type(value))).collect();
    serde_json::from_value(json!({
        "messageId": "m-1", "body": body, "attributes": attributes, "messageAttributes": set,
        "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:orders-start-fulfilment-dead",
    }))
    .unwrap()
}

fn failure(message: &SqsMessage) -> Failure {
    read(&DeadLetter::of(message), message, "orders", now())
}

#[test]
fn a_parked_message_says_why() {
    let reason = json!({
        "code": "not_an_event", "class": "poison", "cause": "it is neither", "function": "start-fulfilment", "attempt": 1,
        "source_queue": "orders-start-fulfilment", "request_id": "r-1", "message_id": "m-0", "failed_at": "2026-11-24T10:00:03Z",
        "event_id": null,
    });
    let failure = failure(&message("{}", json!({}), json!({ "reason": reason.to_string(), "code": "not_an_event" })));
    assert_eq!((failure.code.as_str(), failure.class), ("not_an_event", FailureClass::Poison));
    assert_eq!(failure.function, "start-fulfilment");
    assert_eq!(failure.message_id.as_deref(), Some("m-0"), "the id that the journal knows");
    assert_eq!(failure.failed_at, "2026-11-24T10:00:03Z".parse().unwrap());
    assert!(!failure.derived);
    let row = row(&failure);
    assert!(row["inbox"].as_str().unwrap().starts_with("open#"));
    assert_eq!(row["function_day"], "start-fulfilment#2026-11-24");
    assert!(!row.contains_key("event_id"));
}

#[test]
fn the_same_letter_is_the_same_failure() {
    let letter = message("{}", json!({}), json!({}));
    assert_eq!(failure(&letter).failure_id, failure(&letter).failure_id);
    assert!(failure(&letter).failure_id.starts_with("fail_"));
}

#[test]
fn an_asynchronous_invocation_names_its_function() {
    let record = json!({
        "version": "1.0", "timestamp": "2026-11-24T10:00:05Z", "requestPayload": { "hello": 1 }, "responsePayload": {},
        "requestContext": { "requestId": "r-2", "functionArn": "arn:aws:lambda:us-east-1:000000000000:function:orders-record-journal:$LATEST",
                            "condition": "RetriesExhausted", "approximateInvokeCount": 3 },
    });
    let failure = failure(&message(&record.to_string(), json!({}), json!({})));
    assert_eq!(failure.function, "record-journal");
    assert_eq!((failure.source.as_str(), failure.attempt), ("async", Some(3)));
    assert_eq!(failure.request_id.as_deref(), Some("r-2"));
}

#[test]
fn what_a_rule_could_not_deliver_names_rule_and_target() {
    let set = json!({ "RULE_ARN": "arn:aws:events:us-east-1:0:rule/orders-events/orders-notify-customer", "ERROR_CODE": "NO_PERMISSIONS",
                      "TARGET_ARN": "arn:aws:sqs:us-east-1:0:orders-notify-customer", "ERROR_MESSAGE": "denied", "RETRY_ATTEMPTS": "2" });
    let failure = failure(&message("{}", json!({}), set));
    assert_eq!((failure.code.as_str(), failure.source.as_str()), ("NO_PERMISSIONS", "rule"));
    assert_eq!(failure.attempt, Some(3));
    assert_eq!(failure.cause, "rule notify-customer could not deliver to orders-notify-customer: denied");
}

#[test]
fn a_batch_of_a_stream_says_what_was_given_up() {
    let record = json!({
        "requestContext": { "requestId": "r-3", "functionArn": "arn:aws:lambda:us-east-1:0:function:orders-record-changes",
                            "condition": "RetryAttemptsExhausted", "approximateInvokeCount": 11 },
        "DDBStreamBatchInfo": { "shardId": "s", "startSequenceNumber": "1", "endSequenceNumber": "4", "batchSize": 2,
            "streamArn": "arn:aws:dynamodb:us-east-1:0:table/orders-order-views/stream/2026-11-24T10:00:00.000" },
    });
    let failure = failure(&message(&record.to_string(), json!({}), json!({})));
    assert_eq!((failure.source.as_str(), failure.code.as_str()), ("stream", "RetryAttemptsExhausted"));
    assert_eq!(failure.function, "record-changes");
    let cause = "2 changes of table order-views were given up (RetryAttemptsExhausted): 1 to 4 of shard s; the table has them, \
                 the journal does not";
    assert_eq!(failure.cause, cause);
}

#[test]
fn what_an_asynchronous_function_answered_tells_class_and_code() {
    let answers = [
        (
            json!({ "errorType": "Transient", "errorMessage": "busy: 503: later" }),
            FailureClass::Exhausted,
            "busy",
            "503: later",
        ),
        (
            json!({ "errorType": "Unavailable", "errorMessage": "service_unavailable: no" }),
            FailureClass::Exhausted,
            "service_unavailable",
            "no",
        ),
        (
            json!({ "errorType": "CircuitOpen", "errorMessage": "circuit_open: no" }),
            FailureClass::Exhausted,
            "circuit_open",
            "no",
        ),
        (
            json!({ "errorType": "Poison", "errorMessage": "not_an_event: no" }),
            FailureClass::Poison,
            "not_an_event",
            "no",
        ),
        (json!({ "errorType": "refused", "errorMessage": "refused: no" }), FailureClass::Permanent, "refused", "no"),
        (
            json!({ "errorType": "Runtime.ExitError", "errorMessage": "exited: 1" }),
            FailureClass::Crashed,
            "Runtime.ExitError",
            "exited: 1",
        ),
        (json!({}), FailureClass::Crashed, "", ""),
    ];
    for (answer, class, code, cause) in answers {
        let record = json!({ "requestPayload": {}, "requestContext": { "requestId": "r" }, "responsePayload": answer });
        let failure = failure(&message(&record.to_string(), json!({}), json!({})));
        assert_eq!((failure.class, failure.code.as_str(), failure.cause.as_str()), (class, code, cause));
    }
}

#[test]
fn a_message_that_sqs_moved_names_its_queue_and_event() {
    let event = json!({ "specversion": "1.0", "id": "evt_01a20cff-7d00-7333-8333-000000000003", "source": "orders", "type": "orders.order.placed",
                        "subject": "ord_1", "correlationid": "cor_1", "data": {} });
    let attributes = json!({ "DeadLetterQueueSourceArn": "arn:aws:sqs:us-east-1:0:orders-start-fulfilment", "SentTimestamp": "1795514401000" });
    let failure = failure(&message(&event.to_string(), attributes, json!({})));
    assert_eq!(failure.source_queue.as_deref(), Some("orders-start-fulfilment"));
    assert_eq!(failure.event_id.as_deref(), Some("evt_01a20cff-7d00-7333-8333-000000000003"));
    assert_eq!(failure.subject.as_deref(), Some("ord_1"));
    assert_eq!(failure.failed_at, Timestamp::from_millisecond(1_795_514_401_000).unwrap());
}

fn received() -> JournalLine {
    JournalLine {
        function: "charge-payment".into(),
        attempt: Some(2),
        request_id: Some("r".into()),
        time: now(),
        ..JournalLine::default()
    }
}

#[test]
fn a_crash_is_told_by_the_report() {
    let report = Report {
        status: "timeout".into(),
        error_type: Some("Sandbox.Timedout".into()),
        duration_ms: Some(30_000.0),
        ..Report::default()
    };
    let mut failure = Failure::default();
    derive(&mut failure, Some(&received()), Some(&report));
    assert_eq!(
        (failure.class, failure.code.as_str(), failure.derived),
        (FailureClass::Crashed, "Sandbox.Timedout", true)
    );
    assert_eq!(
        failure.cause,
        "the invocation ended with status `timeout` after 30000 ms; last journal line: received, 2026-11-24T10:00:09Z"
    );
    assert_eq!((failure.function.as_str(), failure.attempt), ("charge-payment", Some(2)));
}

#[test]
fn used_up_deliveries_are_told_by_the_last_line() {
    let retrying = JournalLine {
        stage: Stage::Retrying,
        code: Some("gateway_busy".into()),
        cause: Some("503".into()),
        class: Some("transient".into()),
        ..received()
    };
    let mut failure = Failure::default();
    derive(&mut failure, Some(&retrying), None);
    assert_eq!((failure.class, failure.code.as_str()), (FailureClass::Exhausted, "gateway_busy"));
}

#[test]
fn nothing_known_says_so() {
    let mut failure = Failure::default();
    derive(&mut failure, None, None);
    assert_eq!((failure.class, failure.code.as_str()), (FailureClass::Crashed, "never_received"));
}
