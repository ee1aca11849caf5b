use std::cell::Cell;
use std::time::Duration;

use serde_json::Value;
use throughline_telemetry::{JournalLine, Stage};

use super::bench::Bench;
use super::wire::{Act, error};
use crate::{Breaker, Circuit, Class, Failure, Once, World};

/// Opens after three failures, for ten seconds; then for twenty and more, up to forty.
fn breaker() -> Breaker {
    Breaker::on("payments").failures(3).open_for(Duration::from_secs(10), Duration::from_secs(40))
}

/// The circuit of one environment of a function that ends in a minute.
pub(super) fn circuit(world: &World) -> Circuit {
    let deadline = world.ambient().now() + Duration::from_secs(60);
    Circuit::new(world, "charge-payment", breaker()).until(deadline)
}

fn away() -> Failure {
    Failure::transient("outside_timeout", "no answer")
}

/// A call that fails, unless it is refused: how it ended.
pub(super) async fn fails(world: &World) -> Failure {
    circuit(world).call(async { Err::<(), _>(away()) }).await.unwrap_err()
}

/// A call that succeeds, and counts whether it was made.
async fn answers(world: &World, made: &Cell<u32>) -> Result<(), Failure> {
    let call = async {
        made.set(made.get() + 1);
        Ok(())
    };
    circuit(world).call(call).await
}

pub(super) async fn opened(bench: &Bench) {
    for _ in 0..3 {
        fails(&bench.world).await;
    }
}

async fn row(bench: &Bench) -> Value {
    let rows = bench.items("idempotency").await;
    rows.into_iter().find(|row| row["key"]["S"] == "breaker|payments").unwrap_or_default()
}

pub(super) async fn status(bench: &Bench) -> String {
    row(bench).await["status"]["S"].as_str().unwrap_or_default().to_owned()
}

fn stages(bench: &Bench) -> Vec<Stage> {
    bench.journal().iter().map(|line| line.stage).collect()
}

fn after(failure: &Failure) -> Duration {
    match failure.class() {
        Class::Transient { after } => after.unwrap_or_default(),
        class => panic!("{class:?}"),
    }
}

async fn sleep(seconds: u64) {
    tokio::time::sleep(Duration::from_secs(seconds)).await;
}

#[tokio::test(start_paused = true)]
async fn while_closed_a_success_costs_no_write_and_a_look_is_taken_every_few_seconds_only() {
    let (bench, made) = (Bench::new().await, Cell::new(0));
    for _ in 0..100 {
        answers(&bench.world, &made).await.unwrap();
    }
    let all_at_once = (0..10).map(|_| answers(&bench.world, &made));
    sleep(6).await;
    futures::future::join_all(all_at_once).await;
    assert_eq!(made.get(), 110);
    assert_eq!((bench.wire.calls("GetItem").len(), bench.wire.calls("UpdateItem").len()), (2, 0));
}

#[tokio::test(start_paused = true)]
async fn failures_enough_open_it_and_then_no_call_is_made_until_the_probe() {
    let (bench, made) = (Bench::new().await, Cell::new(0));
    let first = fails(&bench.world).await;
    assert_eq!((first.code(), first.counts_as_attempt(), after(&first)), ("outside_timeout", true, Duration::ZERO));
    fails(&bench.world).await;
    let last = fails(&bench.world).await;
    assert_eq!(last.code(), "outside_timeout");
    assert!(!last.counts_as_attempt(), "the failure that opens the circuit is the dependency's");

    let refused = answers(&bench.world, &made).await.unwrap_err();
    assert_eq!((refused.code(), refused.counts_as_attempt(), made.get()), ("circuit_open", false, 0));
    assert!((5..=10).contains(&after(&refused).as_secs()), "{refused:?}");
    let opened: Vec<JournalLine> = bench.journal();
    assert_eq!((opened.len(), opened[0].stage), (1, Stage::CircuitOpened));
    assert_eq!((opened[0].dependency.as_deref(), opened[0].level.as_str()), (Some("payments"), "WARN"));
    assert_eq!(opened[0].cause.as_deref(), Some("3 of 3 calls failed, the last: outside_timeout: no answer"));
    assert!(bench.metrics().iter().any(|metrics| metrics["circuits_opened"] == 1));
    let row = row(&bench).await;
    assert_eq!((&row["status"]["S"], row.get("expires_at")), (&"open".into(), None));
}

