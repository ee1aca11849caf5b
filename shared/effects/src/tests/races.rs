use std::time::Duration;

use tokio::time::Instant;

use super::bench::Bench;
use super::shop::placed;
use super::wire::{Act, cancelled, error};
use crate::{Away, Class, Effects, Emit, Outcome};

const COMMIT: &str = "TransactWriteItems";

fn effects(bench: &Bench) -> Effects {
    Effects::new().write(bench.shop.take("apple", 2).or_fail("out_of_stock")).emit(Emit::new(placed("o-1")))
}

/// A bench whose next commits meet these faults, what came of one commit, and how often it was tried.
async fn commit(faults: &[(usize, Act)]) -> (Bench, Result<Outcome, (Class, String)>, usize) {
    let bench = Bench::new().await.stocked("apple", 2).await;
    for (times, act) in faults {
        bench.wire.next(*times, COMMIT, act.clone());
    }
    let result = bench.commit(&bench.event(), &effects(&bench)).await;
    let result = result.map(|committed| committed.outcome).map_err(|f| (f.class().clone(), f.code().to_owned()));
    let tries = bench.wire.calls(COMMIT).len();
    (bench, result, tries)
}

fn transient(code: &str) -> Result<Outcome, (Class, String)> {
    Err((Class::Transient { after: None }, code.to_owned()))
}

fn permanent(code: &str) -> Result<Outcome, (Class, String)> {
    Err((Class::Permanent, code.to_owned()))
}

/// ```text
///   commit ✓ ─ ✗ answer     commit, same token ─▶ DynamoDB knows it: success, nothing written twice
/// ```
#[tokio::test(start_paused = true)]
async fn a_lost_answer_is_asked_for_again_with_the_same_token() {
    let (bench, result, tries) = commit(&[(1, Act::LoseAnswer)]).await;
    assert_eq!((result, tries), (Ok(Outcome::Handled), 2));
    assert_eq!((bench.available("apple").await, bench.items("events").await.len()), (0, 1));
    let tokens: Vec<_> = bench.wire.calls(COMMIT).iter().map(|call| call["ClientRequestToken"].clone()).collect();
    assert_eq!(tokens[0], tokens[1]);
    assert!(tokens[0].is_string());
}

/// ```text
///   commit ✓ ─ ✗ answer     commit, token forgotten ─▶ ✗ the record exists, and its owner is this commit: Handled
/// ```
#[tokio::test(start_paused = true)]
async fn a_lost_answer_is_told_from_a_duplicate_by_the_records_owner() {
    let (bench, result, tries) = commit(&[(1, Act::LoseAnswer), (1, Act::ForgetToken)]).await;
    assert_eq!((result, tries), (Ok(Outcome::Handled), 2));
    assert_eq!((bench.available("apple").await, bench.items("events").await.len()), (0, 1));
}

#[tokio::test(start_paused = true)]
async fn a_call_without_an_answer_is_cut_off_and_repeated() {
    let started = Instant::now();
    let (_, result, tries) = commit(&[(1, Act::Hang)]).await;
    assert_eq!((result, tries), (Ok(Outcome::Handled), 2));
    assert!(started.elapsed() < Duration::from_secs(6), "{:?}", started.elapsed());
}

/// ```text
///   A ─ commit ✗ conflict ─ wait ≤ 25 ms ─ ✗ conflict ─ wait ≤ 50 ms ─ ✗ conflict ─ wait ≤ 100 ms ─ ✓
/// ```
#[tokio::test(start_paused = true)]
async fn contention_is_waited_out_in_place() {
    let started = Instant::now();
    let (bench, result, tries) = commit(&[(3, cancelled(&["None", "TransactionConflict", "None"]))]).await;
    assert_eq!((result, tries), (Ok(Outcome::Handled), 4));
    assert!(started.elapsed() <= Duration::from_millis(25 + 50 + 100 + 10), "{:?}", started.elapsed());
    assert_eq!(bench.available("apple").await, 0);
}

#[tokio::test(start_paused = true)]
async fn contention_without_end_is_transient() {
    let (bench, result, tries) = commit(&[(9, cancelled(&["TransactionConflict", "None", "None"]))]).await;
    assert_eq!((result, tries), (transient("contention"), 6));
    assert_eq!((bench.available("apple").await, bench.items("idempotency").await.len()), (2, 0));
}

/// A condition that fails while another transaction is at work on the items proves nothing.
#[tokio::test(start_paused = true)]
async fn a_business_condition_counts_only_when_nothing_passing_is_said() {
    for passing in ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"] {
        let (_, result, tries) = commit(&[(1, cancelled(&["None", "ConditionalCheckFailed", passing]))]).await;
        assert_eq!((result, tries), (Ok(Outcome::Handled), 2), "{passing}");
    }
    let (_, result, tries) = commit(&[(1, cancelled(&["None", "ConditionalCheckFailed", "None"]))]).await;
    assert_eq!((result, tries), (permanent("out_of_stock"), 1));
}

