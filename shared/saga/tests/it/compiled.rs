//! What a saga is in Amazon States Language.

use serde_json::{Value, json};
use throughline_saga::{CIRCUIT_OPEN, Retry, Role, Stage, UNAVAILABLE_ERRORS};

use crate::trip::trip;

fn state<'a>(machine: &'a Value, name: &str) -> &'a Value {
    let state = &machine["States"][name];
    assert!(state.is_object(), "there is no state {name}");
    state
}

#[test]
fn states_are_in_the_order_in_which_they_run() {
    let machine = trip().to_value();
    let names: Vec<_> = machine["States"].as_object().unwrap().keys().map(String::as_str).collect();
    let expected = [
        "CheckPassport",
        "BookBoth",
        "PayTrip",
        "SendTickets",
        "TripBooked",
        "CancelFlight",
        "CancelBreakfast",
        "CancelHotel",
        "GiveUpTrip",
        "TripGivenUp",
    ];
    assert_eq!(names, expected);
    assert_eq!(machine["StartAt"], "CheckPassport");
    let way: Vec<_> = names.iter().map(|name| machine["States"][name]["Next"].as_str()).collect();
    let next = [
        Some("BookBoth"),
        Some("PayTrip"),
        Some("SendTickets"),
        Some("TripBooked"),
        None,
        Some("CancelBreakfast"),
        Some("CancelHotel"),
        Some("GiveUpTrip"),
        Some("TripGivenUp"),
        None,
    ];
    assert_eq!(way, next);
}

#[test]
fn a_failure_turns_back_to_the_own_compensation_and_after_the_pivot_to_none() {
    let machine = trip().to_value();
    let caught = |name: &str| state(&machine, name)["Catch"][0]["Next"].as_str().map(str::to_owned);
    assert_eq!(caught("CheckPassport").as_deref(), Some("GiveUpTrip"), "nothing was done yet");
    assert_eq!(caught("BookBoth").as_deref(), Some("CancelFlight"));
    assert_eq!(caught("PayTrip").as_deref(), Some("CancelFlight"));
    for uncaught in ["SendTickets", "CancelFlight", "CancelHotel", "GiveUpTrip"] {
        assert_eq!(caught(uncaught), None, "{uncaught}");
    }
}

#[test]
fn branches_catch_nothing_themselves() {
    let machine = trip().to_value();
    let branch = &state(&machine, "BookBoth")["Branches"][0];
    assert_eq!(branch["StartAt"], "BookHotel");
    assert_eq!(branch["States"]["BookHotel"]["Next"], "BookBreakfast");
    assert_eq!(branch["States"]["BookBreakfast"]["End"], true);
    assert_eq!(branch["States"]["BookBreakfast"]["Catch"], Value::Null);
}

#[test]
fn a_compensation_is_given_the_step_that_it_undoes_and_why() {
    let machine = trip().to_value();
    let payload = &state(&machine, "CancelBreakfast")["Parameters"]["Payload"];
    assert_eq!((&payload["saga"]["step"], &payload["saga"]["direction"]), (&json!("book-breakfast"), &json!("undo")));
    assert_eq!(payload["failure.$"], "$.failure");
    assert_eq!(state(&machine, "CancelBreakfast")["Parameters"]["FunctionName"], "${CancelBreakfast}");
}

#[test]
fn steps_are_tried_quickly_before_the_pivot_and_patiently_from_it_on() {
    let machine = trip().to_value();
    let attempts = |state: &Value| state["Retry"][0]["MaxAttempts"].as_u64().unwrap();
    let tried: Vec<_> = ["CheckPassport", "PayTrip", "SendTickets", "CancelHotel", "GiveUpTrip"]
        .map(|name| attempts(state(&machine, name)))
        .into();
    assert_eq!(tried, [5, 20, 20, 20, 20]);
    let hotel = &state(&machine, "BookBoth")["Branches"][0]["States"]["BookHotel"];
    assert_eq!(attempts(hotel), 5);
}

/// The retriers of who is away are every step's, beside its own, and end with the saga's time only.
#[test]
fn an_open_circuit_and_a_service_that_is_away_take_none_of_a_steps_attempts() {
    let machine = trip().to_value();
    for name in ["CheckPassport", "PayTrip", "SendTickets", "CancelHotel", "GiveUpTrip"] {
        let retriers = state(&machine, name)["Retry"].as_array().unwrap();
        assert_eq!(retriers.len(), 3, "{name}");
        let own = retriers[0]["ErrorEquals"].as_array().unwrap();
        assert!(UNAVAILABLE_ERRORS.iter().chain([&CIRCUIT_OPEN]).all(|away| !own.contains(&(*away).into())), "{name}");
        assert_eq!(retriers[1]["ErrorEquals"], serde_json::json!(UNAVAILABLE_ERRORS), "{name}");
        assert_eq!(retriers[2]["ErrorEquals"], serde_json::json!([CIRCUIT_OPEN]), "{name}");
        assert!(retriers[1..].iter().all(|retrier| retrier["MaxAttempts"] == Retry::MOST), "{name}");
    }
}

#[test]
fn a_saga_says_what_it_works_on_and_which_functions_it_calls() {
    let trip = trip();
    assert_eq!(trip.input(), ("trips.trip.book", 3));
    let functions = trip.functions();
    let named = |role| functions.iter().filter(|f| f.role == role).map(|f| f.name.as_str()).collect::<Vec<_>>();
    assert_eq!(named(Role::Compensation), ["cancel-hotel", "cancel-breakfast", "cancel-flight"]);
    assert_eq!(named(Role::Step).len(), 7);
    assert_eq!(trip.pivot().unwrap().name(), "pay-trip");
    assert!(matches!(trip.stages()[1], Stage::Parallel { .. }));
}

#[test]
fn the_longest_time_of_retries_is_their_sum() {
    // Six attempts of 45 s, and waits of at most 1, 2, 4, 8 and 16 s.
    assert_eq!(Retry::QUICK.longest(45), Some(6 * 45 + 31));
    // Waits of 1 to 256 s, then eleven of 300 s.
    assert_eq!(Retry::PATIENT.longest(45), Some(21 * 45 + 511 + 11 * 300));
    assert_eq!(Retry::UNTIL_TIMEOUT.longest(45), None);
}
