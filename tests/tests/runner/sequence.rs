//! Ordered events: by their sequence, and parked in sequence.

use std::time::Duration;

use serde_json::{Value, json};
use throughline_effects::{Effects, Failure, FailureExt as _, Once, ParkedKey, ParkedKeys, Write};
use throughline_envelope::Event;
use throughline_runtime::{Function, State};
use throughline_sandbox::Service;

use crate::support::{Bells, Bench, Rung};
use crate::wire;

const LONG: Duration = Duration::from_secs(30);

/// Rings the bell of the event's key in its turn; a cracked one not before the mender has come.
async fn in_turn(bells: State<Bells>, event: Event<Rung>) -> Result<Effects, Failure> {
    let key = event.partition_key.clone().permanent("no_key")?;
    if event.data.bell == "cracked" {
        bells.table.get("mender").await?.permanent("cracked")?;
    }
    let sequence = event.sequence.permanent("no_sequence")?;
    Ok(Effects::new().write(Write::from(bells.table.update(key).add("rings", 1)).in_order(sequence)))
}

fn in_sequence() -> Function {
    Function::queue("ring", in_turn).parks_in_sequence()
}

fn event(bench: &Bench, bell: &str, key: &str, sequence: u64) -> Event<Rung> {
    bench.event(bell).ordered(key, sequence)
}

/// What Lambda does with one batch: calls the function, then acknowledges what it does not report. Answers how many it was given.
async fn turn(bench: &Bench, function: &Function) -> usize {
    let batch = bench.batch().await;
    acknowledge(bench, function, &batch).await
}

async fn acknowledge(bench: &Bench, function: &Function, batch: &Value) -> usize {
    let failed = bench.run(function, batch, LONG).await;
    let records = batch["Records"].as_array().unwrap();
    for (index, record) in records.iter().enumerate() {
        if !failed.contains(&index) {
            let input = json!({ "QueueUrl": bench.queue, "ReceiptHandle": record["receiptHandle"] });
            bench.cloud.call(Service::Sqs, "DeleteMessage", input).await.unwrap();
        }
    }
    records.len()
}

async fn send(bench: &Bench, events: &[Event<Rung>]) {
    let bodies: Vec<_> = events.iter().map(|event| (wire(event), event.partition_key.as_deref())).collect();
    bench.send_all(&bodies).await;
}

/// Code, event and whom it waits for, of what lies in the dead-letter queue.
async fn letters(bench: &Bench) -> Vec<(String, String, Option<String>)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let all = bench.dead_letters().await;
    all.iter()
        .map(|(_, reason)| {
            (text(&reason["code"]), text(&reason["event_id"]), reason["waits_for"].as_str().map(str::to_owned))
        })
        .collect()
}

#[tokio::test(start_paused = true)]
async fn later_events_of_a_parked_key_wait_behind_it() {
    let bench = Bench::new(true).await;
    let [one, two, three] = [(1, "front"), (2, "cracked"), (3, "front")].map(|(n, bell)| event(&bench, bell, "a", n));
    let other = event(&bench, "front", "b", 1);
    send(&bench, &[one.clone(), two.clone(), three.clone(), other]).await;

    assert_eq!(turn(&bench, &in_sequence()).await, 4);

    assert_eq!((bench.rings("a").await, bench.rings("b").await), (1, 1), "another key goes on");
    let head = two.id.to_string();
    let expected = [("cracked".into(), head.clone(), None), ("waits_behind".into(), three.id.to_string(), Some(head))];
    assert_eq!(letters(&bench).await, expected);
    assert_eq!(bench.stages(two.id.as_str()), ["received", "failed", "parked"]);
    assert_eq!(bench.stages(three.id.as_str()), ["received", "parked"]);

    let late = event(&bench, "front", "a", 4);
    send(&bench, std::slice::from_ref(&late)).await;
    turn(&bench, &in_sequence()).await;
    assert_eq!(bench.stages(late.id.as_str()), ["received", "parked"], "in a batch of its own as well");
    assert_eq!(bench.rings("a").await, 1);
}

