use std::cell::Cell;
use std::time::Duration;

use throughline_telemetry::Stage;

use super::bench::Bench;
use super::wire::Act;
use crate::limits::RESPONSE_BYTES;
use crate::{Class, Failure, Once};

pub(super) const KEY: &str = "saga_1|charge";

/// The capability of a function that ends in 30 seconds.
pub(super) fn once(bench: &Bench) -> Once {
    Once::new(&bench.world, "charge-payment").until(bench.world.ambient().now() + Duration::from_secs(30))
}

/// Charges, and counts how often.
pub(super) async fn charge(bench: &Bench, calls: &Cell<u32>, id: &str) -> Result<String, Failure> {
    once(bench)
        .call(KEY, async |key: String| {
            assert_eq!(key, KEY, "the outside party gets the key");
            calls.set(calls.get() + 1);
            Ok(id.to_owned())
        })
        .await
}

/// A charge that takes its time.
pub(super) async fn slow(bench: &Bench, seconds: u64, id: &str) -> Result<String, Failure> {
    once(bench)
        .call(KEY, async |_| {
            tokio::time::sleep(Duration::from_secs(seconds)).await;
            Ok(id.to_owned())
        })
        .await
}

fn fenced(bench: &Bench) -> Vec<String> {
    let lines = bench.journal().into_iter().filter(|line| line.stage == Stage::Fenced);
    lines.map(|line| line.cause.unwrap_or_default()).collect()
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
///   claim ✓ ─ ✗ answer ─ claim again, same owner ✓ ─ call
/// ```
#[tokio::test(start_paused = true)]
async fn a_lease_whose_taking_was_not_confirmed_is_taken_again_at_once() {
    let (bench, calls) = (Bench::new().await, Cell::new(0));
    bench.wire.next(1, "UpdateItem", Act::LoseAnswer);
    assert_eq!(charge(&bench, &calls, "pay_1").await.unwrap(), "pay_1");
    assert_eq!(bench.wire.calls("UpdateItem").len(), 3);
}

/// ```text
///   store ✓ ─ ✗ answer: transient      next attempt ─ claim ✗ stored ─ the result, no second call
/// ```
#[tokio::test(start_paused = true)]
async fn a_result_whose_storing_was_not_confirmed_is_found_by_the_next_attempt() {
    let (bench, calls) = (Bench::new().await, Cell::new(0));
    let failure = once(&bench)
        .call::<String, _>(KEY, async |_| {
            bench.wire.next(1, "UpdateItem", Act::LoseAnswer);
            Ok("pay_1".to_owned())
        })
        .await
        .unwrap_err();
    assert_eq!(failure.class(), &Class::Transient { after: None });
    assert_eq!(charge(&bench, &calls, "pay_2").await.unwrap(), "pay_1");
    assert_eq!(calls.get(), 0);
}

/// ```text
///   A ─ claim ✓ ── call ───── store ✓
///   B ─ claim ✗ held ─ waits ───────── A's result, no second call
/// ```
#[tokio::test(start_paused = true)]
async fn of_two_at_once_one_calls_and_the_other_waits_for_its_result() {
    let (bench, calls) = (Bench::new().await, Cell::new(0));
    let second = async {
        tokio::time::sleep(Duration::from_millis(10)).await;
        charge(&bench, &calls, "pay_2").await
    };
    let (first, second) = futures::join!(slow(&bench, 1, "pay_1"), second);
    assert_eq!((first.unwrap().as_str(), second.unwrap().as_str()), ("pay_1", "pay_1"));
    assert_eq!(calls.get(), 0);
}

#[tokio::test(start_paused = true)]
async fn who_would_wait_too_long_is_refused_and_told_when_the_lease_ends() {
    let (bench, calls) = (Bench::new().await, Cell::new(0));
    let second = async {
        tokio::time::sleep(Duration::from_secs(5)).await;
        let impatient = once(&bench).patience(Duration::ZERO);
        impatient.call::<String, _>(KEY, async |_| Ok("pay_2".to_owned())).await.unwrap_err()
    };
    let (first, refused) = futures::join!(slow(&bench, 20, "pay_1"), second);
    assert_eq!(first.unwrap(), "pay_1");
    assert_eq!(refused.code(), "held_elsewhere");
    // The function ends after 30 s, the lease two seconds later, and five have passed.
    assert_eq!(refused.class(), &Class::Transient { after: Some(Duration::from_secs(27)) });
    assert_eq!(charge(&bench, &calls, "pay_3").await.unwrap(), "pay_1");
}

/// ```text
///   A ─ claim, epoch 1 ─ call ─ ✗ crash            B ─ claim ✗ held … 32 s … claim, epoch 2 ─ call ─ store ✓
/// ```
#[tokio::test(start_paused = true)]
async fn a_crashed_holder_is_followed_by_another_when_its_lease_is_over() {
    let (bench, calls) = (Bench::new().await, Cell::new(0));
    let crashed = tokio::time::timeout(Duration::from_secs(1), slow(&bench, 60, "pay_1")).await;
    assert!(crashed.is_err());
    assert_eq!(charge(&bench, &calls, "pay_2").await.unwrap_err().code(), "held_elsewhere");
    tokio::time::advance(Duration::from_secs(32)).await;
    assert_eq!(charge(&bench, &calls, "pay_2").await.unwrap(), "pay_2");
    assert_eq!(calls.get(), 1);
}

/// ```text
///   A ─ claim, epoch 1 ─ call …… suspended …………………………………… ✓ ─ store ✗ epoch 2 ─▶ B's result, `fenced`
///   B ─────────────────────────── claim, epoch 2 ─ call ─ store ✓
/// ```
#[tokio::test(start_paused = true)]
async fn a_late_first_holder_changes_nothing_and_is_written_down() {
    let (bench, calls) = (Bench::new().await, Cell::new(0));
    let second = async {
        tokio::time::sleep(Duration::from_secs(33)).await;
        charge(&bench, &calls, "pay_2").await
    };
    let (late, second) = futures::join!(slow(&bench, 40, "pay_1"), second);
    assert_eq!((late.unwrap().as_str(), second.unwrap().as_str()), ("pay_2", "pay_2"));
    assert_eq!(charge(&bench, &calls, "pay_3").await.unwrap(), "pay_2");
    assert_eq!(fenced(&bench), [format!("{KEY} ended after its lease (epoch 1) had passed to another")]);
    assert!(bench.metrics().iter().any(|metrics| metrics["stale_holders"] == 1));
}

/// The second holder is still at work when the late first one ends: whether the second will succeed is not known.
#[tokio::test(start_paused = true)]
async fn a_late_first_holder_does_not_guess_what_the_second_will_do() {
    let bench = Bench::new().await;
    let second = async {
        tokio::time::sleep(Duration::from_secs(33)).await;
        slow(&bench, 20, "pay_2").await
    };
    let (late, second) = futures::join!(slow(&bench, 40, "pay_1"), second);
    assert_eq!(late.unwrap_err().code(), "lease_lost");
    assert_eq!(second.unwrap(), "pay_2");
    assert_eq!(fenced(&bench).len(), 1);
}

/// A late failure does not free the second holder's lease: nobody can call a third time beside it.
#[tokio::test(start_paused = true)]
async fn a_late_failure_does_not_give_back_the_lease_of_another() {
    let (bench, calls) = (Bench::new().await, Cell::new(0));
    let late = async {
        let failing = async |_: String| {
            tokio::time::sleep(Duration::from_secs(40)).await;
            Err(Failure::transient("outside_timeout", "no answer"))
        };
        once(&bench).call::<String, _>(KEY, failing).await.unwrap_err()
    };
    let second = async {
        tokio::time::sleep(Duration::from_secs(33)).await;
        slow(&bench, 20, "pay_2").await
    };
    let third = async {
        tokio::time::sleep(Duration::from_secs(42)).await;
        charge(&bench, &calls, "pay_3").await.unwrap_err()
    };
    let (late, second, third) = futures::join!(late, second, third);
    assert_eq!((late.code(), third.code()), ("outside_timeout", "held_elsewhere"));
    assert_eq!(second.unwrap(), "pay_2");
    assert_eq!(fenced(&bench).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_failure_is_not_kept_and_frees_the_key_at_once() {
    let (bench, calls) = (Bench::new().await, Cell::new(0));
    let declined = once(&bench)
        .call::<String, _>(KEY, async |_| Err(Failure::permanent("card_declined", "no")))
        .await
        .unwrap_err();
    assert_eq!(declined.code(), "card_declined");
    assert_eq!(charge(&bench, &calls, "pay_1").await.unwrap(), "pay_1");
}

#[tokio::test(start_paused = true)]
async fn a_result_is_forgotten_when_it_expired_and_refused_when_it_is_too_large() {
    let (bench, calls) = (Bench::new().await, Cell::new(0));
    charge(&bench, &calls, "pay_1").await.unwrap();
    tokio::time::advance(Duration::from_secs(60 * 24 * 60 * 60 + 1)).await;
    assert_eq!(charge(&bench, &calls, "pay_2").await.unwrap(), "pay_2");

    let failure = once(&bench).call("large", async |_| Ok("x".repeat(RESPONSE_BYTES))).await.unwrap_err();
    assert_eq!(failure.code(), "too_large");
}
