//! What steps answer to later steps and to their compensations.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use throughline_contracts::{Contract, JsonSchema, Kind};
use throughline_saga::{Branch, Saga, SagaBuilder, Step};

use crate::trip::Trip;

macro_rules! output {
    ($name:ident, $event_type:literal) => {
        #[derive(Serialize, Deserialize, JsonSchema)]
        struct $name {
            id: String,
        }

        impl Contract for $name {
            const TYPE: &'static str = $event_type;
            const VERSION: u32 = 2;
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

fn saga() -> SagaBuilder<Trip> {
    Saga::of::<Trip>("book-trip")
}

fn hotel() -> Step<Trip> {
    Step::new("book-hotel").outputs::<Room>().undone_by("cancel-hotel")
}

fn flight() -> Step<Trip> {
    Step::new("book-flight").outputs::<Seat>().undone_by("cancel-flight")
}

fn problems(builder: SagaBuilder<Trip>) -> Vec<String> {
    builder.build().unwrap_err().problems.iter().map(ToString::to_string).collect()
}

#[test]
fn an_output_is_kept_and_given_to_who_needs_it_and_to_its_compensation() {
    let saga = saga().step(hotel()).pivot(Step::new("pay").needs::<Room>()).build().unwrap();
    let machine = saga.to_value();
    let states = &machine["States"];
    assert_eq!((&machine["StartAt"], &states["Start"]["Next"]), (&json!("Start"), &json!("BookHotel")));
    assert_eq!(states["Start"]["Result"], json!({ "BookHotel": null }));
    assert_eq!(states["BookHotel"]["ResultPath"], "$.outputs.BookHotel");
    for taker in ["Pay", "CancelHotel"] {
        let given = &states[taker]["Parameters"]["Payload"]["outputs"];
        assert_eq!(given, &json!({ "trips.room.$": "$.outputs.BookHotel" }), "{taker}");
        assert_eq!(states[taker]["ResultPath"], Value::Null);
    }
}

#[test]
fn an_output_that_nobody_is_given_is_not_kept() {
    let step = Step::new("look").outputs::<Room>().harmless();
    let machine = saga().step(step).build().unwrap().to_value();
    assert_eq!(machine["StartAt"], "Look");
    assert_eq!(machine["States"]["Look"]["ResultPath"], Value::Null);
}

#[test]
fn outputs_of_branches_are_kept_beside_those_of_earlier_steps() {
    let breakfast = Step::new("book-breakfast").needs::<Room>().harmless();
    let branches = [Branch::of(breakfast), Branch::of(flight())];
    let saga = saga().step(hotel()).parallel("Both", branches).pivot(Step::new("pay").needs::<Seat>()).build().unwrap();
    let both = &saga.to_value()["States"]["Both"];
    let kept = json!({ "BookHotel.$": "$[0].outputs.BookHotel", "BookFlight.$": "$[1].outputs.BookFlight" });
    assert_eq!((&both["ResultSelector"], &both["ResultPath"]), (&kept, &json!("$.outputs")));
}

#[test]
fn a_need_is_of_a_step_that_is_sure_to_have_answered() {
    let nobody = "needs `trips.room version 2`, which no step that comes before it outputs";
    let needs = || Step::new("look").needs::<Room>().harmless();
    assert_eq!(problems(saga().step(needs())), [format!("step `look`: {nobody}")]);
    assert_eq!(problems(saga().step(needs()).step(hotel())), [format!("step `look`: {nobody}")]);
    let beside = [Branch::of(hotel()), Branch::of(needs())];
    assert_eq!(problems(saga().parallel("Both", beside)), [format!("step `look`: {nobody}")]);
    let behind = [Branch::of(hotel()).step(needs()), Branch::of(flight())];
    assert!(saga().parallel("Both", behind).build().is_ok());
    assert_eq!(
        problems(saga().step(hotel()).closed_by(Step::new("close").needs::<Room>())),
        [
            "step `close`: needs `trips.room version 2`, but closes a saga that may have been turned back before there was one"
        ]
    );
}

#[test]
fn an_output_has_one_giver() {
    let again = Step::new("book-suite").outputs::<Room>().undone_by("cancel-suite");
    assert_eq!(
        problems(saga().step(hotel()).step(again)),
        ["step `book-suite`: outputs `trips.room version 2`, as `book-hotel` does; who needs one could not say which"]
    );
}

#[test]
fn the_state_before_the_first_step_has_its_name_to_itself() {
    let start = || Step::new("start").undone_by("stop");
    assert!(saga().step(start()).build().is_ok());
    assert_eq!(
        problems(saga().step(start()).step(hotel())),
        ["state before the first step: would be the state `Start`, which there is already"]
    );
}
