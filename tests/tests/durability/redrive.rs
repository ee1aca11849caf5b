//! A redrive that is killed at any of its requests is given again: nothing is forgotten, and nothing is handled twice.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde_json::json;
use throughline_effects::{Effects, Failure, NotMissing, ParkedKey};
use throughline_sandbox::Service;
use throughline_sandbox::faults::{Call, Faults, RequestFault};
use throughline_tests::{Stack, change};

use crate::support::{HOUR, event, given_notify};

const SECOND: Duration = Duration::from_secs(1);

/// Operations that change nothing: who is killed at one has done as much as one who was killed at the change before it.
const READS: &[&str] = &["GetItem", "Query", "GetQueueUrl"];

/// The answer to the n-th change by somebody outside comes when he is gone.
#[derive(Debug)]
struct GoneAt {
    request: u64,
    seen: AtomicU64,
}

impl Faults for GoneAt {
    fn request(&self, call: &Call<'_>) -> Option<RequestFault> {
        if call.caller.is_some() || READS.contains(&call.operation) {
            return None;
        }
        let number = self.seen.fetch_add(1, Ordering::SeqCst) + 1;
        (number == self.request).then_some(RequestFault::Late { before: Duration::ZERO, after: HOUR })
    }
}

/// Whether it was killed: its last change takes effect, and it never hears of it.
async fn killed_at<T>(stack: &Stack, request: u64, within: Duration, work: impl Future<Output = T>) -> bool {
    stack.cloud().set_faults(Some(Arc::new(GoneAt { request, seen: AtomicU64::new(0) })));
    let killed = tokio::time::timeout(within, work).await.is_err();
    stack.cloud().set_faults(None);
    killed
}

#[tokio::test(start_paused = true)]
async fn a_redrive_that_is_killed_is_named_and_given_again() {
    let mut named = 0;
    for request in 1.. {
        let stack = Stack::start().await;
        given_notify(&stack, |_| async { Err(Failure::permanent("refused", "no")) });
        stack.when_message("notify-customer", &event()).await;
        stack.settle().await;
        let failure = stack.reader().open_failures().await.unwrap().remove(0);
        given_notify(&stack, |_| async { Ok(Effects::new()) });

        let redriver = stack.redriver();
        let killed = killed_at(&stack, request, 60 * SECOND, redriver.redrive(&failure)).await;
        stack.when_time_passes(120 * SECOND).await;
        stack.settle().await;
        let left = stack.reader().failure(&failure.failure_id).await.unwrap().unwrap();
        if left.status == "open" {
            assert!(killed);
            named += usize::from(left.interrupted(stack.cloud().clock().now()).is_some());
            redriver.redrive(&left).await.unwrap().unwrap();
            stack.settle().await;
        }
        let row = stack.then_one_failure().await;
        assert_eq!(
            (&row["status"], &row["redriving_at"], &row["inbox"]),
            (&json!("redriven"), &json!(null), &json!(null))
        );
        stack.then_journal(event()["id"].as_str().unwrap(), "notify-customer", "handled", 1).await;
        stack.then_queues_are_empty().await;
        if !killed {
            assert!(request > 3, "killed at {} changes", request - 1);
            break;
        }
    }
    assert!(named >= 2, "killed before and after it was sent: {named}");
}

#[tokio::test(start_paused = true)]
async fn of_two_redrives_at_once_one_sends() {
    let stack = Stack::start().await;
    stack.when_message("notify-customer", &json!("no event")).await;
    stack.settle().await;
    let failure = stack.reader().open_failures().await.unwrap().remove(0);
    let redriver = stack.redriver();
    // The first is marked as begun, and is gone.
    assert!(killed_at(&stack, 1, 10 * SECOND, redriver.redrive(&failure)).await);
    let refused = redriver.redrive(&failure).await.unwrap_err().to_string();
    assert!(refused.contains("is being redriven since 2026-11-24T10:00:"), "{refused}");
    stack.when_time_passes(60 * SECOND).await;
    let (one, other) = tokio::join!(redriver.redrive(&failure), redriver.redrive(&failure));
    assert_eq!([one, other].into_iter().filter(|sent| matches!(sent, Ok(Some(_)))).count(), 1);
    stack.settle().await;
    assert_eq!(stack.rows("failures").await.len(), 2, "sent once, and failed once more");
}

