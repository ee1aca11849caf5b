//! Events and commands that come more than once, in other versions, out of order.

use std::time::Duration;

use serde_json::{Value, json};
use throughline_tests::{Stack, sample, stories};

stories! {
    anywhere:
    the_same_event_three_times_has_one_effect,
    the_same_command_twice_gets_the_first_answer,
    the_same_id_with_another_command_is_refused,
    the_first_version_of_an_event_flows,
    the_second_version_of_an_event_flows,
    a_view_is_built_in_order_whatever_order_its_events_come_in,
    an_event_that_stands_ahead_of_its_predecessor_is_handled_after_it,
}

const PLACED: &str = "orders.order.placed/samples/v2.json";

/// The end of the same order.
fn completed() -> Value {
    sample("orders.order.completed/samples/v1.json")
}

async fn the_same_event_three_times_has_one_effect(stack: &Stack) {
    stack.given_seed().await;
    let path = "orders.order.placed/samples/delivered-three-times.json";

    for _ in 0..3 {
        stack.when_published(path).await;
    }
    stack.settle().await;

    let event = sample(path)["id"].as_str().unwrap().to_owned();
    stack.then_journal(&event, "start-fulfilment", "handled", 1).await;
    stack.then_journal(&event, "start-fulfilment", "duplicate", 2).await;
    stack.then_order("ord_thrice", "completed").await;
    stack.then_stock("cup-porcelain", 98, 2).await;
    assert_eq!(stack.rows_where("events", "kind", "saga").await.len(), 1);
    assert_eq!(stack.account_of("ord_thrice").await.charges.len(), 1);
    stack.then_all_is_done().await;
}

async fn the_same_command_twice_gets_the_first_answer(stack: &Stack) {
    stack.given_seed().await;
    let path = "orders.place-order/samples/completes.json";

    let first = stack.when_command("place-order", path).await;
    stack.settle().await;
    let second = stack.when_command("place-order", path).await;
    stack.settle().await;

    assert_eq!(first, second);
    stack.then_stock("tea-green-100", 498, 2).await;
    assert_eq!(stack.account_of("ord_completes").await.charges.len(), 1);
    stack.then_all_is_done().await;
}

async fn the_same_id_with_another_command_is_refused(stack: &Stack) {
    stack.given_seed().await;
    let mut command = sample("orders.place-order/samples/completes.json");
    stack.when_invoked("place-order", &command).await.unwrap();
    command["data"]["order_id"] = json!("ord_other");

    let refusal = stack.when_invoked("place-order", &command).await.unwrap_err();

    assert_eq!(refusal.code, "key_reused");
    assert!(stack.row_of("orders", "ord_other").await.is_null());
}

async fn the_first_version_of_an_event_flows(stack: &Stack) {
    completes_from(stack, "orders.order.placed/samples/v1.json").await;
}

async fn the_second_version_of_an_event_flows(stack: &Stack) {
    completes_from(stack, PLACED).await;
}

async fn completes_from(stack: &Stack, path: &str) {
    stack.given_seed().await;

    stack.when_published(path).await;
    stack.settle().await;

    stack.then_order("ord_sample", "completed").await;
    let charges = stack.account_of("ord_sample").await.charges;
    assert_eq!(charges.iter().map(|charge| charge.amount_cents).collect::<Vec<_>>(), [2500]);
    stack.then_told("ord_sample", &["Your order ord_sample is on its way. You paid 25.00 EUR."]).await;
    stack.then_all_is_done().await;
}

async fn a_view_is_built_in_order_whatever_order_its_events_come_in(stack: &Stack) {
    let (placed, completed) = (sample(PLACED), completed());

    // Groups of their own, so that the queue keeps no order.
    stack.when_ordered(&completed, "late").await;
    stack.when_time_passes(Duration::from_millis(500)).await;
    assert!(stack.rows("order-views").await.is_empty());
    stack.when_ordered(&placed, "early").await;
    stack.settle().await;

    let view = stack.row_of("order-views", "ord_sample").await;
    let history = view["history"].as_array().unwrap().iter();
    assert_eq!(history.map(|change| change["sequence"].as_u64()).collect::<Vec<_>>(), [Some(1), Some(2)]);
    assert_eq!((&view["status"], &view["version"]), (&json!("completed"), &json!(2)));
    let event = completed["id"].as_str().unwrap();
    let stages = stack.journal_of("event_id", event).await;
    assert!(stages.contains(&("project-order".into(), "retrying".into())), "{stages:?}");
    stack.then_journal(event, "project-order", "handled", 1).await;
    stack.then_all_is_done().await;
}

async fn an_event_that_stands_ahead_of_its_predecessor_is_handled_after_it(stack: &Stack) {
    // In one group the queue delivers the second event first.
    stack.when_ordered(&completed(), "ord_sample").await;
    stack.when_time_passes(Duration::from_millis(500)).await;
    stack.when_ordered(&sample(PLACED), "ord_sample").await;
    // Whether both come in one batch, in which they are sorted, or the second waits for the first, is left to chance.
    stack.settle_whichever_wins().await;

    assert_eq!(stack.row_of("order-views", "ord_sample").await["version"], 2);
    stack.then_all_is_done().await;
}
