//! Whatever its steps and compensations do, a saga ends as it must. What a check looks for, and that it finds it, is tested
//! with the checker.

use throughline_orders::{fulfil_order, sagas};
use throughline_simulation::saga::Checker;

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
