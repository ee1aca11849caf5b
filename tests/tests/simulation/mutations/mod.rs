//! Every guarantee has its mutation: it is taken away, one at a time, and an invariant breaks that holds with it. `docs/simulation.md`
//! lists them, also those that other suites kill.
//!
//! Production code is not touched. The wire is the seam: a mutation rewrites requests of functions on their way to the cloud, or
//! stands between a function and whoever invokes it.

mod batch;
mod concurrent;
mod directed;
mod wire;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::json;
use throughline_simulation::workflow::{Call, Settings, Simulation, Turn, Workflow};
use throughline_tests::{template, workflow};

use super::holds;

/// Seeds within which a mutant has to die. Each has 15 orders with all faults on.
const SEEDS: std::ops::RangeInclusive<u64> = 1..=6;

fn mutant(mutation: impl Fn(Workflow) -> Workflow + Send + Sync + 'static) -> Simulation {
    Simulation::new(template(), move || mutation(workflow())).unwrap_or_else(|error| panic!("{error}"))
}

/// The mutant breaks one of these invariants within a few seeds; under the seed that kills it, the workflow as it is holds.
fn dies(mutation: impl Fn(Workflow) -> Workflow + Send + Sync + 'static, of: &[&str]) {
    let mutant = mutant(mutation);
    for seed in SEEDS {
        let settings = Settings::of(seed).workflows(15);
        let run = mutant.run(&settings).unwrap_or_else(|error| panic!("{error}"));
        if let Some(broken) = run.broken {
            assert!(of.contains(&broken.name.as_str()), "seed {seed}: {broken:?}");
            holds(&settings);
            return;
        }
    }
    panic!("the mutant lives");
}

/// The mutant breaks this invariant under these settings; the workflow as it is does not.
fn dies_under(mutation: impl Fn(Workflow) -> Workflow + Send + Sync + 'static, settings: &Settings, of: &str) {
    let run = mutant(mutation).run(settings).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(run.broken.map(|broken| broken.name).as_deref(), Some(of));
    holds(settings);
}

#[test]
fn without_the_condition_on_the_deduplication_record_a_duplicate_has_effects() {
    let of = ["what an order holds is what it needs", "each saga is in a final state", "stock is conserved"];
    dies(|workflow| workflow.hook(|call| wire::unconditional(call, "idempotency", "Put")), &of);
}

#[test]
fn without_the_outbox_row_in_the_transaction_an_event_is_lost() {
    let of = ["a customer is told once how an order ended", "each saga is in a final state"];
    dies(|workflow| workflow.hook(wire::without_outbox), &of);
}

#[test]
fn without_the_relay_what_a_crash_left_unsent_is_lost() {
    let lies = |call: &Call<'_>| match (call.function, call.operation) {
        ("relay-outbox", "PutEvents") => {
            Turn::Answer(json!({ "FailedEntryCount": 0, "Entries": [{ "EventId": "e" }] }))
        }
        ("relay-outbox", "SendMessage") => Turn::Answer(json!({ "MessageId": "m" })),
        ("relay-outbox", "StartExecution") => Turn::Answer(json!({ "executionArn": "arn", "startDate": 0 })),
        _ => Turn::Pass,
    };
    let of = ["a customer is told once how an order ended", "each saga is in a final state"];
    dies(move |workflow| workflow.hook(lies), &of);
}

#[test]
fn with_another_name_each_time_a_saga_is_started_twice() {
    let renamed = |workflow: Workflow| {
        let number = Arc::new(AtomicU64::new(0));
        workflow.hook(move |call| wire::renamed(call, number.fetch_add(1, Ordering::Relaxed)))
    };
    dies(renamed, &["each saga is in a final state", "money is charged once or refunded"]);
}

#[test]
fn without_the_condition_on_the_stock_more_is_sold_than_there_is() {
    dies(|workflow| workflow.hook(|call| wire::unconditional(call, "stock", "Update")), &["stock is conserved"]);
}