/// Events 2 and 3 of a key are parked; draining is killed at each of its changes and done again.
#[tokio::test(start_paused = true)]
async fn a_drain_that_is_killed_goes_on_where_it_was() {
    const ORDER: &str = "ord_sample";
    for request in 1.. {
        let stack = Stack::start().await;
        stack.when_ordered(&change(1), ORDER).await;
        stack.settle().await;
        let whole = stack.row_of("order-views", ORDER).await;
        let mut broken = whole.clone();
        broken["history"] = json!("broken");
        stack.given_item("order-views", &broken).await;
        for sequence in 2..=3 {
            stack.when_ordered(&change(sequence), ORDER).await;
        }
        stack.settle_within(10 * HOUR).await;
        stack.given_item("order-views", &whole).await;
        assert_eq!(stack.reader().open_failures().await.unwrap().len(), 2);

        let (redriver, key) = (stack.redriver(), ParkedKey::new("project-order", ORDER));
        let killed = killed_at(&stack, request, 60 * SECOND, redriver.drain(&key, 30 * SECOND)).await;
        let drained = redriver.drain(&key, 30 * SECOND).await.unwrap();
        assert_eq!(drained.left, None, "killed at request {request}");
        stack.settle().await;
        let view = stack.row_of("order-views", ORDER).await;
        let history: Vec<_> = view["history"].as_array().unwrap().iter().map(|one| one["sequence"].clone()).collect();
        assert_eq!(history, [1, 2, 3], "killed at change {request}");
        assert!(stack.rows_where("failures", "status", "open").await.is_empty(), "killed at request {request}");
        stack.then_queues_are_empty().await;
        if !killed {
            assert!(request > 8, "killed at {request}");
            break;
        }
    }
}

/// 2 is never sent: 3 waits for it until its patience is over, and 4 behind 3.
#[tokio::test(start_paused = true)]
async fn a_sequence_that_never_existed_is_skipped_and_written_down() {
    const ORDER: &str = "ord_sample";
    let stack = Stack::start().await;
    let key = ParkedKey::new("project-order", ORDER);
    let redriver = stack.redriver();
    let skip = async |sequence| redriver.skip(&key, sequence, "made by hand, and taken back").await.unwrap();
    for sequence in [1, 3, 4] {
        stack.when_ordered(&change(sequence), ORDER).await;
    }
    assert_eq!(skip(2).await, Some(NotMissing::NotParked), "it may still come");
    stack.settle_within(10 * HOUR).await;
    assert_eq!(stack.reader().open_failures().await.unwrap().len(), 2);

    assert_eq!(skip(3).await, Some(NotMissing::Parked));
    assert_eq!(skip(5).await, Some(NotMissing::MayCome));
    let unsent =
        json!({ "pk": ORDER, "sk": format!("{:020}#evt_2", 2), "body": "{}", "created_at": "2026-11-24T10:00:00Z" });
    stack.given_item("events", &unsent).await;
    assert_eq!(skip(2).await, Some(NotMissing::Stored));
    assert!(stack.rows_where("journal", "stage", "skipped").await.is_empty());
    let (pk, sk) = (unsent["pk"].as_str().unwrap(), unsent["sk"].as_str().unwrap());
    let gone = json!({ "TableName": "orders-events", "Key": { "pk": { "S": pk }, "sk": { "S": sk } } });
    stack.cloud().call(Service::DynamoDb, "DeleteItem", gone).await.unwrap();

    assert_eq!(skip(2).await, None);
    assert_eq!(redriver.drain(&key, 30 * SECOND).await.unwrap().left, None);
    stack.settle().await;
    let view = stack.row_of("order-views", ORDER).await;
    let history: Vec<_> = view["history"].as_array().unwrap().iter().map(|one| one["sequence"].clone()).collect();
    assert_eq!(history, [1, 3, 4]);
    let line = stack.rows_where("journal", "stage", "skipped").await.remove(0);
    assert_eq!((&line["sequence"], &line["partition_key"]), (&json!(2), &json!(ORDER)));
    let life = stack.reader().life_cycle(line["correlation_id"].as_str().unwrap()).await.unwrap();
    assert_eq!(life.notes[0].cause, "sequence 2 of ord_sample never existed: made by hand, and taken back");
    stack.then_queues_are_empty().await;
}
