//! How often DynamoDB is waited for before an event is acknowledged.

use std::time::Duration;

use super::bench::Bench;
use super::shop::placed;
use crate::{Effects, Emit, Once, Write};

/// How long each request takes.
const TRIP: Duration = Duration::from_millis(10);

/// Commits and sends; how many requests of DynamoDB were made, and how many round trips were waited for one after the other.
async fn trips(bench: &Bench, effects: &Effects) -> (usize, u32) {
    bench.wire.slow("dynamodb", TRIP);
    let before = bench.wire.requests("dynamodb");
    let began = tokio::time::Instant::now();
    let committed = bench.commit(&bench.event(), effects).await.unwrap();
    bench.send(&committed).await;
    let waited = u32::try_from(began.elapsed().as_millis() / TRIP.as_millis()).unwrap();
    (bench.wire.requests("dynamodb") - before, waited)
}

fn ordered(sequence: u64) -> Emit {
    Emit::new(placed("o-1")).ordered("o-1", sequence)
}

fn write(bench: &Bench) -> Write {
    bench.shop.stock.update("apple").add("available", -1).into()
}

#[tokio::test(start_paused = true)]
async fn an_event_that_emits_nothing_waits_for_one_and_one_that_emits_for_two() {
    let bench = Bench::new().await.stocked("apple", 10).await;
    assert_eq!(trips(&bench, &Effects::new()).await, (1, 1));
    assert_eq!(trips(&bench, &Effects::new().write(write(&bench))).await, (1, 1));
    let one = Effects::new().write(write(&bench)).emit(Emit::new(placed("o-1")));
    assert_eq!(trips(&bench, &one).await, (2, 2));
    assert_eq!(trips(&bench, &Effects::new().emit(ordered(1))).await, (2, 2));
    // The look at what is unsent of the key is taken while the commit is under way.
    assert_eq!(trips(&bench, &Effects::new().emit(ordered(2))).await, (3, 2));
    let two = Effects::new().emit(Emit::new(placed("o-1"))).emit(ordered(3));
    assert_eq!(trips(&bench, &two).await, (4, 2), "two rows are sent, and marked, at once");
}

#[tokio::test(start_paused = true)]
async fn once_waits_for_two_more() {
    let bench = Bench::new().await;
    bench.wire.slow("dynamodb", TRIP);
    let began = tokio::time::Instant::now();
    let once = Once::new(&bench.world, "charge-payment");
    once.call("charge", async |_| Ok(1)).await.unwrap();
    assert_eq!((bench.wire.requests("dynamodb"), began.elapsed()), (2, 2 * TRIP));
}

/// ```text
///   A ─ commit 1 ✓ ─ ✗      B ─ looks: 1 ∥ commit 2 ✓ ─ sends 1 ─ sends 2
/// ```
#[tokio::test(start_paused = true)]
async fn what_is_ahead_is_found_while_the_commit_is_under_way() {
    let bench = Bench::new().await;
    bench.commit(&bench.event(), &Effects::new().emit(ordered(1))).await.unwrap();
    assert_eq!(
        trips(&bench, &Effects::new().emit(ordered(2))).await,
        (4, 3),
        "each of the two is marked when it is sent"
    );
    let sequences: Vec<_> = bench.journal().iter().map(|line| line.sequence).collect();
    assert_eq!(sequences, [Some(1), Some(2)]);
}
