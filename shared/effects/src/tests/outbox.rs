use serde_json::{Value, json};
use throughline_sandbox::Service;
use throughline_telemetry::Stage;

use super::bench::Bench;
use super::shop::placed;
use super::wire::{Act, error};
use crate::{Committed, Effects, Emit, Outcome, StartSaga};

/// Commits an event of `o-1`.
async fn emitted(bench: &Bench, sequence: u64) -> Committed {
    let effects = Effects::new().emit(Emit::new(placed("o-1")).ordered("o-1", sequence));
    bench.commit(&bench.event(), &effects).await.unwrap()
}

/// The sequences in the ordered queue, as they come.
async fn sequences(bench: &Bench) -> Vec<u64> {
    let messages = bench.ordered().await;
    messages.iter().map(|(_, _, body)| body["sequence"].as_str().unwrap().parse().unwrap()).collect()
}

fn entry(call: &Value) -> &Value {
    &call["Entries"][0]
}

#[tokio::test(start_paused = true)]
async fn an_event_goes_to_the_bus_as_it_is_stored_and_its_row_is_kept() {
    let bench = Bench::new().await;
    let committed = bench.commit(&bench.event(), &Effects::new().emit(Emit::new(placed("o-1")))).await.unwrap();
    let stored = bench.items("events").await[0].clone();
    assert_eq!(bench.send(&committed).await, 1);

    let puts = bench.wire.calls("PutEvents");
    assert_eq!(entry(&puts[0])["Detail"], stored["body"]["S"]);
    assert_eq!(
        (&entry(&puts[0])["Source"], &entry(&puts[0])["DetailType"]),
        (&"shop".into(), &stored["event_type"]["S"])
    );
    assert!(bench.wire.calls("Query").is_empty(), "a row without a key needs no look");
    assert!(bench.ordered().await.is_empty(), "only ordered events go to the ordered queues");

    let row = &bench.items("events").await[0];
    assert!(row.get("unsent").is_none() && row.get("unsent_shard").is_none());
    assert_eq!(row["sent_at"]["S"], "2026-11-24T12:00:00.000000000Z");
    let noon = "2026-11-24T12:00:00Z".parse::<jiff::Timestamp>().unwrap().as_second();
    assert_eq!(row["expires_at"]["N"], (noon + 30 * 24 * 60 * 60).to_string());
    assert_eq!(row["body"], stored["body"]);

    let line = &bench.journal()[0];
    assert_eq!((line.stage, line.destinations.as_slice()), (Stage::Published, ["t-bus".to_owned()].as_slice()));
    assert_eq!(line.event_id.as_deref(), stored["event_id"]["S"].as_str());
}

/// ```text
///   A ─ commit 1 ✓ ─ ✗ crash
///   B ─ commit 2 ✓ ─ ✗ crash
///   C ─ commit 3 ✓ ─ queries the key: 1, 2, 3 ─ sends them in order
/// ```
#[tokio::test(start_paused = true)]
async fn an_ordered_event_takes_those_before_it_along() {
    let bench = Bench::new().await;
    emitted(&bench, 1).await;
    emitted(&bench, 2).await;
    let third = emitted(&bench, 3).await;
    assert_eq!(bench.send(&third).await, 3);

    let messages = bench.ordered().await;
    let bodies: Vec<&Value> = messages.iter().map(|(_, _, body)| body).collect();
    assert_eq!(bodies.iter().map(|body| &body["partitionkey"]).collect::<Vec<_>>(), ["o-1"; 3]);
    assert!(messages.iter().all(|(group, id, body)| group == "o-1" && body["id"] == json!(id)));
    assert_eq!(bench.wire.calls("PutEvents").len(), 3, "and to the bus, for everyone else");
    assert_eq!(bench.unsent().await, 0);
    assert_eq!(bench.journal()[0].destinations, ["t-orders.fifo", "t-bus"]);
    let order: Vec<_> = bench.journal().iter().map(|line| line.sequence).collect();
    assert_eq!(order, [Some(1), Some(2), Some(3)]);
}

/// ```text
///   1 ─ ✗ queue             a key stops at its first failure
///   1 ✓ ─ 2 ✓               the next one sends both, in order
/// ```
#[tokio::test(start_paused = true)]
async fn a_key_stops_at_its_first_failure() {
    let bench = Bench::new().await;
    emitted(&bench, 1).await;
    let second = emitted(&bench, 2).await;
    bench.wire.next(1, "SendMessage", error("RequestThrottled"));
    assert_eq!(bench.send(&second).await, 0);
    assert_eq!((bench.unsent().await, bench.wire.calls("SendMessage").len()), (2, 1));
    assert!(bench.wire.calls("PutEvents").is_empty());

    let third = emitted(&bench, 3).await;
    assert_eq!(bench.send(&third).await, 3);
    assert_eq!(sequences(&bench).await, [1, 2, 3]);
}