#[tokio::test(start_paused = true)]
async fn unless_the_function_says_so_nothing_waits() {
    let bench = Bench::new(true).await;
    let function = Function::queue("ring", crate::ring);
    send(&bench, &[event(&bench, "cracked", "a", 1), event(&bench, "front", "a", 2)]).await;
    turn(&bench, &function).await;
    assert_eq!(bench.rings("front").await, 1);
    assert_eq!(letters(&bench).await.len(), 1);
    assert!(!function.describe().parks_in_sequence && in_sequence().describe().parks_in_sequence);
}

#[tokio::test(start_paused = true)]
async fn what_is_not_an_event_parks_its_group_too() {
    let bench = Bench::new(true).await;
    let next = event(&bench, "front", "a", 1);
    bench.send_all(&[("not json".to_owned(), Some("a")), (wire(&next), Some("a"))]).await;
    turn(&bench, &in_sequence()).await;
    let codes: Vec<_> = letters(&bench).await.into_iter().map(|(code, ..)| code).collect();
    assert_eq!(codes, ["not_json", "waits_behind"]);
    assert_eq!(bench.rings("a").await, 0);
}

#[tokio::test(start_paused = true)]
async fn a_crash_between_parking_and_acknowledging_parks_nothing_twice() {
    let bench = Bench::new(true).await;
    let [one, two] = [event(&bench, "cracked", "a", 1), event(&bench, "front", "a", 2)];
    send(&bench, &[one.clone(), two.clone()]).await;
    let batch = bench.batch().await;
    bench.run(&in_sequence(), &batch, LONG).await;
    // The mender comes, and the answer to the batch is lost: all of it comes again.
    bench.put_bell("mender").await;
    tokio::time::sleep(Duration::from_secs(61)).await;
    assert_eq!(turn(&bench, &in_sequence()).await, 2);

    assert_eq!(turn(&bench, &in_sequence()).await, 0);
    assert_eq!(bench.rings("a").await, 0, "it was parked: only a redrive lets it go");
    let said = letters(&bench).await;
    assert_eq!(said.iter().map(|(code, ..)| code.as_str()).collect::<Vec<_>>(), ["cracked", "waits_behind"]);
}

#[tokio::test(start_paused = true)]
async fn a_message_that_could_not_be_parked_holds_back_its_group_and_is_parked_later() {
    let bench = Bench::new(true).await;
    let [one, two] = [event(&bench, "cracked", "a", 1), event(&bench, "front", "a", 2)];
    send(&bench, &[one.clone(), two.clone()]).await;
    bench.cloud.call(Service::Sqs, "DeleteQueue", json!({ "QueueUrl": bench.dead })).await.unwrap();
    assert_eq!(turn(&bench, &in_sequence()).await, 2);
    assert_eq!(bench.stages(two.id.as_str()), ["handed_back"]);

    tokio::time::sleep(Duration::from_secs(61)).await;
    bench.create_dead_letter_queue().await;
    assert_eq!(turn(&bench, &in_sequence()).await, 2);
    let expected = [
        ("cracked".to_owned(), one.id.to_string(), None),
        ("waits_behind".into(), two.id.to_string(), Some(one.id.to_string())),
    ];
    assert_eq!(letters(&bench).await, expected);
}

#[tokio::test(start_paused = true)]
async fn the_same_event_in_another_message_is_a_duplicate_of_the_one_that_is_parked() {
    let bench = Bench::new(true).await;
    let [one, two] = [event(&bench, "cracked", "a", 1), event(&bench, "front", "a", 2)];
    for _ in 0..2 {
        send(&bench, &[one.clone(), two.clone()]).await;
        turn(&bench, &in_sequence()).await;
    }
    assert_eq!(letters(&bench).await.len(), 2);
    assert_eq!(bench.stages(one.id.as_str()).last().unwrap(), "duplicate");
    assert_eq!(bench.stages(two.id.as_str()).last().unwrap(), "duplicate");
}

