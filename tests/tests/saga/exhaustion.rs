//! Whatever its steps and compensations do, a saga ends as it must. What a check looks for, and that it finds it, is tested
//! with the checker.

use serde_json::{Value, json};
use throughline_orders::{fulfil_order, sagas};
use throughline_simulation::saga::{Checker, Invariant};

#[test]
fn every_saga_holds_whatever_happens() {
    for saga in sagas::all().unwrap() {
        let report = Checker::of(&saga).run().unwrap();
        assert!(report.holds(), "{report}");
        assert_eq!(report.completed + report.compensated, report.runs, "{report}");
    }
}

#[test]
fn an_order_is_completed_compensated_and_resumed_and_its_late_steps_are_refused() {
    let report = Checker::of(&fulfil_order().unwrap()).run().unwrap();
    let seen = [report.completed, report.compensated, report.resumed, report.superseded];
    assert!(seen.iter().all(|count| *count > 0), "{report}");
}

#[test]
fn without_its_tombstones_the_saga_of_an_order_does_not_hold() {
    let report = Checker::of(&fulfil_order().unwrap()).without_tombstones().run().unwrap();
    assert!(report.exhausted && report.broken_runs > 0, "{report}");
}

/// The order's state machine with a guarantee taken out of it: what the check says is broken.
fn broken_by(change: impl FnOnce(&mut Value)) -> Option<Invariant> {
    let saga = fulfil_order().unwrap();
    let mut machine = saga.to_value();
    change(&mut machine["States"]);
    let report = Checker::of(&saga).machine(machine).run().unwrap();
    assert!(report.exhausted, "{report}");
    report.broken.first().map(|broken| broken.invariant)
}

#[test]
fn every_guarantee_of_the_state_machine_is_missed() {
    assert_eq!(broken_by(|_| {}), None);
    let in_the_order_of_the_steps = broken_by(|states| {
        for failing in ["CreateShipment", "CompleteOrder"] {
            states[failing]["Catch"][0]["Next"] = json!("ReleaseStock");
        }
        states["ReleaseStock"]["Next"] = json!("RefundPayment");
        states["RefundPayment"]["Next"] = json!("CancelShipment");
        states["CancelShipment"]["Next"] = json!("CancelOrder");
    });
    assert_eq!(in_the_order_of_the_steps, Some(Invariant::CompensatedInReverse));
    let without_its_own = broken_by(|states| states["ChargePayment"]["Catch"][0]["Next"] = json!("ReleaseStock"));
    assert_eq!(without_its_own, Some(Invariant::CompensatedInReverse));
    let pivot_given_up = broken_by(|states| states["CompleteOrder"]["Retry"][0]["MaxAttempts"] = json!(5));
    assert_eq!(pivot_given_up, Some(Invariant::NothingIsLeft));
    let uncaught = broken_by(|states| {
        states["ReserveStock"].as_object_mut().unwrap().remove("Catch");
    });
    assert_eq!(uncaught, Some(Invariant::NeedsAttentionWhereItMay));
    let output_dropped = broken_by(|states| states["ChargePayment"]["ResultPath"] = json!("$.dropped"));
    assert_eq!(output_dropped, Some(Invariant::OutputsArrive));
}
