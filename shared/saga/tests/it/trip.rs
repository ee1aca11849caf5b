//! A saga that has everything: a parallel stage, a step that needs no undoing, a pivot, a tail.

use serde::{Deserialize, Serialize};
use throughline_contracts::{Contract, JsonSchema, Kind};
use throughline_saga::{Branch, Saga, SagaBuilder, Step};

#[derive(Serialize, Deserialize, JsonSchema)]
pub(crate) struct Trip {
    trip_id: String,
}

impl Contract for Trip {
    const TYPE: &'static str = "trips.trip.book";
    const VERSION: u32 = 3;
    const OWNER: &'static str = "trips";
    const DESCRIPTION: &'static str = "What the saga book-trip works on.";
    const KIND: Kind = Kind::Saga;

    fn sample() -> Self {
        Self { trip_id: "trip_1".into() }
    }
}

pub(crate) fn builder() -> SagaBuilder<Trip> {
    Saga::of::<Trip>("book-trip")
        .about("Books a trip, or undoes what was booked.")
        .step(Step::new("check-passport").harmless())
        .parallel(
            "BookBoth",
            [
                Branch::of(Step::new("book-hotel").undone_by("cancel-hotel"))
                    .step(Step::new("book-breakfast").undone_by("cancel-breakfast")),
                Branch::of(Step::new("book-flight").undone_by("cancel-flight")),
            ],
        )
        .pivot(Step::new("pay-trip").about("Takes the money."))
        .step(Step::new("send-tickets"))
        .closed_by(Step::new("give-up-trip"))
        .ends("TripBooked", "TripGivenUp")
}

pub(crate) fn trip() -> Saga {
    builder().build().unwrap()
}
