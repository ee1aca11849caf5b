//! What a service refuses for good leaves the outbox with its reason, and comes back with a redrive.

use std::time::Duration;

use serde_json::{Value, json};
use throughline_sandbox::Service;

use super::bench::{Bench, undelivered_url};
use super::shop::placed;
use super::wire::{Act, error};
use crate::{Effects, Emit, RefusedRows, Relay, RelayReport, StartSaga};

const MINUTE: Duration = Duration::from_secs(60);

async fn relay(bench: &Bench) -> RelayReport {
    tokio::time::advance(2 * MINUTE).await;
    let deadline = bench.cloud.clock().now() + MINUTE;
    Relay::new(&bench.world).run(MINUTE, deadline).await.unwrap()
}

fn failed() -> RelayReport {
    RelayReport { failed: 1, ..RelayReport::default() }
}

/// Body and reason of each message in the dead-letter queue, which stay in flight.
async fn letters(bench: &Bench) -> Vec<(Value, Value)> {
    let input = json!({ "QueueUrl": undelivered_url(), "MaxNumberOfMessages": 10, "MessageAttributeNames": ["All"] });
    let answer = bench.call(Service::Sqs, "ReceiveMessage", input).await;
    let read = |text: &Value| serde_json::from_str(text.as_str().unwrap()).unwrap();
    let messages = answer["Messages"].as_array().cloned().unwrap_or_default();
    let parts = messages
        .iter()
        .map(|message| (read(&message["Body"]), read(&message["MessageAttributes"]["reason"]["StringValue"])));
    parts.collect()
}

#[tokio::test(start_paused = true)]
async fn a_saga_is_parked_with_its_reason_at_the_fifth_refusal_and_comes_back_with_a_redrive() {
    let bench = Bench::new().await;
    let effects = Effects::new().start(StartSaga::new("fulfil-order", placed("o-1")));
    let committed = bench.commit(&bench.event(), &effects).await.unwrap();
    let row = bench.items("events").await[0].clone();
    let (pk, sk) = (row["pk"]["S"].as_str().unwrap(), row["sk"]["S"].as_str().unwrap());
    bench.wire.next(2, "StartExecution", error("ThrottlingException"));
    bench.wire.next(10, "StartExecution", error("StateMachineDoesNotExist"));
    for _ in 0..6 {
        assert_eq!(relay(&bench).await, failed(), "what is throttled is not counted");
        assert!(letters(&bench).await.is_empty());
    }
    assert_eq!(relay(&bench).await, RelayReport { parked: 1, ..RelayReport::default() });
    assert_eq!(bench.unsent().await, 0);
    let parked = &bench.items("events").await[0];
    assert!(parked["refused_at"]["S"].is_string() && parked.get("sent_at").is_none(), "{parked}");
    assert!(parked.get("expires_at").is_none(), "what was not sent does not expire: {parked}");

    let (body, reason) = letters(&bench).await.remove(0);
    let saga = committed.started[0].as_str();
    assert_eq!(body.to_string(), row["body"]["S"].as_str().unwrap(), "the execution's input");
    let expected = json!({
        "source": "outbox", "code": "not_started", "class": "permanent", "attempt": 5, "function": "take-order",
        "message_id": saga, "correlation_id": row["correlation_id"]["S"], "event_id": row["event_id"]["S"],
        "subject": "o-1", "row": { "pk": pk, "sk": sk }, "redrive": null,
    });
    expected.as_object().unwrap().iter().for_each(|(name, value)| assert_eq!(&reason[name], value, "{name}"));
    assert!(reason["cause"].as_str().unwrap().contains("StateMachineDoesNotExist"), "{reason}");

    let rows = RefusedRows::new(bench.world.clients().dynamodb().clone(), "t-events");
    assert!(rows.leave(pk, sk, bench.cloud.clock().now()).await.unwrap());
    assert!(bench.items("events").await[0]["expires_at"]["N"].is_string(), "nobody will send it");
    assert!(rows.put_back(pk, sk, "fail_1", 1).await.unwrap());
    assert!(bench.items("events").await[0].get("expires_at").is_none(), "what is in the outbox again does not expire");
    assert!(!rows.leave(pk, sk, bench.cloud.clock().now()).await.unwrap(), "it is in the outbox");
    assert!(!rows.put_back(pk, sk, "fail_1", 1).await.unwrap(), "it is back already");
    for _ in 0..4 {
        assert_eq!(relay(&bench).await, failed());
    }
    assert_eq!(relay(&bench).await.parked, 1);
    let again = letters(&bench).await.into_iter().find(|(_, reason)| !reason["redrive"].is_null()).unwrap().1;
    assert_eq!(again["redrive"], json!({ "of": "fail_1", "times": 1 }));
    assert_ne!(again["message_id"], reason["message_id"], "another failure");
}

/// ```text
///   4 ─ queue ✓ ─ bus ✗ for good, five times ─ parked      5 goes on
/// ```
#[tokio::test(start_paused = true)]
async fn an_event_that_the_bus_refuses_holds_up_its_key_until_it_is_parked() {
    let bench = Bench::new().await;
    for sequence in [1, 2] {
        let effects = Effects::new().emit(Emit::new(placed("o-1")).ordered("o-1", sequence));
        bench.commit(&bench.event(), &effects).await.unwrap();
    }
    let refusal = json!({
        "FailedEntryCount": 1, "Entries": [{ "ErrorCode": "NotAuthorizedForSourceException", "ErrorMessage": "no" }],
    });
    bench.wire.next(5, "PutEvents", Act::Answer(200, refusal));
    for _ in 0..4 {
        assert_eq!(relay(&bench).await, failed());
    }
    assert_eq!(relay(&bench).await, RelayReport { sent: 1, parked: 1, ..RelayReport::default() });
    let reason = &letters(&bench).await[0].1;
    assert_eq!((&reason["code"], &reason["event_type"]), (&json!("not_published"), &json!("shop.order.placed")));
    assert_eq!(reason["cause"], "t-bus: NotAuthorizedForSourceException: no");
}

/// ```text
///   letter ✓ ─ row ✗ crash        letter again, the same message id: one failure ─ row ✓
/// ```
#[tokio::test(start_paused = true)]
async fn a_crash_between_letter_and_row_parks_the_same_once_more() {
    let bench = Bench::new().await;
    bench.commit(&bench.event(), &Effects::new().emit(Emit::new(placed("o-1")))).await.unwrap();
    bench.wire.next(10, "PutEvents", error("AccessDeniedException"));
    for _ in 0..4 {
        relay(&bench).await;
    }
    bench.wire.after(1, "UpdateItem", Act::Unreachable);
    assert_eq!(relay(&bench).await, failed());
    assert_eq!(bench.unsent().await, 1, "it is not lost");
    assert_eq!(relay(&bench).await.parked, 1);
    let letters = letters(&bench).await;
    assert_eq!(letters.len(), 2);
    assert_eq!(letters[0].1["message_id"], letters[1].1["message_id"]);
}
