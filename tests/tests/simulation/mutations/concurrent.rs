//! Two writers of one order. The workflow has one at a time, a saga's step; a shop that lets customers cancel has two.

use std::time::Duration;

use serde_json::{Value, json};
use throughline_effects::{Failure, World};
use throughline_runtime::{Function, Invocation, Schedule};
use throughline_simulation::workflow::{Faults, Settings, Workflow};
use throughline_tests::code;

use super::{mutant, wire};

/// The same step of the same saga, had the customer cancelled.
fn cancelled(mut step: Value) -> Value {
    step["saga"]["step"] = json!("cancel-order");
    step["failure"] = json!({ "Error": "changed_mind", "Cause": "the customer does not want it any more" });
    step
}

/// While an order is completed, its customer cancels it, this much later.
fn raced(later: Duration) -> Function {
    let run = move |world: World, call: Invocation, Schedule(step): Schedule| async move {
        let (complete, cancel) = (complete_order::function(), cancel_order::function());
        let customer = async {
            tokio::time::sleep(later).await;
            cancel.invoke(&world, cancelled(step.clone()), call.clone()).await
        };
        let (completed, _) = tokio::join!(biased; complete.invoke(&world, step.clone(), call.clone()), customer);
        completed.map_err(|error| Failure::transient("not_completed", error.message))
    };
    Function::schedule("complete-order", run)
}

fn with_customer(workflow: Workflow, later: Duration) -> Workflow {
    workflow.code(move |name| if name == "complete-order" { Some(raced(later)) } else { code(name) })
}

/// The customer has read the open order when it is completed, and writes after that. When that is, is found by trying.
#[test]
fn without_the_version_in_the_condition_an_order_is_completed_and_cancelled() {
    let settings = Settings::of(1).workflows(1).faults(Faults::none());
    let broken = |later: Duration, mutated: bool| {
        let simulation = mutant(move |workflow| match with_customer(workflow, later) {
            workflow if mutated => workflow.hook(|call| wire::unconditional(call, "orders", "Put")),
            workflow => workflow,
        });
        simulation.run(&settings).unwrap_or_else(|error| panic!("{error}")).broken
    };
    let killed = (1..=8).map(Duration::from_millis).find_map(|later| {
        let found = broken(later, true)?;
        broken(later, false).is_none().then_some(found.name)
    });
    assert_eq!(killed.as_deref(), Some("money is charged once or refunded"));
}
