//! What the suite's functions do: decided here, done by the program or in process.

use std::time::Duration;

use serde_json::{Value, json};

/// The variable that says how a function treats batches.
pub const MODE: &str = "MODE";

/// What one invocation does, in this order.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// Waits.
    pub wait: Duration,
    /// Ends its process with this status.
    pub exit: Option<i32>,
    /// Answers, or fails with type and message.
    pub answer: Result<Value, (String, String)>,
}

/// Decides by the function's mode and its event.
///
/// An event with `do` says itself what happens: `fail` (`error` names the type), `fail_before` (until `retry` is `until`),
/// `wait` (`seconds`), `exit`. Records are treated as `mode` says: `fail` fails when a record holds `bad`, `partial` reports those
/// records, `empty` reports a record without a name, `first` fails for records that were never received before. Everything else is answered with itself; a
/// function in mode `answer:TEXT` answers with that text.
pub fn decide(mode: &str, event: &Value) -> Plan {
    let plan = |answer| Plan { wait: Duration::ZERO, exit: None, answer };
    let fail = |kind: &str| Err((kind.to_owned(), "not today".to_owned()));
    let number = |name: &str| event.get(name).and_then(Value::as_u64).unwrap_or_default();
    match event.get("do").and_then(Value::as_str) {
        Some("fail") => return plan(fail(event.get("error").and_then(Value::as_str).unwrap_or("Refused"))),
        Some("fail_before") if number("retry") < number("until") => return plan(fail("NotYet")),
        Some("wait") => return Plan { wait: Duration::from_secs(number("seconds")), ..plan(Ok(event.clone())) },
        Some("exit") => return Plan { exit: Some(3), ..plan(Ok(Value::Null)) },
        _ => {}
    }
    let records = event.get("Records").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    // By the body or the key alone: ids are hexadecimal, and now and then one of them has a `bad` in it.
    let bad = |record: &&Value| {
        ["/body", "/dynamodb/Keys/sk/S"].iter().any(|place| record.pointer(place).is_some_and(|text| text == "bad"))
    };
    let first = |record: &Value| {
        let count = record.pointer("/attributes/ApproximateReceiveCount");
        count.and_then(Value::as_str) == Some("1")
    };
    match mode {
        "fail" if records.iter().any(|record| bad(&record)) => plan(fail("Refused")),
        "first" if records.iter().any(first) => plan(fail("NotYet")),
        "partial" => {
            let failures: Vec<Value> =
                records.iter().filter(bad).map(|record| json!({ "itemIdentifier": identifier(record) })).collect();
            plan(Ok(json!({ "batchItemFailures": failures })))
        }
        "empty" => plan(Ok(json!({ "batchItemFailures": [{ "itemIdentifier": "" }] }))),
        _ => match mode.strip_prefix("answer:") {
            Some(text) => plan(Ok(text.into())),
            None => plan(Ok(event.clone())),
        },
    }
}

fn identifier(record: &Value) -> &Value {
    let id = record.get("messageId").or_else(|| record.pointer("/dynamodb/SequenceNumber"));
    id.unwrap_or(&Value::Null)
}

/// The line that a function writes to its log for every event, before anything else.
pub fn line(event: &Value) -> String {
    format!("event {event}")
}
