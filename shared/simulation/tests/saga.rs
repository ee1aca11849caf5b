//! Sagas that hold, and mistakes that are found.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failed test panics")]

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use throughline_contracts::{Contract, Kind};
use throughline_saga::{Branch, Retry, Saga, SagaBuilder, Step};
use throughline_simulation::saga::{Behaviour, Checker, Invariant, Report};

#[derive(Serialize, Deserialize, JsonSchema)]
struct Trip {
    trip_id: String,
}

impl Contract for Trip {
    const TYPE: &'static str = "trips.trip.book";
    const VERSION: u32 = 1;
    const OWNER: &'static str = "trips";
    const DESCRIPTION: &'static str = "What the saga book-trip works on.";
    const KIND: Kind = Kind::Saga;

    fn sample() -> Self {
        Self { trip_id: "trip_1".into() }
    }
}

macro_rules! output {
    ($name:ident, $event_type:literal) => {
        #[derive(Serialize, Deserialize, JsonSchema)]
        struct $name {
            id: String,
        }

        impl Contract for $name {
            const TYPE: &'static str = $event_type;
            const VERSION: u32 = 1;
            const OWNER: &'static str = "trips";
            const DESCRIPTION: &'static str = "What a step answers.";
            const KIND: Kind = Kind::Output;

            fn sample() -> Self {
                Self { id: "x_1".into() }
            }
        }
    };
}

output!(Room, "trips.room");
output!(Seat, "trips.seat");

/// Outputs of a step and of a branch, which compensations and the pivot are given.
fn with_outputs() -> Saga {
    let flight = Step::new("book-flight").outputs::<Seat>().needs::<Room>().undone_by("cancel-flight");
    Saga::of::<Trip>("book-trip")
        .step(Step::new("book-hotel").outputs::<Room>().undone_by("cancel-hotel"))
        .parallel("Rest", [Branch::of(Step::new("look-up-weather").harmless()), Branch::of(flight)])
        .pivot(Step::new("pay-trip").needs::<Seat>().needs::<Room>().retry(Retry::UNTIL_TIMEOUT))
        .build()
        .unwrap()
}

/// Two steps, a pivot that is tried until it is decided, and a closing step.
fn builder(pivot: Retry) -> SagaBuilder<Trip> {
    Saga::of::<Trip>("book-trip")
        .step(Step::new("book-hotel").undone_by("cancel-hotel"))
        .step(Step::new("book-flight").undone_by("cancel-flight"))
        .pivot(Step::new("pay-trip").retry(pivot))
        .closed_by(Step::new("give-up-trip"))
        .ends("TripBooked", "TripGivenUp")
}

fn trip() -> Saga {
    builder(Retry::UNTIL_TIMEOUT).build().unwrap()
}

/// What a check of `saga` finds when its machine is changed by `change`.
fn changed(saga: &Saga, change: impl FnOnce(&mut Value)) -> Report {
    let mut machine = saga.to_value();
    change(&mut machine["States"]);
    Checker::of(saga).machine(machine).run().unwrap()
}

fn breaks(report: &Report, invariant: Invariant) {
    assert!(report.exhausted && report.broken_runs > 0, "{report}");
    assert_eq!(report.broken[0].invariant, invariant, "{report}");
}

#[test]
fn a_saga_holds_whatever_happens() {
    let report = Checker::of(&trip()).run().unwrap();
    assert!(report.holds(), "{report}");
    assert_eq!(report.completed + report.compensated, report.runs);
    assert!(report.completed > 0 && report.compensated > 0 && report.resumed > 0 && report.superseded > 0, "{report}");
}

#[test]
fn merging_combinations_that_go_on_alike_hides_nothing() {
    let one = || Saga::of::<Trip>("book-trip").step(Step::new("book-hotel").undone_by("cancel-hotel"));
    for retry in [Retry::PATIENT, Retry::UNTIL_TIMEOUT] {
        let saga =
            one().pivot(Step::new("pay-trip").retry(retry)).closed_by(Step::new("give-up-trip")).build().unwrap();
        let [merged, all] =
            [Checker::of(&saga), Checker::of(&saga).without_merging()].map(|check| check.run().unwrap());
        assert!(merged.runs < all.runs, "{merged}\n{all}");
        let kinds = |report: &Report| report.broken.iter().map(|broken| broken.invariant).collect::<BTreeSet<_>>();
        assert_eq!((merged.holds(), kinds(&merged)), (all.holds(), kinds(&all)), "{merged}\n{all}");
    }
}

#[test]
fn a_saga_with_branches_and_a_tail_holds() {
    let saga = Saga::of::<Trip>("book-trip")
        .step(Step::new("check-passport").harmless())
        .parallel(
            "BookBoth",
            [
                Branch::of(Step::new("book-hotel").undone_by("cancel-hotel")),
                Branch::of(Step::new("book-flight").undone_by("cancel-flight")),
            ],
        )
        .pivot(Step::new("pay-trip").retry(Retry::UNTIL_TIMEOUT))
        .step(Step::new("send-tickets"))
        .build()
        .unwrap();
    let report = Checker::of(&saga).run().unwrap();
    assert!(report.holds(), "{report}");
}

