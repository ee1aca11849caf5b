use std::cell::Cell;
use std::time::Duration;

use super::bench::Bench;
use super::wire::Act;
use crate::limits::RESPONSE_BYTES;
use crate::{Class, Failure, Once};

const KEY: &str = "saga_1|charge";

/// Charges, and counts how often.
async fn charge(bench: &Bench, calls: &Cell<u32>, id: &str) -> Result<String, Failure> {
    let once = Once::new(&bench.world, "charge-payment");
    once.call(KEY, async |key: String| {
        assert_eq!(key, KEY, "the outside party gets the key");
        calls.set(calls.get() + 1);
        Ok(id.to_owned())
    })
    .await
}

#[tokio::test(start_paused = true)]
async fn a_call_is_made_once_and_its_result_kept() {
    let (bench, calls) = (Bench::new().await, Cell::new(0));
    assert_eq!(charge(&bench, &calls, "pay_1").await.unwrap(), "pay_1");
    assert_eq!(charge(&bench, &calls, "pay_2").await.unwrap(), "pay_1");
    assert_eq!(calls.get(), 1);
    let row = &bench.items("idempotency").await[0];
    assert_eq!((&row["key"]["S"], &row["status"]["S"]), (&format!("once|{KEY}").into(), &"done".into()));
}

/// ```text
///   store ✓ ─ ✗ answer: transient      next attempt ─ look: stored ─ the result, no second call
/// ```
#[tokio::test(start_paused = true)]
async fn a_result_whose_storing_was_not_confirmed_is_found_by_the_next_attempt() {
    let (bench, calls) = (Bench::new().await, Cell::new(0));
    bench.wire.next(1, "PutItem", Act::LoseAnswer);
    assert_eq!(charge(&bench, &calls, "pay_1").await.unwrap_err().class(), &Class::Transient { after: None });
    assert_eq!(charge(&bench, &calls, "pay_2").await.unwrap(), "pay_1");
    assert_eq!(calls.get(), 1);
}

/// ```text
///   A ─ look: nothing ── call ─────── store ✓
///   B ─ look: nothing ── call ── store ✗ A's is there ─▶ A's result
/// ```
#[tokio::test(start_paused = true)]
async fn of_two_at_once_the_first_to_store_decides() {
    let bench = Bench::new().await;
    let once = Once::new(&bench.world, "charge-payment");
    let call = async |id: &str, seconds: u64| {
        once.call(KEY, async |_| {
            tokio::time::sleep(Duration::from_secs(seconds)).await;
            Ok(id.to_owned())
        })
        .await
        .unwrap()
    };
    let (slow, fast) = futures::join!(call("slow", 2), call("fast", 1));
    assert_eq!((slow.as_str(), fast.as_str()), ("fast", "fast"));
}

#[tokio::test(start_paused = true)]
async fn a_failure_is_not_kept() {
    let (bench, calls) = (Bench::new().await, Cell::new(0));
    let once = Once::new(&bench.world, "charge-payment");
    let declined =
        once.call::<String, _>(KEY, async |_| Err(Failure::permanent("card_declined", "no"))).await.unwrap_err();
    assert_eq!(declined.code(), "card_declined");
    assert_eq!(charge(&bench, &calls, "pay_1").await.unwrap(), "pay_1");
}

#[tokio::test(start_paused = true)]
async fn a_result_is_forgotten_when_it_expired_and_refused_when_it_is_too_large() {
    let (bench, calls) = (Bench::new().await, Cell::new(0));
    charge(&bench, &calls, "pay_1").await.unwrap();
    tokio::time::advance(Duration::from_secs(60 * 24 * 60 * 60 + 1)).await;
    assert_eq!(charge(&bench, &calls, "pay_2").await.unwrap(), "pay_2");

    let once = Once::new(&bench.world, "charge-payment");
    let failure = once.call("large", async |_| Ok("x".repeat(RESPONSE_BYTES))).await.unwrap_err();
    assert_eq!(failure.code(), "too_large");
}
