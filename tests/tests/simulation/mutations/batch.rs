//! Between a queue's function and whoever invokes it.

use serde_json::json;
use throughline_effects::World;
use throughline_runtime::{Function, Invocation, Schedule};
use throughline_tests::code;

use super::dies_under;
use super::directed::throttled;

/// A function of a queue that never says what failed of a batch.
fn silent(name: &'static str, code: fn() -> Function) -> Function {
    let run = move |world: World, call: Invocation, Schedule(payload): Schedule| async move {
        let _ = code().invoke(&world, payload, call).await;
        Ok(json!({ "batchItemFailures": [] }))
    };
    Function::schedule(name, run)
}

#[test]
fn a_batch_response_that_leaves_a_failed_record_out_loses_it() {
    let silenced = |name: &str| match name {
        "project-order" => Some(silent("project-order", project_order::function)),
        other => code(other),
    };
    dies_under(
        move |workflow| workflow.code(silenced),
        &throttled("project-order", 8),
        "each event has a final outcome",
    );
}
