//! Guarantees that the simulation of whole workflows has no story for, taken away on the wire: each story ends otherwise.
//! `docs/simulation.md` lists all mutations.

use std::cell::Cell;
use std::time::Duration;

use serde_json::{Value, json};
use throughline_envelope::RawEvent;

use super::bench::{Bench, RETENTION};
use super::circuit::{circuit, fails, opened, status};
use super::once::{KEY, charge, once, slow};
use super::wire::Mutation;
use crate::{Effects, Failure, Outcome};

/// What becomes of a call: its result, or the failure's code.
type End = Result<String, String>;

async fn mutated(mutation: Option<Mutation>) -> Bench {
    let bench = Bench::new().await;
    bench.wire.mutate(mutation);
    bench
}

fn end(result: Result<String, Failure>) -> End {
    result.map_err(|failure| failure.code().to_owned())
}

async fn after<T>(seconds: u64, work: impl Future<Output = T>) -> T {
    tokio::time::sleep(Duration::from_secs(seconds)).await;
    work.await
}

/// The condition of updates that begin like this always holds.
fn always(operation: &str, body: &mut Value, update: &str) {
    let text = |member: &str| body[member].as_str().unwrap_or_default().to_owned();
    if operation == "UpdateItem" && text("UpdateExpression").starts_with(update) {
        body["ConditionExpression"] =
            json!(format!("({}) OR attribute_not_exists(nobody)", text("ConditionExpression")));
    }
}

/// A holder ends after its lease has passed to another, which has stored its result; a third asks.
async fn late_result(mutation: Option<Mutation>) -> [End; 3] {
    let (bench, calls) = (mutated(mutation).await, Cell::new(0));
    let (late, second) = futures::join!(slow(&bench, 40, "pay_1"), after(33, charge(&bench, &calls, "pay_2")));
    [end(late), end(second), end(charge(&bench, &calls, "pay_3").await)]
}

#[tokio::test(start_paused = true)]
async fn without_the_fence_a_late_holder_overwrites_the_result() {
    let kept = || Ok("pay_2".to_owned());
    assert_eq!(late_result(None).await, [kept(), kept(), kept()]);
    let unfenced = Mutation::Request(|operation, body| always(operation, body, "SET #status = :done"));
    assert_eq!(late_result(Some(unfenced)).await, [Ok("pay_1".to_owned()), kept(), Ok("pay_1".to_owned())]);
}

/// A holder fails after its lease has passed to another, which is still at work; a third asks.
async fn late_failure(mutation: Option<Mutation>) -> End {
    let (bench, calls) = (mutated(mutation).await, Cell::new(0));
    let failing = async |_: String| {
        tokio::time::sleep(Duration::from_secs(40)).await;
        Err::<String, _>(Failure::transient("outside_timeout", "no answer"))
    };
    let first = once(&bench);
    let third = after(42, charge(&bench, &calls, "pay_3"));
    let (_, _, third) = futures::join!(first.call(KEY, failing), after(33, slow(&bench, 20, "pay_2")), third);
    end(third)
}

#[tokio::test(start_paused = true)]
async fn without_the_fence_a_late_failure_lets_two_call_at_once() {
    assert_eq!(late_failure(None).await, Err("held_elsewhere".to_owned()));
    let unfenced = Mutation::Request(|operation, body| always(operation, body, "SET #status = :free"));
    assert_eq!(late_failure(Some(unfenced)).await, Ok("pay_3".to_owned()));
}

/// Two call at once; how often the second one does.
async fn two_at_once(mutation: Option<Mutation>) -> u32 {
    let (bench, calls) = (mutated(mutation).await, Cell::new(0));
    let second = async {
        tokio::time::sleep(Duration::from_millis(10)).await;
        charge(&bench, &calls, "pay_2").await
    };
    let _ = futures::join!(slow(&bench, 1, "pay_1"), second);
    calls.get()
}

#[tokio::test(start_paused = true)]
async fn without_the_lease_two_call_at_once() {
    assert_eq!(two_at_once(None).await, 0);
    let free = Mutation::Request(|operation, body| always(operation, body, "SET #status = :held"));
    assert_eq!(two_at_once(Some(free)).await, 1);
}

