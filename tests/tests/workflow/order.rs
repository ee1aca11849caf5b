//! Order by sequence: gaps, and a view that is not built on past a change that was parked.

use std::time::Duration;

use serde_json::{Value, json};
use throughline_effects::ParkedKey;
use throughline_journal::Left;
use throughline_tests::{Stack, change, stories};

stories! {
    in_process: "it redrives or takes a quarter of an hour, which only virtual time makes short",
    a_parked_change_is_redriven_and_those_behind_it_follow_in_order,
    what_comes_while_a_key_drains_does_not_overtake,
    a_change_that_fails_again_keeps_the_rest_waiting,
    a_redrive_that_was_interrupted_is_given_again,
    a_change_that_is_left_out_is_gone_on_from,
    a_change_that_is_left_out_before_the_next_one_comes_is_gone_on_from,
    a_gap_that_nothing_fills_is_parked_with_what_is_missing,
}

const ORDER: &str = "ord_sample";
const MINUTE: Duration = Duration::from_secs(60);

fn key() -> ParkedKey {
    ParkedKey::new("project-order", ORDER)
}

async fn send(stack: &Stack, sequences: impl IntoIterator<Item = u64>) {
    for sequence in sequences {
        stack.when_ordered(&change(sequence), ORDER).await;
    }
}

/// The view as its first change makes it, with a history that can or cannot be added to.
async fn given_view(stack: &Stack, history: Value) {
    let view = json!({ "order_id": ORDER, "version": 1, "status": "placed", "history": history });
    stack.given_item("order-views", &view).await;
}

/// A view that cannot be built on, and changes 2 to 4.
async fn given_parked(stack: &Stack) {
    given_view(stack, json!("broken")).await;
    send(stack, 2..=4).await;
    stack.settle().await;
}

fn first() -> Value {
    json!([{ "sequence": 1, "status": "placed", "at": "2026-11-24T10:00:00Z" }])
}

async fn then_history(stack: &Stack, sequences: &[u64]) {
    let view = stack.row_of("order-views", ORDER).await;
    let found: Vec<_> =
        view["history"].as_array().unwrap().iter().map(|one| one["sequence"].as_u64().unwrap()).collect();
    assert_eq!(found, sequences, "{view}");
    assert_eq!(view["version"], *sequences.last().unwrap());
}

/// The failures of a status: code, sequence, and the event that is waited for.
async fn failures(stack: &Stack, status: &str) -> Vec<(String, u64, Value)> {
    let rows = stack.rows_where("failures", "status", status).await;
    let mut found: Vec<_> = rows
        .iter()
        .map(|row| {
            (row["code"].as_str().unwrap().to_owned(), row["sequence"].as_u64().unwrap(), row["waits_for"].clone())
        })
        .collect();
    found.sort_by_key(|(_, sequence, _)| *sequence);
    found
}

async fn then_nothing_is_parked(stack: &Stack) {
    assert_eq!(failures(stack, "open").await, []);
    let rows = stack.rows("idempotency").await;
    let parked: Vec<_> = rows.iter().filter(|row| row["key"].as_str().unwrap().starts_with("parked|")).collect();
    assert!(parked.is_empty(), "{parked:?}");
    stack.then_queues_are_empty().await;
}

async fn a_parked_change_is_redriven_and_those_behind_it_follow_in_order() {
    let stack = Stack::start().await;
    given_parked(&stack).await;
    let head = change(2)["id"].clone();
    let expected = [
        ("write_refused".to_owned(), 2, Value::Null),
        ("waits_behind".into(), 3, head.clone()),
        ("waits_behind".into(), 4, head),
    ];
    assert_eq!(failures(&stack, "open").await, expected);
    let row = stack.rows_where("failures", "code", "write_refused").await.remove(0);
    assert_eq!((&row["parked_key"], &row["function"]), (&json!(ORDER), &json!("project-order")));
    assert!(row["expires_at"].is_null(), "what is open does not expire");

    given_view(&stack, first()).await;
    let drained = stack.redriver().drain(&key(), MINUTE).await.unwrap();
    stack.settle().await;

    assert_eq!((drained.sent.len(), drained.left), (3, None));
    then_history(&stack, &[1, 2, 3, 4]).await;
    assert_eq!(failures(&stack, "redriven").await.len(), 3);
    assert!(stack.rows_where("failures", "status", "redriven").await.iter().all(|row| row["expires_at"].is_u64()));
    then_nothing_is_parked(&stack).await;
    send(&stack, [5]).await;
    stack.settle().await;
    then_history(&stack, &[1, 2, 3, 4, 5]).await;
}

async fn what_comes_while_a_key_drains_does_not_overtake() {
    let stack = Stack::start().await;
    given_parked(&stack).await;
    given_view(&stack, first()).await;
    // In the queue before the redriven ones, and between them.
    send(&stack, [5]).await;
    let late = async {
        for sequence in 6..=9 {
            tokio::time::sleep(Duration::from_millis(230)).await;
            send(&stack, [sequence]).await;
        }
    };
    let (redriver, key) = (stack.redriver(), key());
    let (drained, ()) = futures::join!(redriver.drain(&key, MINUTE), late);
    assert_eq!(drained.unwrap().left, None);
    stack.settle().await;

    then_history(&stack, &[1, 2, 3, 4, 5, 6, 7, 8, 9]).await;
    then_nothing_is_parked(&stack).await;
}