#[tokio::test(start_paused = true)]
async fn what_is_worth_repeating_is_repeated() {
    for code in [
        "TransactionInProgressException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "ThrottlingException",
        "InternalServerError",
    ] {
        let (_, result, tries) = commit(&[(2, error(code))]).await;
        assert_eq!((result, tries), (Ok(Outcome::Handled), 3), "{code}");
    }
    let (_, result, tries) = commit(&[(9, Act::Unreachable)]).await;
    assert_eq!((result, tries), (transient("service_unavailable"), 6));
}

/// What DynamoDB does not do for reasons of its own says nothing about the event; everything else does.
#[tokio::test(start_paused = true)]
async fn a_service_that_is_away_takes_no_attempt() {
    let fails = async |fault: Act| {
        let bench = Bench::new().await.stocked("apple", 2).await;
        bench.wire.next(9, COMMIT, fault);
        bench.commit(&bench.event(), &effects(&bench)).await.unwrap_err()
    };
    let passing = ["ThrottlingException", "RequestLimitExceeded", "InternalServerError", "ServiceUnavailable"];
    let cancelled_for = ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"];
    let away = passing.map(error).into_iter().chain(cancelled_for.map(|reason| cancelled(&["None", reason, "None"])));
    for fault in away.chain([Act::Unreachable]) {
        let failure = fails(fault.clone()).await;
        assert_eq!(failure.away(), Some(Away::Service), "{fault:?}: {failure}");
    }
    for fault in [error("AccessDeniedException"), error("ResourceNotFoundException"), error("ValidationException")] {
        let failure = fails(fault.clone()).await;
        assert!(failure.counts_as_attempt(), "{fault:?}: {failure}");
    }
}

/// A handler's read is not tried again in place: it fails the attempt, which is none.
#[tokio::test(start_paused = true)]
async fn a_read_that_a_service_does_not_do_takes_no_attempt() {
    let bench = Bench::new().await.stocked("apple", 2).await;
    for fault in [error("ThrottlingException"), Act::Unreachable] {
        bench.wire.next(1, "GetItem", fault.clone());
        let failure = bench.shop.stock.get("apple").await.unwrap_err();
        assert_eq!((failure.code(), failure.away()), ("service_unavailable", Some(Away::Service)), "{fault:?}");
    }
    bench.wire.next(1, "GetItem", error("AccessDeniedException"));
    let failure = bench.shop.stock.get("apple").await.unwrap_err();
    assert_eq!((failure.code(), failure.away()), ("unexpected", None));
}

#[tokio::test(start_paused = true)]
async fn what_is_not_worth_repeating_is_not() {
    let cases = [
        (error("IdempotentParameterMismatchException"), transient("token_reused")),
        (error("ValidationException"), permanent("write_refused")),
        (error("ResourceNotFoundException"), transient("unexpected")),
        (error("AccessDeniedException"), transient("unexpected")),
        (cancelled(&["None", "ValidationError", "None"]), permanent("write_refused")),
        (cancelled(&["None", "None", "ItemCollectionSizeLimitExceeded"]), permanent("write_refused")),
        (cancelled(&["None", "None", "ConditionalCheckFailed"]), permanent("write_refused")),
    ];
    for (fault, expected) in cases {
        let (bench, result, tries) = commit(&[(1, fault.clone())]).await;
        assert_eq!((result, tries), (expected, 1), "{fault:?}");
        assert_eq!(bench.items("idempotency").await.len(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn an_error_names_its_item() {
    let bench = Bench::new().await.stocked("apple", 2).await;
    bench.wire.next(1, COMMIT, cancelled(&["None", "ValidationError", "None"]));
    let failure = bench.commit(&bench.event(), &effects(&bench)).await.unwrap_err();
    assert_eq!(failure.cause(), "stock/apple: ValidationError: told to");
}

/// ```text
///   A ─ commit ✓            the record is there
///   B ─ commit ✗ record exists (and the stock's condition fails as well) ─▶ Duplicate, not `out_of_stock`
/// ```
#[tokio::test(start_paused = true)]
async fn two_at_once_are_done_once() {
    let bench = Bench::new().await.stocked("apple", 2).await;
    let (event, effects) = (bench.event(), effects(&bench));
    let (one, two) = futures::join!(bench.commit(&event, &effects), bench.commit(&event, &effects));
    let mut outcomes = [one.unwrap().outcome, two.unwrap().outcome];
    outcomes.sort_by_key(|outcome| *outcome == Outcome::Duplicate);
    assert_eq!(outcomes, [Outcome::Handled, Outcome::Duplicate]);
    assert_eq!((bench.available("apple").await, bench.items("events").await.len()), (0, 1));
}