/// An event comes again when its record has expired; the table has not deleted it yet.
async fn comes_again_after_its_retention(mutation: Option<Mutation>) -> Outcome {
    let bench = mutated(mutation).await;
    let event = bench.event();
    bench.commit(&event, &Effects::new()).await.unwrap();
    tokio::time::advance(RETENTION + Duration::from_secs(1)).await;
    bench.commit(&event, &Effects::new()).await.unwrap().outcome
}

#[tokio::test(start_paused = true)]
async fn without_the_expiry_in_the_condition_a_record_counts_until_it_is_deleted() {
    assert_eq!(comes_again_after_its_retention(None).await, Outcome::Handled);
    let unjudged = Mutation::Request(|operation, body| {
        if operation == "TransactWriteItems" {
            body["TransactItems"][0]["Put"]["ExpressionAttributeValues"][":now"] = json!({ "N": "0" });
        }
    });
    assert_eq!(comes_again_after_its_retention(Some(unjudged)).await, Outcome::Duplicate);
}

/// A key is used again with other data.
async fn key_is_reused(mutation: Option<Mutation>) -> Result<Outcome, String> {
    let bench = mutated(mutation).await;
    let event = bench.event();
    bench.commit(&event, &Effects::new().respond("the first")).await.unwrap();
    let other = RawEvent { data: json!({ "order_id": "o-2" }), ..event };
    let committed = bench.commit(&other, &Effects::new()).await;
    committed.map(|committed| committed.outcome).map_err(|failure| failure.code().to_owned())
}

#[tokio::test(start_paused = true)]
async fn without_the_fingerprint_other_data_is_answered_with_the_first_response() {
    assert_eq!(key_is_reused(None).await, Err("key_reused".to_owned()));
    let blind = Mutation::Answer(|request, answer| {
        if let Some(found) = answer.pointer_mut("/CancellationReasons/0/Item/fingerprint") {
            *found = request["TransactItems"][0]["Put"]["Item"]["fingerprint"].clone();
        }
    });
    assert_eq!(key_is_reused(Some(blind)).await, Ok(Outcome::Duplicate));
}

/// The second change of a view comes before the first.
async fn comes_too_early(mutation: Option<Mutation>) -> Result<Outcome, String> {
    let bench = mutated(mutation).await;
    let effects = Effects::new().write(bench.shop.show("o-1", 2, "completed"));
    let committed = bench.commit(&bench.event(), &effects).await;
    committed.map(|committed| committed.outcome).map_err(|failure| failure.code().to_owned())
}

#[tokio::test(start_paused = true)]
async fn without_the_sequence_in_the_condition_a_change_is_made_before_the_one_that_it_follows() {
    assert_eq!(comes_too_early(None).await, Err("gap".to_owned()));
    let unordered = Mutation::Request(|_, body| {
        if let Some(Value::String(condition)) = body.pointer_mut("/TransactItems/1/Update/ConditionExpression") {
            *condition = format!("({condition}) OR attribute_not_exists(nobody)");
        }
    });
    assert_eq!(comes_too_early(Some(unordered)).await, Ok(Outcome::Handled));
}

/// A probe succeeds after its time was over and another one has found the party still away: what the breaker says then.
async fn late_probe(mutation: Option<Mutation>) -> String {
    let bench = mutated(mutation).await;
    opened(&bench).await;
    let other = bench.another_environment();
    let late = circuit(&bench.world);
    let late = after(10, late.call(after(50, async { Ok(()) })));
    let (late, _) = futures::join!(late, after(43, fails(&other)));
    late.unwrap();
    status(&bench).await
}

#[tokio::test(start_paused = true)]
async fn without_the_fence_a_late_probe_closes_what_another_found_open() {
    assert_eq!(late_probe(None).await, "open");
    let unfenced = Mutation::Request(|operation, body| always(operation, body, "SET #status = :closed"));
    assert_eq!(late_probe(Some(unfenced)).await, "closed");
}