/// ```text
///   1 ─ queue ✓ ─ bus ✗     1 ─ queue ✓ again: same deduplication id, dropped ─ bus ✓
/// ```
#[tokio::test(start_paused = true)]
async fn a_refused_entry_is_not_taken_for_sent() {
    let bench = Bench::new().await;
    let first = emitted(&bench, 1).await;
    let refusal =
        json!({ "FailedEntryCount": 1, "Entries": [{ "ErrorCode": "InternalFailure", "ErrorMessage": "no" }] });
    bench.wire.next(1, "PutEvents", Act::Answer(200, refusal));
    assert_eq!((bench.send(&first).await, bench.unsent().await, bench.journal().len()), (0, 1, 0));

    assert_eq!((bench.send(&first).await, bench.unsent().await), (1, 0));
    assert_eq!(sequences(&bench).await, [1], "the queue dropped the second");
}

#[tokio::test(start_paused = true)]
async fn an_event_that_could_not_be_marked_is_sent_again() {
    let bench = Bench::new().await;
    let first = emitted(&bench, 1).await;
    bench.wire.next(1, "UpdateItem", Act::Unreachable);
    assert_eq!((bench.send(&first).await, bench.unsent().await), (0, 1));
    assert_eq!((bench.send(&first).await, bench.unsent().await), (1, 0));
    assert_eq!(bench.wire.calls("PutEvents").len(), 2);
    assert_eq!(sequences(&bench).await, [1]);
}

/// ```text
///   A ─ commit ✓ ─ ✗ crash     B ─ commit ✗ record exists: Duplicate, with A's rows ─ sends what of them is unsent
/// ```
#[tokio::test(start_paused = true)]
async fn a_duplicate_sends_what_the_first_left() {
    let bench = Bench::new().await;
    let event = bench.event();
    let effects = Effects::new().emit(Emit::new(placed("o-1")).ordered("o-1", 1)).emit(Emit::new(placed("o-2")));
    bench.commit(&event, &effects).await.unwrap();

    let duplicate = bench.commit(&event, &effects).await.unwrap();
    assert_eq!((duplicate.outcome, bench.send(&duplicate).await, bench.unsent().await), (Outcome::Duplicate, 2, 0));
    assert_eq!(bench.send(&duplicate).await, 0, "what is sent is not sent again");
    assert_eq!(bench.wire.calls("PutEvents").len(), 2);
}

fn started() -> Act {
    let arn = "arn:aws:states:us-east-1:000000000000:execution:fulfil-order:x";
    Act::Answer(200, json!({ "executionArn": arn, "startDate": 1_795_521_600.0 }))
}

/// ```text
///   start ✓ ─ ✗ answer      start again, same name ─▶ ExecutionAlreadyExists: ours, success
/// ```
#[tokio::test(start_paused = true)]
async fn a_saga_is_started_once_under_its_own_name() {
    for answer in [started(), error("ExecutionAlreadyExists")] {
        let bench = Bench::new().await;
        let effects = Effects::new().start(StartSaga::new("fulfil-order", placed("o-1")));
        let committed = bench.commit(&bench.event(), &effects).await.unwrap();
        bench.wire.next(1, "StartExecution", error("ThrottlingException"));
        assert_eq!((bench.send(&committed).await, bench.unsent().await), (0, 1));

        bench.wire.next(1, "StartExecution", answer);
        assert_eq!((bench.send(&committed).await, bench.unsent().await), (1, 0));
        let calls = bench.wire.calls("StartExecution");
        assert_eq!(calls[0], calls[1], "the same name and the same input");
        let row = &bench.items("events").await[0];
        assert_eq!(calls[1]["name"], json!(committed.started[0].as_str()));
        assert_eq!((&calls[1]["name"], &calls[1]["input"]), (&row["saga_id"]["S"], &row["body"]["S"]));
        let line = &bench.journal()[0];
        assert_eq!((line.stage, line.saga.as_deref()), (Stage::SagaStarted, Some("fulfil-order")));
        assert_eq!(line.saga_id.as_deref(), Some(committed.started[0].as_str()));
        assert!(bench.wire.calls("PutEvents").is_empty());
    }
}

/// The bus of this cloud is real: a rule's queue gets the event.
#[tokio::test(start_paused = true)]
async fn a_rule_of_the_bus_gets_the_event() {
    let bench = Bench::new().await;
    let queue = bench.call(Service::Sqs, "CreateQueue", json!({ "QueueName": "all" })).await;
    let rule = json!({ "Name": "all", "EventBusName": "t-bus", "EventPattern": r#"{"source":["shop"]}"# });
    bench.call(Service::EventBridge, "PutRule", rule).await;
    let target = json!([{ "Id": "1", "Arn": bench.cloud.arn("sqs", "all") }]);
    bench
        .call(Service::EventBridge, "PutTargets", json!({ "Rule": "all", "EventBusName": "t-bus", "Targets": target }))
        .await;

    let first = emitted(&bench, 1).await;
    bench.send(&first).await;
    let receive = json!({ "QueueUrl": queue["QueueUrl"], "WaitTimeSeconds": 5 });
    let answer = bench.call(Service::Sqs, "ReceiveMessage", receive).await;
    let body: Value = serde_json::from_str(answer["Messages"][0]["Body"].as_str().unwrap()).unwrap();
    assert_eq!(
        (&body["detail-type"], &body["detail"]["id"]),
        (&"shop.order.placed".into(), &json!(first.emitted[0].as_str()))
    );
}