#[tokio::test(start_paused = true)]
async fn a_refusal_of_the_business_is_an_answer() {
    let bench = Bench::new().await;
    for _ in 0..10 {
        let declined = async { Err::<(), _>(Failure::permanent("card_declined", "no")) };
        assert_eq!(circuit(&bench.world).call(declined).await.unwrap_err().code(), "card_declined");
    }
    assert_eq!(row(&bench).await, Value::Null);
}

#[tokio::test(start_paused = true)]
async fn a_few_failures_of_many_calls_do_not_open_it() {
    let (bench, made) = (Bench::new().await, Cell::new(0));
    for _ in 0..4 {
        for _ in 0..5 {
            answers(&bench.world, &made).await.unwrap();
        }
        assert!(fails(&bench.world).await.counts_as_attempt());
    }
    assert_eq!(status(&bench).await, "closed");
}

#[tokio::test(start_paused = true)]
async fn failures_are_counted_within_a_window_that_begins_with_the_first() {
    let bench = Bench::new().await;
    fails(&bench.world).await;
    fails(&bench.world).await;
    sleep(61).await;
    fails(&bench.world).await;
    fails(&bench.world).await;
    assert_eq!(status(&bench).await, "closed");
    fails(&bench.world).await;
    assert_eq!(status(&bench).await, "open");
}

/// ```text
///   A ── ✗ ✗           ── call ✗: open       B ── ✗          ── refused, without a call, when it next looks
/// ```
#[tokio::test(start_paused = true)]
async fn environments_count_together_and_know_of_each_other() {
    let (bench, made) = (Bench::new().await, Cell::new(0));
    let other = bench.another_environment();
    fails(&bench.world).await;
    fails(&other).await;
    fails(&bench.world).await;
    // The other still believes what it knew; its failure tells it better, and counts as no attempt.
    let late = fails(&other).await;
    assert!(!late.counts_as_attempt() && after(&late) > Duration::ZERO, "{late:?}");
    assert_eq!(answers(&other, &made).await.unwrap_err().code(), "circuit_open");
    // A third that never called looks first.
    assert_eq!(answers(&bench.another_environment(), &made).await.unwrap_err().code(), "circuit_open");
    assert_eq!((made.get(), stages(&bench)), (0, vec![Stage::CircuitOpened]));
}

/// ```text
///   A, B, C … ── claim: one of them ✓ ── call ✓ ── closed          the others ── refused
/// ```
#[tokio::test(start_paused = true)]
async fn of_all_who_come_when_the_time_is_up_one_probes() {
    let (bench, made) = (Bench::new().await, Cell::new(0));
    opened(&bench).await;
    let environments: Vec<_> = (0..5).map(|_| bench.another_environment()).collect();
    sleep(10).await;
    let slow = |world| {
        let call = async {
            made.set(made.get() + 1);
            sleep(2).await;
            Ok(())
        };
        async move { circuit(world).call(call).await }
    };
    let results = futures::future::join_all(environments.iter().chain([&bench.world]).map(slow)).await;
    assert_eq!((made.get(), results.iter().filter(|result| result.is_ok()).count()), (1, 1));
    let refused: Vec<_> = results.into_iter().filter_map(Result::err).collect();
    assert!(refused.iter().all(|refused| refused.code() == "circuit_open" && !refused.counts_as_attempt()));

    sleep(5).await;
    for world in &environments {
        answers(world, &made).await.unwrap();
    }
    assert_eq!(stages(&bench), [Stage::CircuitOpened, Stage::CircuitHalfOpen, Stage::CircuitClosed]);
    assert!(bench.metrics().iter().any(|metrics| metrics["circuits_closed"] == 1));
}

