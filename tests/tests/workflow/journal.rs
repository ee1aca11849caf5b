//! The journal tells the story.

use std::collections::BTreeSet;

use serde_json::Value;
use throughline_doubles::Faults;
use throughline_tests::{Stack, stories};

stories! {
    anywhere:
    one_correlation_id_finds_the_whole_workflow,
    changes_of_tables_say_whose_they_are,
    every_invocation_has_its_platform_report,
}

stories! {
    in_process: "a seed decides every id and every wait only where time is virtual",
    the_same_seed_tells_the_same_story,
}

const COMMAND: &str = "orders.place-order/samples/completes.json";

async fn one_correlation_id_finds_the_whole_workflow(stack: &Stack) {
    stack.given_seed().await;

    stack.when_command("place-order", COMMAND).await.unwrap();
    stack.settle().await;

    let placed = stack.rows_where("events", "event_type", "orders.order.placed").await.remove(0);
    let lines = stack.journal_of("pk", placed["correlation_id"].as_str().unwrap()).await;
    let handled: BTreeSet<_> =
        lines.iter().filter(|(_, stage)| stage == "handled").map(|(by, _)| by.as_str()).collect();
    let functions = [
        "charge-payment",
        "complete-order",
        "create-shipment",
        "notify-customer",
        "place-order",
        "project-order",
        "reserve-stock",
        "start-fulfilment",
    ];
    assert_eq!(handled, functions.into());
    let count = |stage| lines.iter().filter(|(_, at)| at == stage).count();
    assert_eq!((count("published"), count("saga_started")), (2, 1));
}

async fn changes_of_tables_say_whose_they_are(stack: &Stack) {
    stack.given_seed().await;

    stack.when_command("place-order", COMMAND).await.unwrap();
    stack.settle().await;

    let changes = stack.rows_where("journal", "kind", "change").await;
    let by: BTreeSet<_> = changes.iter().filter_map(|change| change["function"].as_str()).collect();
    let writers = ["charge-payment", "complete-order", "create-shipment", "notify-customer", "place-order"];
    assert!(writers.iter().all(|writer| by.contains(writer)), "{by:?}");
    let stock = changes.iter().find(|change| change["after"]["sku"] == "kettle-copper").unwrap();
    assert!(stock["before"].is_null() && stock["after"]["available"] == 2, "{stock}");
}

async fn every_invocation_has_its_platform_report(stack: &Stack) {
    stack.given_seed().await;

    stack.when_command("place-order", COMMAND).await.unwrap();
    stack.settle().await;

    let rows = stack.rows("journal").await;
    let requests = |kind: &str| -> BTreeSet<_> {
        rows.iter().filter(|row| row["kind"] == kind).filter_map(|row| row["request_id"].as_str()).collect()
    };
    assert!(!requests("line").is_empty());
    assert!(requests("line").is_subset(&requests("report")));
}

async fn the_same_seed_tells_the_same_story() {
    assert_eq!(story(7).await, story(7).await);
    assert_ne!(story(7).await, story(8).await);
}

/// Everything that was journaled and stored about two orders.
async fn story(seed: u64) -> Vec<Value> {
    let stack = Stack::with(seed, Faults::default()).await;
    stack.given_seed().await;
    stack.when_command("place-order", COMMAND).await.unwrap();
    stack.when_command("place-order", "orders.place-order/samples/card-declined.json").await.unwrap();
    stack.settle().await;
    let mut rows = stack.rows("journal").await;
    rows.extend(stack.rows("events").await);
    rows
}
