//! What a commit wrote outlives any crash until it is sent, and does not expire before; and what is built in order stays so, whatever
//! becomes of the events on their way.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde_json::json;
use throughline_effects::ParkedKey;
use throughline_envelope::Ambient;
use throughline_sandbox::faults::{Call, Faults, Moment, RequestFault};
use throughline_tests::{Stack, change};

const COMMAND: &str = "orders.place-order/samples/completes.json";
const MINUTE: Duration = Duration::from_secs(60);

/// A function is killed at one of its requests, before or after that takes effect.
#[derive(Debug)]
struct KilledAt {
    function: &'static str,
    request: u64,
    moment: Moment,
    seen: AtomicU64,
}

impl Faults for KilledAt {
    fn request(&self, call: &Call<'_>) -> Option<RequestFault> {
        call.caller.filter(|caller| caller.function == self.function)?;
        // A relay looks for what is unsent all the time, mostly in vain.
        if call.operation == "Query" && call.input["IndexName"] == "unsent" {
            return None;
        }
        let number = self.seen.fetch_add(1, Ordering::SeqCst) + 1;
        (number == self.request).then_some(RequestFault::Crash(self.moment))
    }
}

/// Before the first of a function's requests, and after each up to the first that it does not come to: who is killed before one has
/// done what one did who was killed after the one before it.
async fn killed_at_each_request(function: &'static str, least: u64, before: impl AsyncFn(&Stack)) {
    for (moment, last) in [(Moment::Before, 1), (Moment::After, u64::MAX)] {
        for request in 1..=last {
            let stack = Stack::start().await;
            stack.given_seed().await;
            before(&stack).await;
            let faults = Arc::new(KilledAt { function, request, moment, seen: AtomicU64::new(0) });
            stack.cloud().set_faults(Some(faults.clone()));
            let answer = stack.when_command("place-order", COMMAND).await;
            then_what_is_unsent_does_not_expire(&stack).await;
            relayed(&stack).await;
            if stack.rows("orders").await.iter().all(|row| row["order_id"] != "ord_completes") {
                // Nothing had happened yet: the client asks again.
                assert!(answer.is_err());
                stack.when_command("place-order", COMMAND).await.unwrap();
            }
            relayed(&stack).await;
            let struck = faults.seen.load(Ordering::SeqCst) >= request;
            then_completed_once(&stack, function).await;
            if !struck {
                assert!(request > least, "{function} was killed at {} of its requests", request - 1);
                break;
            }
        }
    }
}

/// Nothing is under way, and what was left is relayed.
async fn relayed(stack: &Stack) {
    stack.settle().await;
    while stack.rows("events").await.iter().any(|row| row["unsent"].is_string()) {
        stack.when_time_passes(MINUTE).await;
        stack.settle().await;
    }
}

async fn then_what_is_unsent_does_not_expire(stack: &Stack) {
    for row in stack.rows("events").await {
        assert_eq!(row["unsent"].is_string(), row["expires_at"].is_null(), "{row}");
        assert_eq!(row["unsent"].is_null(), row["sent_at"].is_string(), "{row}");
    }
}

/// What happened, happened once, and nothing is left but the failure of a scheduled run that was killed.
async fn then_completed_once(stack: &Stack, killed: &str) {
    stack.then_order("ord_completes", "completed").await;
    stack.then_stock("tea-green-100", 498, 2).await;
    assert_eq!(stack.rows_where("events", "kind", "saga").await.len(), 1);
    assert_eq!(stack.account_of("ord_completes").await.charges.len(), 1);
    then_what_is_unsent_does_not_expire(stack).await;
    let view = stack.row_of("order-views", "ord_completes").await;
    let history: Vec<_> = view["history"].as_array().unwrap().iter().map(|one| one["sequence"].clone()).collect();
    assert_eq!(history, [1, 2]);
    assert!(stack.rows("events").await.iter().all(|row| row["unsent"].is_null()));
    for failure in stack.rows("failures").await {
        assert_eq!(
            (format!("orders-{}", failure["function"].as_str().unwrap()), &failure["source"]),
            (killed.to_owned(), &json!("async"))
        );
    }
    stack.then_queues_are_empty().await;
}

#[tokio::test(start_paused = true)]
async fn a_function_that_is_killed_at_any_request_loses_nothing_that_it_committed() {
    killed_at_each_request("orders-place-order", 4, async |_| {}).await;
}

#[tokio::test(start_paused = true)]
async fn a_relay_that_is_killed_at_any_request_leaves_the_rest_to_the_next() {
    killed_at_each_request("orders-relay-outbox", 4, async |stack| stack.given_crash_before_sending("place-order"))
        .await;
}

#[tokio::test(start_paused = true)]
async fn a_consumer_that_is_killed_at_any_request_builds_the_view_in_order() {
    killed_at_each_request("orders-project-order", 2, async |_| {}).await;
}

