//! A FIFO head that fails until it is parked takes none of the nine behind it along, and holds back no other group. Through the
//! template's own event source mapping.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use throughline_effects::{Effects, Failure};
use throughline_envelope::Event;
use throughline_orders::OrderCompleted;
use throughline_runtime::Function;
use throughline_sandbox::Service;
use throughline_tests::Stack;

use crate::support::{HOUR, comes_again_at_once, event};

const HEAD: &str = "ord_head";
/// Added to the numbers of the group that goes on.
const FREE: u64 = 100;

/// The `number`th event of a group. Those of the group that is held back have no sequence: the queue's order counts.
fn numbered(group: &str, number: u64) -> Value {
    let mut event = event();
    let kind = if group == "held" { 1 } else { 2 };
    event["id"] = json!(format!("evt_01a20cff-7d00-7278-8{kind}f5-{number:012}"));
    event["data"]["order_id"] = json!(if group == "held" && number == 1 { HEAD } else { "ord_other" });
    for name in ["partitionkey", "sequence"] {
        event.as_object_mut().unwrap().remove(name);
    }
    event
}

/// Ten of one group and two of another, of which every batch can have ten.
async fn send(stack: &Stack) {
    for (group, count) in [("held", 10), ("free", 2)] {
        let entries: Vec<_> = (1..=count)
            .map(|number| {
                let event = numbered(group, number);
                json!({
                    "Id": number.to_string(), "MessageBody": event.to_string(), "MessageGroupId": group,
                    "MessageDeduplicationId": event["id"],
                })
            })
            .collect();
        let url = stack.queue_url("project-order.fifo").await;
        let input = json!({ "QueueUrl": url, "Entries": entries });
        let answer = stack.cloud().call(Service::Sqs, "SendMessageBatch", input).await.unwrap();
        assert!(answer["Failed"].as_array().is_none_or(Vec::is_empty), "{answer}");
    }
}

/// The journal's lines of `project-order`: the event's number, stage, invocation.
async fn lines(stack: &Stack) -> Vec<(u64, String, String)> {
    let mut rows = stack.rows_where("journal", "function", "project-order").await;
    rows.retain(|row| row["kind"] == "line" && row["event_id"].is_string());
    let told = rows.iter().map(|row| {
        let text = |name: &str| row[name].as_str().unwrap_or_default().to_owned();
        (number_of(row["event_id"].as_str().unwrap()), text("stage"), text("request_id"))
    });
    told.collect()
}

fn numbers(lines: &[(u64, String, String)], stage: &str) -> Vec<u64> {
    lines.iter().filter(|(_, at, _)| at == stage).map(|(number, ..)| *number).collect()
}

/// What was handled, in order.
type Handled = Arc<Mutex<Vec<u64>>>;

/// What has to be true of the nine, and of the other group, however the head dies.
async fn then_only_the_head_is_gone(stack: &Stack, handled: &Handled) -> Value {
    let handled = handled.lock().unwrap().clone();
    let mut nine: Vec<u64> = handled.iter().copied().filter(|number| *number < FREE).collect();
    nine.dedup();
    assert_eq!(nine, (2..=10).collect::<Vec<_>>(), "in order");
    let lines = lines(stack).await;
    let mut done = numbers(&lines, "handled");
    done.sort_unstable();
    assert_eq!(done, (2..=10).chain([FREE + 1, FREE + 2]).collect::<Vec<_>>(), "each has its effects once");
    stack.then_queues_are_empty().await;
    stack.then_one_failure().await
}

/// The ten of the group were one batch.
async fn then_they_were_one_batch(stack: &Stack) {
    let lines = lines(stack).await;
    let first = lines.iter().find(|(number, ..)| *number == 1).unwrap().2.clone();
    let mut batch: Vec<_> =
        lines.iter().filter(|(.., request)| *request == first).map(|(number, ..)| *number).collect();
    batch.sort_unstable();
    batch.dedup();
    assert_eq!(batch, (1..=10).collect::<Vec<_>>());
}

/// The other group went on before the nine did.
fn then_the_other_group_went_on(handled: &Handled) {
    let handled = handled.lock().unwrap().clone();
    let place = |number: u64| handled.iter().position(|one| *one == number).unwrap();
    assert!(place(FREE + 2) < place(2), "{handled:?}");
}

fn number_of(id: &str) -> u64 {
    id[id.len() - 12..].parse::<u64>().unwrap() + if id.contains("-82f5-") { FREE } else { 0 }
}

fn given_head(stack: &Stack, fails: impl Fn() -> Failure + Clone + Send + Sync + 'static) -> Handled {
    let handled = Handled::default();
    let seen = handled.clone();
    let handler = move |event: Event<OrderCompleted>| {
        let (fails, seen) = (fails.clone(), seen.clone());
        async move {
            if event.data.order_id.as_str() == HEAD {
                return Err(fails());
            }
            seen.lock().unwrap().push(number_of(event.id.as_str()));
            Ok(Effects::new())
        }
    };
    stack.given_code(move || Function::queue("project-order", handler.clone()));
    handled
}

#[tokio::test(start_paused = true)]
async fn a_head_that_is_refused() {
    let stack = Stack::start().await;
    let handled = given_head(&stack, || Failure::permanent("refused", "no"));
    send(&stack).await;
    stack.settle().await;
    let row = then_only_the_head_is_gone(&stack, &handled).await;
    assert_eq!((&row["code"], &row["attempt"]), (&json!("refused"), &json!(1)));
    then_they_were_one_batch(&stack).await;
    assert!(numbers(&lines(&stack).await, "handed_back").is_empty(), "nothing waits for it");
}

#[tokio::test(start_paused = true)]
async fn a_head_whose_attempts_are_used_up() {
    let stack = Stack::start().await;
    let handled = given_head(&stack, || Failure::transient("busy", "503"));
    send(&stack).await;
    stack.settle().await;

    let row = then_only_the_head_is_gone(&stack, &handled).await;
    assert_eq!((&row["code"], &row["class"], &row["attempt"]), (&json!("busy"), &json!("exhausted"), &json!(5)));
    then_they_were_one_batch(&stack).await;
    then_the_other_group_went_on(&handled);
    let mut handed_back = BTreeMap::new();
    for number in numbers(&lines(&stack).await, "handed_back") {
        *handed_back.entry(number).or_insert(0) += 1;
    }
    let nine: BTreeMap<u64, i32> = (2..=10).map(|number| (number, 4)).collect();
    assert_eq!(handed_back, nine, "held back with each of the four retries, and no other group");
}

/// A process that ends takes all ten back, and SQS counts them as one: without care all ten would come to `maxReceiveCount` together.
#[tokio::test(start_paused = true)]
async fn a_head_that_ends_the_process_each_time() {
    let stack = Stack::start().await;
    let handled = given_head(&stack, || Failure::transient("busy", "503"));
    // Only a failed event is looked up.
    stack.given_death_at("project-order", "GetItem");
    comes_again_at_once(&stack, "project-order.fifo").await;
    send(&stack).await;
    stack.settle_within(10 * HOUR).await;

    let row = then_only_the_head_is_gone(&stack, &handled).await;
    assert_eq!((&row["code"], &row["class"], &row["attempt"]), (&json!("process_died"), &json!("crashed"), &json!(5)));
    then_the_other_group_went_on(&handled);
}
