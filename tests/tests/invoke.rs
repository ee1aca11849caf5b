//! Every function takes the payload that `events/invoke` has for it.

#![expect(clippy::panic, reason = "a failed test panics")]

use std::collections::BTreeSet;
use std::fs;

use serde_json::{Value, json};
use throughline_tests::{Stack, events_folder, sample};

/// The seed, and what only steps before would have left: a view to read, a reservation to release, a payment to refund.
async fn stack() -> Stack {
    let stack = Stack::start().await;
    stack.given_seed().await;
    let view = json!({ "order_id": "ord_invoke_get", "version": 1, "status": "placed", "history": [] });
    stack.given_item("order-views", &view).await;
    stack
}

async fn accepted(function: &str) -> Value {
    let stack = stack().await;
    let answer = stack.when_command(function, &format!("invoke/{function}.json")).await;
    answer.unwrap_or_else(|refusal| panic!("{function}: {refusal:?}"))
}

macro_rules! accepts {
    ($($test:ident: $function:literal => $answer:expr;)*) => {
        /// The functions that are tested here.
        const TESTED: &[&str] = &[$($function),*];

        $(
            #[tokio::test(start_paused = true)]
            async fn $test() {
                let answer = accepted($function).await;
                let expected: Value = $answer;
                let members = expected.as_object().unwrap().iter();
                let differing: Vec<_> = members.filter(|(name, value)| answer[name.as_str()] != **value).collect();
                assert!(differing.is_empty(), "{answer} has not {differing:?}");
            }
        )*
    };
}

accepts! {
    cancel_order: "cancel-order" => json!({ "outcome": "handled" });
    cancel_shipment: "cancel-shipment" => json!({ "outcome": "handled" });
    charge_payment: "charge-payment" => json!({ "outcome": "handled" });
    complete_order: "complete-order" => json!({ "outcome": "handled" });
    create_shipment: "create-shipment" => json!({ "outcome": "handled" });
    get_order: "get-order" => json!({ "order_id": "ord_invoke_get" });
    notify_customer: "notify-customer" => json!({ "batchItemFailures": [] });
    place_order: "place-order" => json!({ "order_id": "ord_invoke_place" });
    project_order: "project-order" => json!({ "batchItemFailures": [] });
    record_changes: "record-changes" => json!({ "batchItemFailures": [] });
    record_failure: "record-failure" => json!({ "batchItemFailures": [] });
    record_journal: "record-journal" => json!({});
    refund_payment: "refund-payment" => json!({ "outcome": "handled" });
    relay_outbox: "relay-outbox" => json!({ "sent": 0, "failed": 0 });
    release_stock: "release-stock" => json!({ "outcome": "handled" });
    reserve_stock: "reserve-stock" => json!({ "outcome": "handled" });
    start_fulfilment: "start-fulfilment" => json!({ "batchItemFailures": [] });
}

#[test]
fn every_payload_is_tested_and_every_function_has_one() {
    let files = fs::read_dir(events_folder().join("invoke")).unwrap();
    let stem = |path: std::path::PathBuf| path.file_stem().unwrap().to_str().unwrap().to_owned();
    let payloads: BTreeSet<_> = files.map(|entry| stem(entry.unwrap().path())).collect();
    let folders = fs::read_dir(throughline_tests::functions_folder()).unwrap();
    let functions: BTreeSet<_> = folders.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(payloads, functions);
    assert_eq!(payloads, TESTED.iter().map(|&name| name.to_owned()).collect());
}

#[tokio::test(start_paused = true)]
async fn the_journals_payload_becomes_rows() {
    let stack = stack().await;
    stack.when_command("record-journal", "invoke/record-journal.json").await.unwrap();
    assert!(!stack.rows("journal").await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn the_failures_payload_becomes_a_row() {
    let stack = stack().await;
    stack.when_command("record-failure", "invoke/record-failure.json").await.unwrap();
    let failure = stack.then_one_failure().await;
    assert_eq!((&failure["code"], &failure["function"]), (&json!("not_an_event"), &json!("start-fulfilment")));
    assert_eq!(failure["body"].as_str().unwrap(), sample("broken/not-an-event.json").to_string());
}