#[tokio::test(start_paused = true)]
async fn two_environments_agree_which_event_a_key_is_parked_for() {
    let bench = Bench::new(true).await;
    let events = [1, 2, 3].map(|n| event(&bench, "cracked", "a", n));
    let bodies = events.clone().map(|event| (wire(&event), Some("a")));
    let batches = futures::future::join_all(bodies.iter().map(|body| bench.as_batch(body))).await;
    // Each environment was given one of them: what a queue does when a visibility timeout ran out too early.
    let function = in_sequence();
    futures::future::join_all(batches.iter().map(|batch| bench.run(&function, batch, LONG))).await;

    let said = letters(&bench).await;
    assert_eq!(said.len(), 3);
    let parked = ParkedKeys::of(&bench.world).unwrap().look(&ParkedKey::new("ring", "a")).await.unwrap().unwrap();
    assert_eq!(parked.in_order().iter().map(|entry| entry.sequence).collect::<Vec<_>>(), [Some(1), Some(2), Some(3)]);
    assert_eq!(parked.head.unwrap().sequence, Some(1), "whoever was first, the earliest is ahead in the end");
}

#[tokio::test(start_paused = true)]
async fn a_function_that_acts_outside_is_not_called_out_of_turn() {
    async fn act(bells: State<Bells>, _once: Once, event: Event<Rung>) -> Result<Effects, Failure> {
        match event.data.bell.as_str() {
            "cracked" => Err(Failure::permanent("cracked", "it is cracked")),
            _ => panic!("the handler was called for {:?}", bells.table),
        }
    }
    let bench = Bench::new(true).await;
    let function = Function::queue("ring", act).parks_in_sequence();
    send(&bench, &[event(&bench, "cracked", "a", 1), event(&bench, "front", "a", 2)]).await;
    assert_eq!(turn(&bench, &function).await, 2);
    let codes: Vec<_> = letters(&bench).await.into_iter().map(|(code, ..)| code).collect();
    assert_eq!(codes, ["cracked", "waits_behind"]);
}

#[tokio::test(start_paused = true)]
async fn an_event_that_stands_ahead_of_its_predecessor_is_handled_after_it() {
    let bench = Bench::new(true).await;
    let function = Function::queue("ring", in_turn);
    let [one, two, three] = [1, 2, 3].map(|n| event(&bench, "front", "a", n));
    send(&bench, std::slice::from_ref(&three)).await;
    assert_eq!(turn(&bench, &function).await, 1);
    assert_eq!(bench.stages(three.id.as_str()), ["received", "retrying"]);
    send(&bench, &[two, one]).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(turn(&bench, &function).await, 3);
    assert_eq!(bench.rings("a").await, 3);
}

#[tokio::test(start_paused = true)]
async fn a_gap_waits_by_time_and_not_by_attempts() {
    let bench = Bench::new(true).await;
    let function = Function::queue("ring", in_turn).max_attempts(2).gap_patience(Duration::from_secs(600));
    let three = event(&bench, "front", "a", 3);
    send(&bench, std::slice::from_ref(&three)).await;
    let begun = tokio::time::Instant::now();
    let mut deliveries = 0;
    while bench.stages(three.id.as_str()).last().is_none_or(|stage| stage != "parked") {
        deliveries += turn(&bench, &function).await;
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    let took = begun.elapsed().as_secs();
    assert!((600..640).contains(&took), "parked after {took} s");
    assert!((10..80).contains(&deliveries), "{deliveries} deliveries, with a maxReceiveCount of 100");
    let (_, reason) = bench.dead_letters().await.remove(0);
    assert_eq!((&reason["class"], &reason["code"]), (&json!("exhausted"), &json!("gap")));
    let cause = "bells/a is at 0, the event is 3: it waits for 1; it did not come within 600 s";
    assert_eq!(reason["cause"], cause);
}

#[tokio::test(start_paused = true)]
async fn what_was_missing_passes_those_that_were_parked_for_it() {
    let bench = Bench::new(true).await;
    let function = in_sequence().gap_patience(Duration::ZERO);
    let [one, two, three] = [1, 2, 3].map(|n| event(&bench, "front", "a", n));
    send(&bench, &[two.clone(), three.clone()]).await;
    turn(&bench, &function).await;
    let codes: Vec<_> = letters(&bench).await.into_iter().map(|(code, ..)| code).collect();
    assert_eq!(codes, ["gap", "waits_behind"]);
    send(&bench, std::slice::from_ref(&one)).await;
    turn(&bench, &function).await;
    assert_eq!(bench.stages(one.id.as_str()), ["received", "handled"]);
}
