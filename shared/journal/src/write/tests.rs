use aws_lambda_events::event::cloudwatch_logs::LogData;
use aws_lambda_events::event::dynamodb::EventRecord;
use serde_json::{Value, json};
use throughline_envelope::CorrelationId;

use super::{changes, logs};

fn logs(messages: &[Value]) -> LogData {
    let entries: Vec<_> = messages
        .iter()
        .enumerate()
        .map(|(n, message)| json!({ "id": n.to_string(), "timestamp": 1_795_514_403_000_i64, "message": message.to_string() }))
        .collect();
    serde_json::from_value(json!({
        "owner": "000000000000", "logGroup": "/orders/functions", "subscriptionFilters": ["lines"], "messageType": "DATA_MESSAGE",
        "logStream": "2026/11/24/orders-reserve-stock[$LATEST]abc", "logEvents": entries,
    }))
    .unwrap()
}

fn line() -> Value {
    json!({
        "journal": 1, "time": "2026-11-24T10:00:03.5Z", "stage": "handled", "function": "reserve-stock", "request_id": "r-1",
        "correlation_id": "cor_1", "event_id": "evt_1", "subject": "", "saga_id": null, "emitted": ["evt_2"], "duration_ms": 4.25,
    })
}

#[test]
fn a_journal_line_is_a_row_of_its_workflow() {
    let rows = logs::rows(&logs(&[line()]), "orders");
    let row = &rows[0];
    assert_eq!(row["pk"], "cor_1");
    assert!(row["sk"].as_str().unwrap().starts_with("2026-11-24T10:00:03.500000000Z#"));
    assert_eq!(row["time"], "2026-11-24T10:00:03.500000000Z");
    assert_eq!(row["function_hour"], "reserve-stock#2026-11-24T10");
    assert_eq!(row["kind"], "line");
    assert_eq!(row["emitted"], json!(["evt_2"]));
    assert_eq!(row["expires_at"], 1_795_514_403 + 30 * 86_400);
    assert!(!row.contains_key("subject"), "an index refuses an empty key");
    assert!(!row.contains_key("saga_id"));
}

#[test]
fn the_same_line_has_the_same_key_and_another_line_another() {
    let mut other = line();
    other["duration_ms"] = 5.into();
    let rows = logs::rows(&logs(&[line(), line(), other]), "orders");
    assert_eq!(rows[0]["sk"], rows[1]["sk"]);
    assert_ne!(rows[0]["sk"], rows[2]["sk"]);
}

#[test]
fn a_line_of_what_is_not_an_event_is_found_by_its_request() {
    let mut line = line();
    line.as_object_mut().unwrap().remove("correlation_id");
    assert_eq!(logs::rows(&logs(&[line]), "orders")[0]["pk"], "req_r-1");
}

#[test]
fn a_line_of_a_message_that_is_not_an_event_has_a_correlation_id_by_the_message() {
    let mut line = line();
    line["message_id"] = "m-1".into();
    line.as_object_mut().unwrap().retain(|name, _| name != "correlation_id" && name != "event_id");
    let row = &logs::rows(&logs(&[line]), "orders")[0];
    let derived = CorrelationId::of_delivery("m-1").to_string();
    assert_eq!((&row["pk"], &row["correlation_id"]), (&json!(derived), &json!(derived)));
    assert_eq!(row["correlation_derived"], true);
}

#[test]
fn a_report_names_the_function_of_its_stream() {
    let report = json!({
        "time": "2026-11-24T10:00:03.512Z", "type": "platform.report",
        "record": { "requestId": "r-1", "status": "timeout", "metrics": { "durationMs": 30000.0, "maxMemoryUsedMB": 40 } },
    });
    let rows = logs::rows(&logs(&[report]), "orders");
    assert_eq!(rows[0]["pk"], "req_r-1");
    assert_eq!(rows[0]["function"], "reserve-stock");
    assert_eq!(rows[0]["function_version"], "$LATEST");
    assert_eq!(rows[0]["status"], "timeout");
    assert_eq!(rows[0]["duration_ms"], 30000.0);
    assert!(!rows[0].contains_key("error_type"));
}

#[test]
fn other_lines_are_left_out() {
    let mut data =
        logs(&[json!({ "level": "INFO", "message": "hello" }), json!({ "type": "platform.start" }), json!([1])]);
    data.log_events[0].message = "not JSON".into();
    assert!(logs::rows(&data, "orders").is_empty());
}

#[test]
fn a_line_that_is_too_long_is_cut() {
    let mut long = line();
    long["cause"] = "x".repeat(400_000).into();
    let row = &logs::rows(&logs(&[long]), "orders")[0];
    assert!(Value::Object(row.clone()).to_string().len() < 10_000);
    assert_eq!((&row["cut"], &row["pk"]), (&json!(true), &json!("cor_1")));
}

fn change(operation: &str, old: Value, new: Value) -> EventRecord {
    serde_json::from_value(json!({
        "awsRegion": "us-east-1", "eventID": "e1", "eventName": operation, "eventSource": "aws:dynamodb",
        "eventSourceARN": "arn:aws:dynamodb:us-east-1:000000000000:table/orders-stock/stream/2026-11-24T09:00:00.000",
        "dynamodb": {
            "ApproximateCreationDateTime": 1_795_514_402, "Keys": { "sku": { "S": "tea" } }, "OldImage": old, "NewImage": new,
            "SequenceNumber": "222", "SizeBytes": 1, "StreamViewType": "NEW_AND_OLD_IMAGES",
        },
    }))
    .unwrap()
}

#[test]
fn a_change_belongs_to_the_event_that_made_it() {
    let new = json!({ "sku": { "S": "tea" }, "available": { "N": "4" }, "_event_id": { "S": "evt_1" },
                      "_correlation_id": { "S": "cor_1" }, "_function": { "S": "reserve-stock" } });
    let old = json!({ "sku": { "S": "tea" }, "available": { "N": "5" } });
    let row = &changes::rows(&[change("MODIFY", old, new)], "orders")[0];
    assert_eq!(row["pk"], "cor_1");
    assert_eq!(row["event_id"], "evt_1");
    assert_eq!(row["function"], "reserve-stock");
    assert_eq!(row["table"], "stock");
    assert_eq!(row["item_key"], "tea");
    assert_eq!(row["before"]["available"], 5);
    assert_eq!(row["after"]["available"], 4);
}

#[test]
fn a_removal_is_nobodys() {
    let old = json!({ "sku": { "S": "tea" }, "_correlation_id": { "S": "cor_1" }, "_event_id": { "S": "evt_1" } });
    let row = &changes::rows(&[change("REMOVE", old, json!({}))], "orders")[0];
    assert_eq!(row["pk"], "chg_stock#2026-11-24T10");
    assert!(!row.contains_key("event_id"));
    assert!(!row.contains_key("after"));
}
