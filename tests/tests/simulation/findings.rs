//! A workflow that does not keep what it promises is found out, and the report says how.

use std::time::Duration;

use serde_json::json;
use throughline_simulation::workflow::{Broken, Fault, Faults, Settings, Simulation, Turn, View, Workflow};
use throughline_tests::{template, workflow};

/// The bus says that it took the events of the fourth order, and loses them.
fn forgetful() -> Simulation {
    let forgets = || {
        workflow().hook(|call| match (call.operation, call.workflow.map(|id| id.number())) {
            ("PutEvents", Some(4)) => {
                Turn::Answer(json!({ "FailedEntryCount": 0, "Entries": [{ "EventId": "lost" }] }))
            }
            _ => Turn::Pass,
        })
    };
    Simulation::new(template(), forgets).unwrap().called("simulate")
}

#[test]
fn what_is_lost_without_any_fault_needs_one_workflow_and_no_fault() {
    let settings = Settings::of(5).workflows(8);
    let finding = forgetful().find(&settings).unwrap().unwrap();
    let broken = finding.broken.as_ref().unwrap();
    assert_eq!(broken.name, "each saga is in a final state");
    assert_eq!(broken.found.to_string(), "ord_wf000004 is placed; its sagas ended in []");
    assert_eq!(finding.faults, []);
    let arguments = "--seed 5 --workflows 8 --pick wf000004 --faults none";
    assert_eq!(finding.command, format!("simulate {arguments}"));
    let report = anstream::adapter::strip_str(&finding.to_string()).to_string();
    for part in
        ["broken under seed 5: each saga", "without any fault", "orders.order.placed", "project-order", arguments]
    {
        assert!(report.contains(part), "{part} is not in\n{report}");
    }
}

/// What keeps an order from being placed twice is taken away: the conditions of its writes.
fn careless() -> Simulation {
    let twice = || {
        workflow().hook(|call| {
            if call.function != "place-order" || call.operation != "TransactWriteItems" {
                return Turn::Pass;
            }
            let mut input = call.input();
            let items = input["TransactItems"].as_array_mut().into_iter().flatten();
            for put in items.filter_map(|item| item.get_mut("Put")) {
                // Whatever was there before is written over.
                put.as_object_mut().unwrap().remove("ConditionExpression");
                put.as_object_mut().unwrap().remove("ExpressionAttributeNames");
                put.as_object_mut().unwrap().remove("ExpressionAttributeValues");
            }
            Turn::Send(input)
        })
    };
    Simulation::new(template(), twice).unwrap().called("simulate")
}

#[test]
fn what_only_a_fault_shows_is_found_with_that_fault() {
    // A client sends its request twice at once, and the order is placed twice.
    let faults = Faults::of(&[]).rate(Fault::Duplicate, 0.2);
    let settings = Settings::of(1).workflows(12).faults(faults);
    let finding = careless().find(&settings).unwrap().unwrap();
    assert_eq!(finding.faults.len(), 1, "{finding}");
    assert_eq!(finding.faults[0].place, "client", "{finding}");
}

/// An invariant's check.
type Check = fn(&View) -> Result<(), Broken>;

/// Everything that is open at some moment is closed at rest: only a look while orders are under way finds it.
#[test]
fn what_is_wrong_for_a_moment_is_found_while_orders_are_under_way() {
    let open = |view: &View| match view.rows("orders").iter().find(|order| order["status"] == "placed") {
        Some(order) => Err(Broken::new(format!("{} is open", order["order_id"]))),
        None => Ok(()),
    };
    let settings = Settings::of(5).workflows(20).faults(Faults::none());
    let run = |workflow: fn(Check) -> Workflow| {
        Simulation::new(template(), move || workflow(open).every(Duration::from_millis(60)))
            .unwrap()
            .run(&settings)
            .unwrap()
            .broken
    };
    assert_eq!(run(|open| workflow().invariant("no order is open", open)), None);
    let broken = run(|open| workflow().always("no order is open", &["orders"], open)).unwrap();
    assert!(broken.found.to_string().ends_with(" s after the round began)"), "{broken:?}");
}
