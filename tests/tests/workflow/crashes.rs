//! A process dies after its commit and before what it had to send: nothing is lost, nothing happens twice.

use std::time::Duration;

use throughline_tests::{Stack, stories};

stories! {
    in_process: "a deployed function cannot be told at which request its process is to die",
    what_a_command_could_not_send_the_relay_sends,
    a_client_that_tries_again_need_not_wait_for_the_relay,
    a_saga_that_was_not_started_is_started_later,
    a_saga_step_that_died_after_its_commit_is_a_duplicate_when_it_is_tried_again,
}

const COMMAND: &str = "orders.place-order/samples/completes.json";

async fn unsent(stack: &Stack) -> usize {
    stack.rows("events").await.iter().filter(|row| row["unsent"].is_string()).count()
}

async fn then_completed_once(stack: &Stack) {
    stack.then_order("ord_completes", "completed").await;
    stack.then_stock("tea-green-100", 498, 2).await;
    assert_eq!(stack.rows_where("events", "kind", "saga").await.len(), 1);
    assert_eq!(stack.account_of("ord_completes").await.charges.len(), 1);
    stack.then_told("ord_completes", &["Your order ord_completes is on its way. You paid 25.00 EUR."]).await;
    stack.then_all_is_done().await;
}

async fn what_a_command_could_not_send_the_relay_sends() {
    let stack = Stack::start().await;
    stack.given_seed().await;
    stack.given_crash_before_sending("place-order");

    let refusal = stack.when_command("place-order", COMMAND).await.unwrap_err();
    stack.settle().await;
    assert_eq!(refusal.code, "Runtime.ExitError");
    assert_eq!(stack.row_of("orders", "ord_completes").await["status"], "placed");
    assert_eq!(unsent(&stack).await, 1);

    stack.when_time_passes(Duration::from_secs(130)).await;
    stack.settle().await;

    then_completed_once(&stack).await;
}

async fn a_client_that_tries_again_need_not_wait_for_the_relay() {
    let stack = Stack::start().await;
    stack.given_seed().await;
    stack.given_crash_before_sending("place-order");
    let before = tokio::time::Instant::now();

    stack.when_command("place-order", COMMAND).await.unwrap_err();
    let answer = stack.when_command("place-order", COMMAND).await.unwrap();
    stack.settle().await;

    assert_eq!(answer["order_id"], "ord_completes");
    assert!(before.elapsed() < Duration::from_secs(60), "the relay may have been first");
    then_completed_once(&stack).await;
}

async fn a_saga_that_was_not_started_is_started_later() {
    let stack = Stack::start().await;
    stack.given_seed().await;
    stack.given_crash_before_sending("start-fulfilment");

    stack.when_command("place-order", COMMAND).await.unwrap();
    stack.settle().await;

    then_completed_once(&stack).await;
}

async fn a_saga_step_that_died_after_its_commit_is_a_duplicate_when_it_is_tried_again() {
    let stack = Stack::start().await;
    stack.given_seed().await;
    stack.given_crash_before_sending("complete-order");

    stack.when_command("place-order", COMMAND).await.unwrap();
    stack.settle().await;

    then_completed_once(&stack).await;
    let saga = stack.rows_where("events", "kind", "saga").await.remove(0);
    let steps = stack.journal_of("saga_id", saga["saga_id"].as_str().unwrap()).await;
    assert!(steps.contains(&("complete-order".into(), "duplicate".into())), "{steps:?}");
}
