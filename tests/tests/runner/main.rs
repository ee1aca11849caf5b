//! The batch runner against the local cloud's queues and tables, on virtual time.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    unreachable_pub,
    reason = "a failed test panics, and its support is for this crate"
)]

mod away;
mod mutations;
mod outage;
mod redelivery;
mod sequence;
mod support;
mod waits;

use std::time::Duration;

use serde_json::json;
use support::{Bells, Bench, Rung};
use throughline_effects::{Effects, Failure};
use throughline_envelope::Event;
use throughline_runtime::{Function, State};

async fn ring(bells: State<Bells>, event: Event<Rung>) -> Result<Effects, Failure> {
    match event.data.bell.as_str() {
        "cracked" => Err(Failure::permanent("cracked", "the bell is cracked")),
        "stuck" => Err(Failure::transient("stuck", "the bell is stuck")),
        "heavy" => {
            tokio::time::sleep(Duration::from_secs(60)).await;
            Ok(Effects::new())
        }
        "booby-trapped" => panic!("boom"),
        bell => Ok(Effects::new().write(bells.table.update(bell).add("rings", 1))),
    }
}

fn function() -> Function {
    Function::queue("ring", ring)
}

const LONG: Duration = Duration::from_secs(30);

#[tokio::test(start_paused = true)]
async fn one_bad_record_never_fails_its_neighbours() {
    let bench = Bench::new(false).await;
    let events: Vec<_> =
        ["front", "cracked", "stuck", "booby-trapped", "heavy", "back"].map(|bell| bench.event(bell)).into();
    let mut bodies: Vec<_> = events.iter().map(|event| (wire(event), None)).collect();
    bodies.push(("not json".to_owned(), None));
    let batch = bench.deliver(&bodies).await;

    let mut failed = bench.run(&function(), &batch, LONG).await;
    failed.sort_unstable();

    assert_eq!(failed, [2, 3, 4], "transient failures, a panic and a slow record come again, alone");
    assert_eq!((bench.rings("front").await, bench.rings("back").await), (1, 1));
    assert_eq!(bench.stages(events[0].id.as_str()), ["received", "handled"]);
    assert_eq!(bench.stages(events[1].id.as_str()), ["received", "failed", "parked"]);
    assert_eq!(bench.stages(events[2].id.as_str()), ["received", "retrying"]);
    let mut letters = bench.dead_letters().await;
    letters.sort_by_key(|(body, _)| body.clone());
    assert_eq!(letters.len(), 2);
    assert_eq!(letters[0].0, "not json");
    assert_eq!(letters[0].1["class"], "poison");
    assert_eq!(letters[1].1["code"], "cracked");
    assert_eq!(letters[1].1["correlation_id"], events[1].correlation_id.as_str());
}

#[tokio::test(start_paused = true)]
async fn the_same_event_has_one_effect_however_often_it_comes() {
    let bench = Bench::new(false).await;
    let event = bench.event("front");
    let batch = bench.deliver(&[(wire(&event), None), (wire(&event), None), (wire(&event), None)]).await;
    assert!(bench.run(&function(), &batch, LONG).await.is_empty());
    assert_eq!(bench.rings("front").await, 1);
    let stages = bench.stages(event.id.as_str());
    assert_eq!(stages.iter().filter(|stage| *stage == "duplicate").count(), 2, "{stages:?}");

    let mut other = event.clone();
    other.data.bell = "back".into();
    let batch = bench.deliver(&[(wire(&other), None)]).await;
    bench.run(&function(), &batch, LONG).await;
    let letters = bench.dead_letters().await;
    assert_eq!(letters[0].1["code"], "key_reused", "the same id with other data is refused, not answered");
    assert_eq!(bench.rings("back").await, 0);
}