#[tokio::test(start_paused = true)]
async fn a_probe_that_fails_opens_it_for_longer_and_is_no_attempt() {
    let bench = Bench::new().await;
    opened(&bench).await;
    for (shortest, longest) in [(10, 20), (20, 40), (20, 40)] {
        sleep(40).await;
        let probe = fails(&bench.world).await;
        assert_eq!((probe.code(), probe.counts_as_attempt()), ("outside_timeout", false));
        assert!((shortest..=longest).contains(&after(&probe).as_secs()), "{probe:?}");
    }
    // Once closed it begins again.
    sleep(40).await;
    answers(&bench.world, &Cell::new(0)).await.unwrap();
    opened(&bench).await;
    assert!(after(&fails(&bench.world).await) <= Duration::from_secs(10));
}

/// ```text
///   A ── claim, epoch 2 ── call …… suspended …………………………………………… ✓ ── close ✗ epoch 3: `fenced`
///   B ─────────────────────────────── claim, epoch 3 ── call ✗ ── open
/// ```
#[tokio::test(start_paused = true)]
async fn a_probe_that_ends_after_another_has_begun_decides_nothing() {
    let bench = Bench::new().await;
    opened(&bench).await;
    let other = bench.another_environment();
    sleep(10).await;
    let late = circuit(&bench.world);
    let late = late.call(async {
        sleep(50).await;
        Ok("answered")
    });
    let second = async {
        sleep(33).await;
        fails(&other).await
    };
    let (late, second) = futures::join!(late, second);
    assert_eq!((late.unwrap(), second.counts_as_attempt()), ("answered", false));
    assert_eq!(status(&bench).await, "open", "the late success did not close what the second found open");
    let fenced: Vec<_> = bench.journal().into_iter().filter(|line| line.stage == Stage::Fenced).collect();
    assert_eq!((fenced.len(), fenced[0].code.as_deref()), (1, Some("stale_probe")));
    assert!(bench.metrics().iter().any(|metrics| metrics["stale_holders"] == 1));
}

/// The same the other way round: a late failure does not open what another probe has closed.
#[tokio::test(start_paused = true)]
async fn a_late_failure_of_a_probe_does_not_open_what_another_closed() {
    let (bench, made) = (Bench::new().await, Cell::new(0));
    opened(&bench).await;
    let other = bench.another_environment();
    sleep(10).await;
    let late = circuit(&bench.world);
    let late = late.call(async {
        sleep(50).await;
        Err::<(), _>(away())
    });
    let second = async {
        sleep(33).await;
        answers(&other, &made).await
    };
    let (late, second) = futures::join!(late, second);
    second.unwrap();
    assert!(late.unwrap_err().counts_as_attempt());
    assert_eq!(status(&bench).await, "closed");
}

#[tokio::test(start_paused = true)]
async fn a_prober_that_crashed_is_followed_by_another() {
    let (bench, made) = (Bench::new().await, Cell::new(0));
    opened(&bench).await;
    sleep(10).await;
    let crashed = circuit(&bench.world);
    let crashed = crashed.call(async {
        sleep(60).await;
        Ok(())
    });
    assert!(tokio::time::timeout(Duration::from_secs(1), crashed).await.is_err());
    let other = bench.another_environment();
    let refused = answers(&other, &made).await.unwrap_err();
    assert_eq!(after(&refused).as_secs(), 31, "the probe may take 30 s, and two for the clocks");
    sleep(32).await;
    answers(&other, &made).await.unwrap();
    assert_eq!((made.get(), status(&bench).await.as_str()), (1, "closed"));
}

/// ```text
///   A ── call ……………………………………………… ✗ ── count ✗ closed since
///            open ── probe ✓ ── closed
/// ```
#[tokio::test(start_paused = true)]
async fn a_failure_of_a_call_that_began_before_it_closed_does_not_count() {
    let (bench, made) = (Bench::new().await, Cell::new(0));
    let others = bench.another_environment();
    let old = circuit(&bench.world);
    let old = old.call(async {
        sleep(30).await;
        Err::<(), _>(away())
    });
    let meanwhile = async {
        for _ in 0..3 {
            fails(&others).await;
        }
        sleep(10).await;
        answers(&others, &made).await.unwrap();
    };
    let (old, ()) = futures::join!(old, meanwhile);
    assert!(old.unwrap_err().counts_as_attempt());
    assert_eq!(row(&bench).await["failures"]["N"], "0");
}