async fn a_change_that_fails_again_keeps_the_rest_waiting() {
    let stack = Stack::start().await;
    given_parked(&stack).await;

    let drained = stack.redriver().drain(&key(), MINUTE).await.unwrap();
    stack.settle().await;

    let failed_again = |left: &Left| if let Left::FailedAgain(id) = left { Some(id.clone()) } else { None };
    let again = drained.left.as_ref().and_then(failed_again).unwrap();
    assert_eq!((drained.sent.len(), drained.waiting), (1, 2));
    let row = stack.rows_where("failures", "failure_id", &again).await.remove(0);
    assert_eq!((&row["redrives"], &row["redrive_of"]), (&json!(1), &json!(drained.sent[0])));
    let open: Vec<_> = failures(&stack, "open").await.into_iter().map(|(code, sequence, _)| (code, sequence)).collect();
    let expected = [("write_refused".to_owned(), 2), ("waits_behind".into(), 3), ("waits_behind".into(), 4)];
    assert_eq!(open, expected);

    given_view(&stack, first()).await;
    assert_eq!(stack.redriver().drain(&key(), MINUTE).await.unwrap().left, None);
    stack.settle().await;
    then_history(&stack, &[1, 2, 3, 4]).await;
    then_nothing_is_parked(&stack).await;
}

async fn a_redrive_that_was_interrupted_is_given_again() {
    let stack = Stack::start().await;
    given_parked(&stack).await;
    given_view(&stack, first()).await;
    let redriver = stack.redriver();

    // Whoever gave the command goes away again and again.
    let mut sent = 0;
    for cut in [40, 90, 150, 210, 260, 330, 400, 550] {
        match tokio::time::timeout(Duration::from_millis(cut), redriver.drain(&key(), MINUTE)).await {
            Ok(drained) => sent += drained.unwrap().sent.len(),
            Err(_) => sent += 1,
        }
    }
    assert!(sent > 2, "it was interrupted, and was given again");
    let drained = redriver.drain(&key(), MINUTE).await.unwrap();
    stack.settle().await;

    assert_eq!(drained.left, None);
    then_history(&stack, &[1, 2, 3, 4]).await;
    then_nothing_is_parked(&stack).await;
}

async fn a_change_that_is_left_out_is_gone_on_from() {
    let stack = Stack::start().await;
    given_parked(&stack).await;
    given_view(&stack, first()).await;
    let redriver = stack.redriver();

    let head = redriver.head_of(&key()).await.unwrap().unwrap();
    redriver.resolve(&head, "the shop was closed by hand").await.unwrap();
    assert_eq!(redriver.drain(&key(), MINUTE).await.unwrap().left, None);
    stack.settle().await;

    then_history(&stack, &[1, 3, 4]).await;
    let row = stack.rows_where("failures", "status", "resolved").await.remove(0);
    assert_eq!((&row["sequence"], &row["resolved_because"]), (&json!(2), &json!("the shop was closed by hand")));
    then_nothing_is_parked(&stack).await;
}

async fn a_change_that_is_left_out_before_the_next_one_comes_is_gone_on_from() {
    let stack = Stack::start().await;
    given_view(&stack, json!("broken")).await;
    send(&stack, [2]).await;
    stack.settle().await;
    given_view(&stack, first()).await;
    let redriver = stack.redriver();
    let head = redriver.head_of(&key()).await.unwrap().unwrap();
    redriver.resolve(&head, "not needed").await.unwrap();
    assert_eq!(redriver.drain(&key(), MINUTE).await.unwrap().sent.len(), 0);

    send(&stack, 3..=5).await;
    stack.settle().await;

    then_history(&stack, &[1, 3, 4, 5]).await;
    then_nothing_is_parked(&stack).await;
}

async fn a_gap_that_nothing_fills_is_parked_with_what_is_missing() {
    let stack = Stack::start().await;
    let begun = tokio::time::Instant::now();
    send(&stack, [2, 3]).await;
    stack.settle().await;

    assert!(begun.elapsed() >= 15 * MINUTE, "{:?}", begun.elapsed());
    let row = stack.rows_where("failures", "code", "gap").await.remove(0);
    assert_eq!((&row["class"], &row["sequence"]), (&json!("exhausted"), &json!(2)));
    let cause = "order-views/ord_sample is at 0, the event is 2: it waits for 1; it did not come within 900 s";
    assert_eq!(row["cause"], cause);
    assert_eq!(stack.rows_where("failures", "code", "waits_behind").await.len(), 1);

    // What was missing comes after all: it is before all that is parked.
    send(&stack, [1]).await;
    stack.settle().await;
    assert_eq!(stack.redriver().drain(&key(), MINUTE).await.unwrap().sent.len(), 2);
    stack.settle().await;
    then_history(&stack, &[1, 2, 3]).await;
    then_nothing_is_parked(&stack).await;
}
