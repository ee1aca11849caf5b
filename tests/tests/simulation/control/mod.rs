//! The control group: the order workflow in the usual recipe, on the same template, under the same faults, held against the same
//! invariants. If it held, the simulator would be too kind.
//!
//! The recipe is that of Powertools for AWS Lambda
//! ([idempotency](https://docs.aws.amazon.com/powertools/python/latest/utilities/idempotency/)): an idempotency record is put in progress,
//! the work is done, the record is completed; it is deleted when the work fails. Events are published after the write. The code
//! around it is as careful as such code is: keys that do not change between attempts, calls tried three times, a transaction where
//! several rows change, the saga's id as idempotency key of the payment gateway, names of executions made from the event's id.

mod recipe;
mod shop;
mod steps;
mod triggers;

use throughline_runtime::Function;
use throughline_simulation::workflow::{Fault, Faults, Settings, Simulation};
use throughline_tests::{template, workflow};

use super::holds;

/// The code of a function in the usual recipe; the toolkit's own functions are as they are.
fn function(name: &str) -> Option<Function> {
    Some(match name {
        "place-order" => Function::schedule("place-order", triggers::place),
        "start-fulfilment" => Function::schedule("start-fulfilment", triggers::start),
        "notify-customer" => Function::schedule("notify-customer", triggers::notify),
        "project-order" => Function::schedule("project-order", triggers::project),
        "reserve-stock" => Function::schedule("reserve-stock", steps::reserve),
        "release-stock" => Function::schedule("release-stock", steps::release),
        "charge-payment" => Function::schedule("charge-payment", steps::charge),
        "refund-payment" => Function::schedule("refund-payment", steps::refund),
        "create-shipment" => Function::schedule("create-shipment", steps::ship),
        "cancel-shipment" => Function::schedule("cancel-shipment", steps::call_back),
        "complete-order" => Function::schedule("complete-order", steps::complete),
        "cancel-order" => Function::schedule("cancel-order", steps::cancel),
        "get-order" => get_order::function(),
        "record-changes" => record_changes::function(),
        "record-failure" => record_failure::function(),
        "record-journal" => record_journal::function(),
        "relay-outbox" => relay_outbox::function(),
        _ => return None,
    })
}

fn usual_recipe() -> Simulation {
    Simulation::new(template(), || workflow().code(function)).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn without_faults_the_usual_recipe_holds() {
    let settings = Settings::of(1).workflows(20).faults(Faults::none());
    let run = usual_recipe().run(&settings).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!((run.broken, run.began.len()), (None, 20));
}

/// 1,000 orders at most; it takes a tenth of that.
#[test]
fn with_all_faults_it_breaks_within_a_thousand_orders() {
    let broken = (1..=66).find(|seed| {
        let run = usual_recipe().run(&Settings::of(*seed).workflows(15)).unwrap_or_else(|error| panic!("{error}"));
        run.broken.is_some()
    });
    holds(&Settings::of(broken.unwrap()).workflows(15));
}

/// A fault that strikes at just these places, each named once with what the recipe does there and once with what we do.
fn told(seed: u64, orders: u32, fault: Fault, places: &[String]) -> Settings {
    let ids = places.iter().map(|place| format!("{fault}/{place}"));
    Settings::of(seed).workflows(orders).faults(Faults::none().rate(fault, 1.0).only(ids.collect::<Vec<_>>()))
}

/// Under these settings the recipe breaks an invariant, and it is this that is found; ours holds.
fn breaks(settings: &Settings, name: &str, found: &str) {
    let run = usual_recipe().run(settings).unwrap_or_else(|error| panic!("{error}"));
    let broken = run.broken.unwrap_or_else(|| panic!("the usual recipe holds"));
    assert_eq!(broken.name, name, "{broken:?}");
    assert!(broken.found.to_string().contains(found), "{broken:?}");
    assert!(!holds(settings).struck.is_empty(), "ours is struck as well");
}

/// The process dies between write and publish. A client that asks again mends it; one in eight does not.
#[test]
fn an_event_between_write_and_publish_is_lost() {
    let places: Vec<_> = (0..20).map(|order| format!("place-order/PutEvents/wf{order:06}/0")).collect();
    let settings = told(1, 20, Fault::CrashBefore, &places);
    breaks(&settings, "each saga is in a final state", "is placed; its sagas ended in []");
}

/// The event is published, and the process dies before its record is completed: it is published again, as another event.
#[test]
fn an_event_that_is_published_again_charges_twice() {
    let settings = told(1, 1, Fault::CrashAfter, &["place-order/PutEvents/wf000000/0".to_owned()]);
    breaks(&settings, "money is charged once or refunded", "status: Charged }, Charge {");
}

/// The customer is told, the process dies, the record in progress is over, the customer is told again.
#[test]
fn an_effect_whose_record_in_progress_is_over_happens_twice() {
    let places = ["notify-customer/PutItem/wf000000/1", "notify-customer/TransactWriteItems/wf000000/0"];
    let settings = told(1, 1, Fault::CrashAfter, &places.map(str::to_owned));
    breaks(&settings, "a customer is told once how an order ended", "was told 2 times");
}

/// The order is completed, the process dies before it says so. While the record is in progress the step cannot find out that it was
/// done; afterwards it is refused by what it did itself, and everything under the completed order is undone.
#[test]
fn a_duplicate_is_stuck_behind_the_record_in_progress_and_then_undoes_a_completed_order() {
    let places = ["complete-order/PutItem/wf000000/1", "complete-order/TransactWriteItems/wf000000/0"];
    let settings = told(1, 1, Fault::CrashAfter, &places.map(str::to_owned));
    breaks(&settings, "money is charged once or refunded", "is completed");
}

/// The charge takes effect and is never heard of: there is no row of it, so nothing is given back.
#[test]
fn a_charge_that_was_never_heard_of_is_kept() {
    let places: Vec<_> = (0..6).map(|attempt| format!("charge-payment/POST /charges/wf000000/{attempt}")).collect();
    let settings = told(1, 1, Fault::OutsideLost, &places);
    breaks(&settings, "money is charged once or refunded", "is cancelled");
}