#[test]
fn a_step_of_a_branch_that_fails_is_undone_with_those_of_all_branches() {
    let both = |undo: [&str; 2]| {
        let steps = [Step::new("book-hotel").undone_by(undo[0]), Step::new("book-flight").undone_by(undo[1])];
        Saga::of::<Trip>("book-trip").parallel("Both", steps.map(Branch::of)).build().unwrap()
    };
    let saga = both(["cancel-hotel", "cancel-flight"]);
    let report = Checker::of(&saga).run().unwrap();
    assert!(report.holds() && report.superseded > 0, "{report}");
    let report = changed(&saga, |states| {
        states["Both"]["Catch"][0]["Next"] = json!("CancelHotel");
        states["CancelHotel"]["Next"] = json!("CancelFlight");
        states["CancelFlight"]["Next"] = json!("Compensated");
    });
    breaks(&report, Invariant::CompensatedInReverse);
    // A branch that swallows its own failure: the stage goes on without its step.
    let report = changed(&saga, |states| {
        let branch = &mut states["Both"]["Branches"][0]["States"];
        branch["BookHotel"]["Catch"] = json!([{ "ErrorEquals": ["States.ALL"], "ResultPath": null, "Next": "Never" }]);
        branch["Never"] = json!({ "Type": "Pass", "End": true });
    });
    breaks(&report, Invariant::CompletedIsWhole);
    let report = Checker::of(&saga).without_tombstones().run().unwrap();
    breaks(&report, Invariant::LateStepsAreRefused);
}

#[test]
fn outputs_arrive_whatever_happens() {
    let report = Checker::of(&with_outputs()).run().unwrap();
    assert!(report.holds(), "{report}");
    assert!(report.completed > 0 && report.compensated > 0, "{report}");
}

#[test]
fn an_output_that_does_not_arrive_is_found() {
    let saga = with_outputs();
    let not_kept = changed(&saga, |states| states["BookHotel"]["ResultPath"] = Value::Null);
    breaks(&not_kept, Invariant::OutputsArrive);
    let lost_in_the_stage = changed(&saga, |states| states["Rest"]["ResultPath"] = json!("$.rest"));
    breaks(&lost_in_the_stage, Invariant::OutputsArrive);
    let anothers = changed(&saga, |states| {
        states["CancelFlight"]["Parameters"]["Payload"]["outputs"]["trips.seat.$"] = json!("$.outputs.BookHotel");
    });
    breaks(&anothers, Invariant::OutputsArrive);
}

#[test]
fn a_pivot_that_is_given_up_while_its_outcome_is_open_is_found() {
    let report = Checker::of(&builder(Retry::PATIENT).build().unwrap()).run().unwrap();
    breaks(&report, Invariant::NothingIsLeft);
    let faults = &report.broken[0].faults;
    assert_eq!((faults[0].step.as_str(), faults[0].behaviour), ("pay-trip", Behaviour::TakesEffectUnheard));
}

#[test]
fn without_tombstones_a_late_step_takes_effect() {
    let report = Checker::of(&trip()).without_tombstones().run().unwrap();
    breaks(&report, Invariant::LateStepsAreRefused);
    assert_eq!(report.superseded, 0);
}

#[test]
fn compensations_in_the_order_of_the_steps_are_found() {
    let report = changed(&trip(), |states| {
        states["PayTrip"]["Catch"][0]["Next"] = json!("CancelHotel");
        states["CancelHotel"]["Next"] = json!("CancelFlight");
        states["CancelFlight"]["Next"] = json!("GiveUpTrip");
    });
    breaks(&report, Invariant::CompensatedInReverse);
}

#[test]
fn a_step_that_is_not_undone_when_it_fails_itself_is_found() {
    let report = changed(&trip(), |states| states["BookFlight"]["Catch"][0]["Next"] = json!("CancelHotel"));
    breaks(&report, Invariant::CompensatedInReverse);
}

#[test]
fn a_compensation_that_is_skipped_is_found() {
    let report = changed(&trip(), |states| states["CancelFlight"]["Next"] = json!("GiveUpTrip"));
    breaks(&report, Invariant::CompensatedInReverse);
}

#[test]
fn a_step_that_catches_nothing_is_found() {
    let report = changed(&trip(), |states| {
        states["BookFlight"].as_object_mut().unwrap().remove("Catch");
    });
    breaks(&report, Invariant::NeedsAttentionWhereItMay);
}

#[test]
fn a_failed_compensation_that_ends_in_a_fail_state_cannot_be_resumed() {
    let report = changed(&trip(), |states| {
        states["CancelHotel"]["Catch"] = json!([{ "ErrorEquals": ["States.ALL"], "ResultPath": null, "Next": "Gone" }]);
        states["Gone"] = json!({ "Type": "Fail", "Error": "gone" });
    });
    breaks(&report, Invariant::EndsInAFinalState);
}

#[test]
fn a_completed_saga_that_left_a_step_out_is_found() {
    let report = changed(&trip(), |states| states["BookHotel"]["Catch"][0]["Next"] = json!("BookFlight"));
    breaks(&report, Invariant::CompletedIsWhole);
}

#[test]
fn a_check_that_is_cut_short_does_not_hold() {
    let report = Checker::of(&trip()).at_most(10).run().unwrap();
    assert_eq!((report.runs, report.exhausted, report.holds()), (10, false, false));
}