#[tokio::test(start_paused = true)]
async fn what_is_unsent_is_sent_after_a_month() {
    let stack = Stack::start().await;
    stack.given_seed().await;
    stack.given_death_at("relay-outbox", "Query");
    stack.given_crash_before_sending("place-order");
    stack.when_command("place-order", COMMAND).await.unwrap_err();
    // The clock goes on; nobody relays. (A relay that dies every minute for a month would tell no more.)
    stack.when_time_passes(10 * MINUTE).await;
    let unsent = stack.rows("events").await.remove(0);
    assert!(unsent["unsent"].is_string() && unsent["expires_at"].is_null(), "{unsent}");
    stack.given_peace("relay-outbox");
    stack.when_time_passes(2 * MINUTE).await;
    stack.settle().await;
    stack.then_order("ord_completes", "completed").await;
    let sent = stack.rows_where("events", "event_type", "orders.order.placed").await.remove(0);
    let month = 30 * 24 * 60 * 60;
    let sent_at: jiff::Timestamp = sent["sent_at"].as_str().unwrap().parse().unwrap();
    assert_eq!(sent["expires_at"], sent_at.as_second() + month);
}

const ORDER: &str = "ord_sample";
const CHANGES: u64 = 12;

/// The view's sequences; empty where it cannot be read as one.
async fn history(stack: &Stack) -> Vec<u64> {
    let view = stack.row_of("order-views", ORDER).await;
    let changes = view["history"].as_array().into_iter().flatten();
    changes.map(|one| one["sequence"].as_u64().unwrap()).collect()
}

async fn then_in_order(stack: &Stack) {
    let seen = history(stack).await;
    assert_eq!(seen, (1..=seen.len() as u64).collect::<Vec<_>>());
}

/// Changes come twice, in the wrong order, and while the view cannot be written; the consumer is killed now and then; what was parked
/// is redriven; in the end all of them are replayed.
#[tokio::test(start_paused = true)]
async fn a_view_is_built_in_order_whatever_becomes_of_its_events() {
    for seed in 1..=3 {
        let stack = Stack::with(seed, throughline_doubles::Faults::default()).await;
        let dice = Ambient::seeded("2026-11-24T10:00:00Z".parse().unwrap(), seed);
        let roll = |sides: u64| dice.random_u64() % sides;
        let mut order: Vec<u64> = (1..=CHANGES).chain([roll(CHANGES) + 1, roll(CHANGES) + 1]).collect();
        for place in 1..order.len() {
            // Neighbours change places: two senders at once.
            if roll(3) == 0 {
                order.swap(place - 1, place);
            }
        }
        for sequence in order {
            match roll(4) {
                0 => stack.given_crash_before_sending("project-order"),
                1 => stack.cloud().set_faults(Some(Arc::new(KilledAt {
                    function: "orders-project-order",
                    request: roll(4) + 1,
                    moment: if roll(2) == 0 { Moment::Before } else { Moment::After },
                    seen: AtomicU64::new(0),
                }))),
                _ => {}
            }
            stack.when_ordered(&change(sequence), ORDER).await;
            stack.when_time_passes(Duration::from_secs(roll(60))).await;
            then_in_order(&stack).await;
            if roll(5) == 0 {
                break_the_view(&stack).await;
            }
        }
        stack.cloud().set_faults(None);
        stack.settle().await;
        mend_the_view(&stack).await;
        let drained = stack.redriver().drain(&ParkedKey::new("project-order", ORDER), 30 * MINUTE).await.unwrap();
        assert_eq!(drained.left, None, "seed {seed}");
        stack.settle().await;
        assert_eq!(history(&stack).await, (1..=CHANGES).collect::<Vec<_>>(), "seed {seed}");

        for sequence in (1..=CHANGES).rev() {
            stack.when_ordered(&change(sequence), "replayed").await;
        }
        stack.settle().await;
        assert_eq!(history(&stack).await, (1..=CHANGES).collect::<Vec<_>>(), "seed {seed}");
        assert!(stack.rows_where("failures", "status", "open").await.is_empty());
        stack.then_queues_are_empty().await;
    }
}

/// The view as it is, with a history that nothing can be added to.
async fn break_the_view(stack: &Stack) {
    let mut view = stack.row_of("order-views", ORDER).await;
    if view["history"].is_array() {
        view["kept"] = view["history"].take();
        view["history"] = json!("broken");
        stack.given_item("order-views", &view).await;
    }
}

async fn mend_the_view(stack: &Stack) {
    let mut view = stack.row_of("order-views", ORDER).await;
    if view["kept"].is_array() {
        view["history"] = view["kept"].take();
        view.as_object_mut().unwrap().remove("kept");
        stack.given_item("order-views", &view).await;
    }
}