/// What is not known does not stop the work: the call is made, and what it says is lost.
#[tokio::test(start_paused = true)]
async fn where_the_row_cannot_be_reached_calls_are_made() {
    let (bench, made) = (Bench::new().await, Cell::new(0));
    bench.wire.next(1, "GetItem", Act::Unreachable);
    answers(&bench.world, &made).await.unwrap();
    bench.wire.next(10, "UpdateItem", error("ProvisionedThroughputExceededException"));
    for _ in 0..10 {
        assert!(fails(&bench.world).await.counts_as_attempt());
    }
    assert_eq!((made.get(), row(&bench).await), (1, Value::Null));

    // Open, and the probe cannot be claimed: the call is made as well.
    opened(&bench).await;
    sleep(10).await;
    bench.wire.next(3, "UpdateItem", Act::Unreachable);
    answers(&bench.world, &made).await.unwrap();
    assert_eq!((made.get(), status(&bench).await.as_str()), (2, "open"));
}

/// ```text
///   claim ✓ ─ ✗ answer ─ claim again, same owner ✓ ─ call ✓ ─ close ✓ ─ ✗ answer ─ close again: mine
/// ```
#[tokio::test(start_paused = true)]
async fn a_change_whose_answer_was_lost_is_known_as_ones_own() {
    let (bench, made) = (Bench::new().await, Cell::new(0));
    opened(&bench).await;
    sleep(10).await;
    bench.wire.next(1, "UpdateItem", Act::LoseAnswer);
    let call = async {
        bench.wire.next(1, "UpdateItem", Act::LoseAnswer);
        Ok(())
    };
    circuit(&bench.world).call(call).await.unwrap();
    assert_eq!(stages(&bench), [Stage::CircuitOpened, Stage::CircuitHalfOpen, Stage::CircuitClosed]);
    answers(&bench.world, &made).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn once_makes_no_call_behind_an_open_circuit_but_answers_what_was_done() {
    let bench = Bench::new().await;
    let once = || Once::new(&bench.world, "charge-payment").behind(&circuit(&bench.world));
    once().call("done", async |_| Ok("pay_1".to_owned())).await.unwrap();
    for n in 0..2 {
        let failing = once().call::<String, _>(&format!("n-{n}"), async |_| Err(away())).await;
        assert!(failing.unwrap_err().counts_as_attempt());
    }
    assert_eq!(status(&bench).await, "closed", "two failures of three calls");
    let failing = once().call::<String, _>("n-3", async |_| Err(away())).await;
    assert!(!failing.unwrap_err().counts_as_attempt());

    let writes = bench.wire.calls("UpdateItem").len();
    let refused = once().call::<String, _>("new", async |_| panic!("it is called")).await.unwrap_err();
    assert_eq!(refused.code(), "circuit_open");
    assert_eq!(once().call::<String, _>("done", async |_| panic!("it is called")).await.unwrap(), "pay_1");
    assert_eq!(bench.wire.calls("UpdateItem").len(), writes, "a refusal takes no lease");
}

/// Whoever may probe finds that its call was made before: the probe is the next one's.
#[tokio::test(start_paused = true)]
async fn a_probe_that_was_not_needed_is_given_back() {
    let (bench, made) = (Bench::new().await, Cell::new(0));
    let once = || Once::new(&bench.world, "charge-payment").behind(&circuit(&bench.world));
    once().call("done", async |_| Ok(1)).await.unwrap();
    opened(&bench).await;
    sleep(10).await;
    assert_eq!(once().call("done", async |_| Ok(2)).await.unwrap(), 1);
    assert_eq!(status(&bench).await, "open");
    answers(&bench.world, &made).await.unwrap();
    assert_eq!((made.get(), status(&bench).await.as_str()), (1, "closed"));
}

#[tokio::test(start_paused = true)]
async fn without_a_breaker_every_call_is_made() {
    let bench = Bench::new().await;
    let circuit = Circuit::without_breaker(&bench.world, "f");
    for _ in 0..10 {
        assert!(circuit.call(async { Err::<(), _>(away()) }).await.unwrap_err().counts_as_attempt());
    }
    assert!(bench.wire.calls("UpdateItem").is_empty() && bench.wire.calls("GetItem").is_empty());
}
