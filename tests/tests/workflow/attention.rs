//! A compensation that cannot succeed: the saga needs attention, and goes on where it stopped when the cause is mended.

use std::collections::BTreeSet;

use serde_json::json;
use throughline_doubles::ChargeStatus;
use throughline_tests::{Stack, stories};

stories! {
    in_process: "it takes up to an hour until the retries of a compensation are used up",
    a_saga_that_needs_attention_is_resumed_at_the_compensation_that_failed,
    a_saga_that_is_redriven_too_early_needs_attention_again,
}

/// The order is charged and cannot be shipped, and the function that is to release its stock does not run.
async fn given_a_saga_that_needs_attention() -> Stack {
    let stack = Stack::start().await;
    stack.given_seed().await;
    let shipment = json!({ "order_id": "ord_completes", "shipment_id": "shp_of_another_system", "status": "created" });
    stack.given_item("shipments", &shipment).await;
    stack.given_function_that_dies("release-stock");
    stack.when_command("place-order", "orders.place-order/samples/completes.json").await.unwrap();
    stack.settle().await;
    stack
}

/// What was undone before stays undone, what comes after has not begun.
async fn then_needs_attention(stack: &Stack) {
    assert_eq!(stack.saga_status().await, "FAILED");
    assert_eq!(stack.saga_states().await.last().map(String::as_str), Some("ReleaseStock"));
    stack.then_status("payments", "ord_completes", Some("refunded")).await;
    stack.then_status("reservations", "ord_completes", Some("reserved")).await;
    stack.then_order("ord_completes", "placed").await;
}

async fn a_saga_that_needs_attention_is_resumed_at_the_compensation_that_failed() {
    let stack = given_a_saga_that_needs_attention().await;
    then_needs_attention(&stack).await;
    let before = stack.saga_states().await;
    let asked = stack.account_of("ord_completes").await.asked;

    stack.given_function_mended();
    stack.when_saga_is_redriven().await;
    stack.settle().await;

    assert_eq!(stack.saga_status().await, "SUCCEEDED");
    let states = stack.saga_states().await;
    let (old, new) = states.split_at(before.len());
    assert_eq!((old, new), (before.as_slice(), ["CancelOrder", "OrderCancelled"].map(str::to_owned).as_slice()));
    let saga = stack.rows_where("events", "kind", "saga").await.remove(0);
    let steps = stack.journal_of("saga_id", saga["saga_id"].as_str().unwrap()).await;
    for undone in ["cancel-shipment", "refund-payment", "release-stock", "cancel-order"] {
        let lines = steps.iter().filter(|(function, _)| function == undone).map(|(_, stage)| stage.as_str());
        // Lines of one millisecond have no order.
        assert_eq!(lines.collect::<BTreeSet<_>>(), BTreeSet::from(["received", "handled"]), "{undone}");
        assert_eq!(steps.iter().filter(|(function, _)| function == undone).count(), 2, "{undone} ran once");
    }
    let account = stack.account_of("ord_completes").await;
    assert_eq!(account.asked, asked, "the payment gateway is not asked again");
    assert_eq!(account.charges.iter().map(|charge| charge.status).collect::<Vec<_>>(), [ChargeStatus::Refunded]);
    stack.then_order("ord_completes", "cancelled").await;
    assert_eq!(stack.row_of("orders", "ord_completes").await["reason"], "already_shipped");
    stack.then_stock("tea-green-100", 500, 0).await;
    stack.then_all_is_done().await;
}

async fn a_saga_that_is_redriven_too_early_needs_attention_again() {
    let stack = given_a_saga_that_needs_attention().await;

    stack.when_saga_is_redriven().await;
    stack.settle().await;
    then_needs_attention(&stack).await;

    stack.given_function_mended();
    stack.when_saga_is_redriven().await;
    stack.settle().await;
    stack.then_order("ord_completes", "cancelled").await;
    stack.then_stock("tea-green-100", 500, 0).await;
}
