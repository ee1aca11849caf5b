use std::time::Duration;

use serde_json::{Value, json};
use throughline_envelope::RawEvent;

use super::bench::{Bench, RETENTION};
use super::shop::placed;
use crate::{Class, Committer, Effects, Emit, Outcome, StartSaga, fingerprint};

fn effects(bench: &Bench) -> Effects {
    Effects::new()
        .write(bench.shop.take("apple", 2).or_fail("out_of_stock"))
        .emit(Emit::new(placed("o-1")).ordered("o-1", 1))
        .emit(Emit::new(placed("o-2")).subject("o-2"))
        .start(StartSaga::new("fulfil-order", placed("o-1")))
        .respond(json!({ "order_id": "o-1" }))
}

#[tokio::test(start_paused = true)]
async fn everything_is_written_in_one_request() {
    let bench = Bench::new().await.stocked("apple", 5).await;
    let event = bench.event();
    let committed = bench.commit(&event, &effects(&bench)).await.unwrap();

    assert_eq!(committed.outcome, Outcome::Handled);
    assert_eq!(committed.response, Some(json!({ "order_id": "o-1" })));
    assert_eq!((committed.emitted.len(), committed.started.len(), committed.outgoing.len()), (2, 1, 3));
    assert_eq!(bench.wire.calls("TransactWriteItems").len(), 1);

    let apple = &bench.items("stock").await[0];
    assert_eq!(apple["available"]["N"], "3");
    assert_eq!(apple["_event_id"]["S"], event.id.as_str());
    assert_eq!(apple["_correlation_id"]["S"], event.correlation_id.as_str());
    assert_eq!(apple["_function"]["S"], "take-order");

    let record = &bench.items("idempotency").await[0];
    assert_eq!(record["key"]["S"], format!("take-order|shop|{}", event.id));
    assert_eq!(record["fingerprint"]["S"], fingerprint(&event.event_type, &event.data));
    assert_eq!(record["response"]["S"], r#"{"order_id":"o-1"}"#);
    let noon: i64 = "2026-11-24T12:00:00Z".parse::<jiff::Timestamp>().unwrap().as_second();
    assert_eq!(record["expires_at"]["N"], (noon + 24 * 60 * 60).to_string());
    assert_eq!(record["created_at"]["S"], "2026-11-24T12:00:00.000000000Z");
    assert_eq!(record["emitted"]["L"].as_array().unwrap().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn an_outbox_row_is_as_the_data_model_has_it_and_its_event_a_child() {
    let bench = Bench::new().await.stocked("apple", 5).await;
    let parent = bench.event();
    bench.commit(&parent, &effects(&bench)).await.unwrap();

    let rows = bench.items("events").await;
    let row = rows.iter().find(|row| row["pk"]["S"] == "o-1").unwrap();
    let event = RawEvent::from_json(serde_json::from_str(row["body"]["S"].as_str().unwrap()).unwrap()).unwrap();
    assert_eq!(row["sk"]["S"], format!("00000000000000000001#{}", event.id));
    assert_eq!(row["unsent"], row["sk"]);
    assert!(("0".."8").contains(&row["unsent_shard"]["S"].as_str().unwrap()));
    assert_eq!(row["kind"]["S"], "event");
    assert_eq!(row["type_hour"]["S"], "shop.order.placed#2026-11-24T12");
    assert_eq!(row["created_at"]["S"], "2026-11-24T12:00:00.000000000Z");
    assert_eq!(row["subject"]["S"], "o-1", "the subject is the parent's unless it is set");
    assert!(row.get("expires_at").is_none(), "an unsent row does not expire");

    assert_eq!(event.causation_id.as_ref(), Some(&parent.id));
    assert_eq!(event.correlation_id, parent.correlation_id);
    assert_eq!(event.trace.trace_id, parent.trace.trace_id);
    assert_ne!(event.trace.span_id, parent.trace.span_id);
    assert_eq!((event.partition_key.as_deref(), event.sequence), (Some("o-1"), Some(1)));

    let saga = rows.iter().find(|row| row["kind"]["S"] == "saga").unwrap();
    let input: Value = serde_json::from_str(saga["body"]["S"].as_str().unwrap()).unwrap();
    assert_eq!(input["saga"], json!({ "id": saga["saga_id"]["S"], "name": "fulfil-order" }));
    assert_eq!(input["event"]["data"]["order_id"], "o-1");
}

#[tokio::test(start_paused = true)]
async fn a_second_delivery_is_a_duplicate_and_gets_the_first_response() {
    let bench = Bench::new().await.stocked("apple", 5).await;
    let event = bench.event();
    let first = bench.commit(&event, &effects(&bench)).await.unwrap();
    let second = bench.commit(&event, &effects(&bench).respond("another")).await.unwrap();

    assert_eq!(second.outcome, Outcome::Duplicate);
    assert_eq!(second.response, first.response);
    assert_eq!((&second.emitted, &second.started), (&first.emitted, &first.started));
    assert_eq!(bench.available("apple").await, 3, "taken once");
    assert_eq!(bench.items("events").await.len(), 3);
}

#[tokio::test(start_paused = true)]
async fn the_fingerprint_goes_by_type_and_data_alone() {
    let bench = Bench::new().await;
    let event = bench.event();
    bench.commit(&event, &Effects::new()).await.unwrap();

    let resent = RawEvent { time: event.time + Duration::from_secs(9), subject: None, ..event.clone() };
    assert_eq!(bench.commit(&resent, &Effects::new()).await.unwrap().outcome, Outcome::Duplicate);

    let other = RawEvent { data: json!({ "order_id": "o-2" }), ..event };
    let failure = bench.commit(&other, &Effects::new()).await.unwrap_err();
    assert_eq!((failure.class(), failure.code()), (&Class::Permanent, "key_reused"));
}

/// The table of this test has no time to live: expiry is judged in the condition.
#[tokio::test(start_paused = true)]
async fn a_record_that_expired_is_forgotten_before_it_is_deleted() {
    let bench = Bench::new().await;
    let event = bench.event();
    bench.commit(&event, &Effects::new()).await.unwrap();
    tokio::time::advance(RETENTION).await;
    assert_eq!(bench.commit(&event, &Effects::new()).await.unwrap().outcome, Outcome::Duplicate);
    tokio::time::advance(Duration::from_secs(1)).await;
    assert_eq!(bench.items("idempotency").await.len(), 1);
    assert_eq!(bench.commit(&event, &Effects::new()).await.unwrap().outcome, Outcome::Handled);
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_failed_can_ask_whether_it_was_done_before() {
    let bench = Bench::new().await.stocked("apple", 5).await;
    let (event, committer) = (bench.event(), Committer::new(&bench.world));
    let print = fingerprint(&event.event_type, &event.data);
    assert!(committer.done_before(&bench.key(&event), &print).await.unwrap().is_none());
    bench.commit(&event, &effects(&bench)).await.unwrap();

    let found = committer.done_before(&bench.key(&event), &print).await.unwrap().unwrap();
    assert_eq!((found.outcome, found.outgoing.len()), (Outcome::Duplicate, 3));
    assert!(committer.done_before(&bench.key(&event), "another").await.unwrap().is_none());
    tokio::time::advance(RETENTION + Duration::from_secs(1)).await;
    assert!(committer.done_before(&bench.key(&event), &print).await.unwrap().is_none());
}
