use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::Response;
use serde_json::{Value, json};
use throughline_journal::{FailureClass, WriteError};
use throughline_sandbox::connector::InProcess;

use crate::support::{Stack, event, line, logs, moved, now, with};

const EVENT: &str = "evt_01a20cff-7d00-7333-8333-000000000003";

#[tokio::test(start_paused = true)]
async fn the_same_line_twice_is_one_row() {
    let stack = Stack::new().await;
    assert_eq!(stack.record(&[line(1, "received"), line(1, "received"), line(2, "received")]).await, 2);
    stack.record(&[line(1, "received")]).await;
    assert_eq!(stack.count("orders-journal").await, 2);
}

#[tokio::test(start_paused = true)]
async fn more_lines_than_one_request_takes() {
    let stack = Stack::new().await;
    let lines: Vec<_> = (0..60).map(|n| line(n % 60, "received")).collect();
    assert_eq!(stack.record(&lines).await, 60);
    assert_eq!(stack.reader.by_correlation("cor_1").await.unwrap().lines.len(), 60);
}

/// A connector whose first `refusals` batches are handed back whole.
fn throttled(stack: &Stack, refusals: u32) -> (InProcess, Arc<AtomicU32>) {
    let asked = Arc::new(AtomicU32::new(0));
    let (cloud, count) = (stack.cloud.clone(), asked.clone());
    let handler = move |request: http::Request<Bytes>| {
        let (cloud, count) = (cloud.clone(), count.clone());
        let answer: futures::future::BoxFuture<'static, Response<Bytes>> = Box::pin(async move {
            if count.fetch_add(1, Ordering::SeqCst) >= refusals {
                return cloud.handle(request).await;
            }
            let input: Value = serde_json::from_slice(request.body()).unwrap();
            Response::new(json!({ "UnprocessedItems": input["RequestItems"] }).to_string().into())
        });
        answer
    };
    (InProcess::new(&stack.cloud).host("cloud.invalid", Arc::new(handler)), asked)
}

#[tokio::test(start_paused = true)]
async fn what_dynamodb_hands_back_is_sent_again_after_a_wait() {
    let stack = Stack::new().await;
    let (connector, asked) = throttled(&stack, 3);
    let started = tokio::time::Instant::now();
    assert_eq!(stack.through(connector).record(&[line(1, "received")]).await, 1);
    assert_eq!(asked.load(Ordering::SeqCst), 4);
    assert_eq!(started.elapsed().as_millis(), 50 + 100 + 200);
    assert_eq!(stack.count("orders-journal").await, 1);
}

#[tokio::test(start_paused = true)]
async fn what_is_handed_back_for_ever_is_an_error_in_time() {
    let stack = Stack::new().await;
    let (connector, _) = throttled(&stack, u32::MAX);
    let started = tokio::time::Instant::now();
    let error = stack.through(connector).recorder.record_logs(&logs(&[line(1, "received")])).await.unwrap_err();
    assert!(matches!(error, WriteError::Unprocessed { left: 1 }), "{error}");
    assert!(started.elapsed() < Duration::from_secs(10), "within the function's timeout");
}

#[tokio::test(start_paused = true)]
async fn a_dead_letter_recorded_twice_is_one_row_and_stays_resolved() {
    let stack = Stack::new().await;
    let letter = moved(&event(EVENT));
    let first = stack.recorder.record_failure(&letter, now()).await.unwrap();
    let update = stack.client.update_item().table_name("orders-failures");
    let resolved = aws_sdk_dynamodb::types::AttributeValue::S("resolved".into());
    let key = aws_sdk_dynamodb::types::AttributeValue::S(first.failure_id.clone());
    let update = update.key("failure_id", key).update_expression("SET #s = :s REMOVE inbox");
    let update = update.expression_attribute_names("#s", "status").expression_attribute_values(":s", resolved);
    update.send().await.unwrap();
    let second = stack.recorder.record_failure(&letter, now()).await.unwrap();
    assert_eq!(second.failure_id, first.failure_id);
    assert_eq!(stack.count("orders-failures").await, 1);
    assert_eq!(stack.reader.failure(&first.failure_id).await.unwrap().unwrap().status, "resolved");
    assert!(stack.reader.open_failures().await.unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_reason_is_derived_from_the_last_line_and_the_report() {
    let stack = Stack::new().await;
    let received = with(with(line(1, "received"), "event_id", EVENT), "attempt", 2);
    let report = json!({
        "time": "2026-11-24T10:00:31.000Z", "type": "platform.report",
        "record": { "requestId": "r-1", "status": "timeout", "metrics": { "durationMs": 30000.0 } },
    });
    stack.record(&[received, report]).await;
    let failure = stack.recorder.record_failure(&moved(&event(EVENT)), now()).await.unwrap();
    assert_eq!((failure.class, failure.code.as_str()), (FailureClass::Crashed, "timeout"));
    assert!(failure.derived);
    assert_eq!((failure.function.as_str(), failure.attempt), ("start-fulfilment", Some(2)));
    assert!(
        failure.cause.starts_with("the invocation ended with status `timeout` after 30000 ms"),
        "{}",
        failure.cause
    );
    assert_eq!(stack.reader.failures_of("cor_1").await.unwrap(), [failure]);
}

#[tokio::test(start_paused = true)]
async fn lines_of_other_consumers_are_no_reason() {
    let stack = Stack::new().await;
    let other = with(with(line(1, "handled"), "event_id", EVENT), "queue", "orders-notify-customer");
    stack.record(&[other]).await;
    let failure = stack.recorder.record_failure(&moved(&event(EVENT)), now()).await.unwrap();
    assert_eq!(failure.code, "never_received");
}
