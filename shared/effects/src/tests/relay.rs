use std::time::Duration;

use jiff::Timestamp;

use super::bench::Bench;
use super::shop::placed;
use super::wire::{Act, error};
use crate::{Effects, Emit, Relay, RelayReport, StartSaga};

const AGE: Duration = Duration::from_secs(60);

/// Commits, and crashes before sending.
async fn crashed(bench: &Bench, key: &str, sequence: u64) {
    let effects = Effects::new().emit(Emit::new(placed(key)).ordered(key, sequence));
    bench.commit(&bench.event(), &effects).await.unwrap();
}

async fn relay(bench: &Bench, time: Duration) -> RelayReport {
    let deadline: Timestamp = bench.cloud.clock().now() + time;
    Relay::new(&bench.world).run(AGE, deadline).await.unwrap()
}

fn sent(sent: usize) -> RelayReport {
    RelayReport { sent, ..RelayReport::default() }
}

#[tokio::test(start_paused = true)]
async fn what_a_crash_left_is_sent_in_order_once_no_runner_can_be_at_it() {
    let bench = Bench::new().await;
    crashed(&bench, "o-1", 1).await;
    crashed(&bench, "o-1", 2).await;
    tokio::time::advance(AGE).await;
    assert_eq!(relay(&bench, AGE).await, sent(0), "a runner may still be about to send them");

    tokio::time::advance(Duration::from_secs(1)).await;
    crashed(&bench, "o-1", 3).await;
    assert_eq!(relay(&bench, AGE).await, sent(3), "the young one of the same key goes along, in its place");
    let sequences: Vec<_> = bench.ordered().await.iter().map(|(_, _, body)| body["sequence"].clone()).collect();
    assert_eq!(sequences, ["00000000000000000001", "00000000000000000002", "00000000000000000003"]);
    assert_eq!(relay(&bench, AGE).await, sent(0));
}

#[tokio::test(start_paused = true)]
async fn a_saga_that_a_crash_left_is_started_with_its_stored_input() {
    let bench = Bench::new().await;
    let effects = Effects::new().start(StartSaga::new("fulfil-order", placed("o-1")));
    let committed = bench.commit(&bench.event(), &effects).await.unwrap();
    tokio::time::advance(AGE * 2).await;
    let row = bench.items("events").await[0].clone();

    bench.wire.next(1, "StartExecution", error("ExecutionAlreadyExists"));
    assert_eq!(relay(&bench, AGE).await, sent(1), "the crash may have come after the start");
    let call = &bench.wire.calls("StartExecution")[0];
    assert_eq!((&call["name"], &call["input"]), (&row["saga_id"]["S"], &row["body"]["S"]));
    assert_eq!(bench.journal()[0].saga_id.as_deref(), Some(committed.started[0].as_str()));
    assert_eq!(bench.unsent().await, 0);
}

#[tokio::test(start_paused = true)]
async fn all_shards_are_looked_at_and_a_key_that_fails_holds_up_no_other() {
    let bench = Bench::new().await;
    for key in 0..40 {
        crashed(&bench, &format!("o-{key}"), 1).await;
    }
    tokio::time::advance(AGE * 2).await;
    bench.wire.next(1, "PutEvents", error("InternalException"));
    assert_eq!(relay(&bench, AGE).await, RelayReport { failed: 1, ..sent(39) });
    assert_eq!(relay(&bench, AGE).await, sent(1));
    assert_eq!(bench.unsent().await, 0);
}

#[tokio::test(start_paused = true)]
async fn it_stops_at_its_deadline_and_says_what_is_left() {
    let bench = Bench::new().await;
    crashed(&bench, "o-1", 1).await;
    tokio::time::advance(AGE * 2).await;
    let early = RelayReport { left: 1, ended_early: true, ..RelayReport::default() };
    assert_eq!(relay(&bench, Duration::ZERO).await, early);

    bench.wire.next(1, "PutEvents", Act::Hang);
    assert_eq!(relay(&bench, Duration::from_secs(2)).await, early, "a send is cut off as well");
    assert_eq!(relay(&bench, Duration::from_secs(2)).await, sent(1));
}