#[tokio::test(start_paused = true)]
async fn a_message_that_keeps_failing_is_parked_with_its_attempts() {
    let bench = Bench::new(false).await;
    let event = bench.event("stuck");
    let mut batch = bench.deliver(&[(wire(&event), None)]).await;
    for attempt in 1..=3 {
        assert_eq!(batch["Records"].as_array().unwrap().len(), 1, "attempt {attempt}");
        let failed = bench.run(&function().max_attempts(3), &batch, LONG).await;
        assert_eq!(failed.is_empty(), attempt == 3);
        tokio::time::sleep(Duration::from_secs(5)).await;
        batch = bench.batch().await;
    }
    let letters = bench.dead_letters().await;
    assert_eq!((&letters[0].1["class"], &letters[0].1["code"]), (&json!("exhausted"), &json!("stuck")));
    assert_eq!(letters[0].1["attempt"], 3);
}

#[tokio::test(start_paused = true)]
async fn in_a_fifo_queue_a_failed_record_holds_back_its_own_group_only() {
    let bench = Bench::new(true).await;
    let bells = ["stuck", "front", "back", "cracked", "side"];
    let groups = ["a", "a", "b", "c", "c"];
    let events: Vec<_> = bells.map(|bell| bench.event(bell)).into();
    let bodies: Vec<_> = events.iter().zip(groups).map(|(event, group)| (wire(event), Some(group))).collect();
    let batch = bench.deliver(&bodies).await;

    let failed = bench.run(&function(), &batch, LONG).await;

    let ids: Vec<&str> =
        failed.iter().map(|index| batch["Records"][*index]["attributes"]["MessageGroupId"].as_str().unwrap()).collect();
    assert_eq!(ids, ["a", "a"], "b goes on, and c goes on behind its parked record");
    assert_eq!(bench.stages(events[1].id.as_str()), ["handed_back"]);
    assert_eq!((bench.rings("front").await, bench.rings("back").await, bench.rings("side").await), (0, 1, 1));
    assert_eq!(bench.dead_letters().await[0].1["code"], "cracked");
}

/// The mutation of the hold-back: records come one by one instead of as a batch, so that none knows of the one before it.
#[tokio::test(start_paused = true)]
async fn without_the_hold_back_a_record_overtakes_the_one_before_it() {
    for (one_by_one, rung) in [(false, 0), (true, 1)] {
        let bench = Bench::new(true).await;
        let bodies = ["stuck", "front"].map(|bell| (wire(&bench.event(bell)), Some("a")));
        let batch = bench.deliver(&bodies).await;
        let records = batch["Records"].as_array().unwrap().clone();
        let batches = if one_by_one {
            records.into_iter().map(|record| json!({ "Records": [record] })).collect()
        } else {
            vec![batch]
        };
        for batch in &batches {
            bench.run(&function(), batch, LONG).await;
        }
        assert_eq!(bench.rings("front").await, rung, "one by one: {one_by_one}");
    }
}

#[tokio::test(start_paused = true)]
async fn records_not_started_near_the_deadline_are_handed_back_without_an_attempt() {
    let bench = Bench::new(false).await;
    let event = bench.event("front");
    let batch = bench.deliver(&[(wire(&event), None)]).await;
    assert_eq!(bench.run(&function().max_attempts(1), &batch, Duration::from_millis(200)).await, [0]);
    assert_eq!(bench.stages(event.id.as_str()), ["handed_back"]);
    let again = bench.batch().await;
    assert_eq!(again["Records"].as_array().unwrap().len(), 1, "it is visible at once");
    assert!(bench.run(&function().max_attempts(1), &again, LONG).await.is_empty());
    assert_eq!(bench.rings("front").await, 1);
}

#[tokio::test(start_paused = true)]
async fn an_effect_that_was_not_announced_is_refused() {
    async fn other_table(event: Event<Rung>) -> Result<Effects, Failure> {
        let table = throughline_effects::Tables::offline().table::<support::Bell>();
        Ok(Effects::new().write(table.update(event.data.bell).add("rings", 1)))
    }
    let bench = Bench::new(false).await;
    let batch = bench.deliver(&[(wire(&bench.event("front")), None)]).await;
    bench.run(&Function::queue("ring", other_table), &batch, LONG).await;
    let letters = bench.dead_letters().await;
    assert_eq!(letters[0].1["code"], "undeclared_effect");
}

fn wire(event: &Event<Rung>) -> String {
    event.clone().map(|data| serde_json::to_value(data).unwrap()).to_json().to_string()
}
