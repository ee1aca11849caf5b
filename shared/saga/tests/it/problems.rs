//! Definitions that are no sagas.

use std::time::Duration;

use throughline_saga::{Branch, Retry, Saga, SagaBuilder, Step};

use crate::trip::{Trip, builder};

fn saga() -> SagaBuilder<Trip> {
    Saga::of::<Trip>("book-trip")
}

/// The problems of a definition, as text.
fn problems(builder: SagaBuilder<Trip>) -> Vec<String> {
    builder.build().unwrap_err().problems.iter().map(ToString::to_string).collect()
}

fn hotel() -> Step<Trip> {
    Step::new("book-hotel").undone_by("cancel-hotel")
}

#[test]
fn a_saga_has_a_step_and_a_name() {
    assert_eq!(problems(saga()), ["saga: has no step"]);
    assert_eq!(
        problems(Saga::of::<Trip>("Book trip").step(hotel())),
        ["saga: `Book trip` is no name: lower-case letters, digits and hyphens, a letter first"]
    );
}

#[test]
fn names_of_steps_and_states_are_unique() {
    assert_eq!(
        problems(saga().step(hotel()).step(Step::new("book-hotel").undone_by("cancel-again"))),
        ["step `book-hotel`: has the name of another step; a step's effects are kept by its name"]
    );
    assert_eq!(
        problems(saga().step(hotel()).step(Step::new("book-flight").undone_by("cancel-hotel"))),
        ["compensation of `book-flight`: would be the state `CancelHotel`, which there is already"]
    );
    assert_eq!(
        problems(saga().step(hotel()).ends("BookHotel", "GivenUp")),
        ["final state: would be the state `BookHotel`, which there is already"]
    );
    let branches = [Branch::of(hotel()), Branch::of(Step::new("book-flight").harmless())];
    assert_eq!(
        problems(saga().parallel("BookFlight", branches)),
        ["step `book-flight`: would be the state `BookFlight`, which there is already"]
    );
}

#[test]
fn names_have_at_most_80_characters() {
    let long = "a".repeat(81);
    let told = problems(saga().step(Step::new(&long).harmless()));
    assert_eq!(told, [format!("step `{long}`: `{long}` has 81 characters; names have at most 80")]);
    assert!(saga().step(Step::new(&"a".repeat(80)).harmless()).build().is_ok());
}

#[test]
fn a_step_before_the_pivot_says_what_undoes_it() {
    assert_eq!(
        problems(saga().step(Step::new("book-hotel"))),
        ["step `book-hotel`: says neither what undoes it (`undone_by`) nor that nothing has to (`harmless`)"]
    );
}

#[test]
fn nothing_is_undone_from_the_pivot_on() {
    let told = problems(
        builder()
            .step(Step::new("book-taxi").undone_by("cancel-taxi"))
            .pivot(Step::new("decide-again").undone_by("undecide")),
    );
    let expected = [
        "step `decide-again`: is a second pivot; what comes after the first one is only tried again",
        "step `book-taxi`: has the compensation `cancel-taxi`, which never runs: nothing is undone from the pivot on",
        "step `decide-again`: has the compensation `undecide`, which never runs: nothing is undone from the pivot on",
    ];
    assert_eq!(told, expected);
    assert_eq!(
        problems(builder().closed_by(Step::new("give-up").undone_by("resume"))),
        ["step `give-up`: has the compensation `resume`, which never runs: it closes a saga that is already undone"]
    );
}

#[test]
fn a_function_does_or_undoes() {
    let told = problems(saga().step(hotel()).pivot(Step::new("pay").done_by("cancel-hotel")));
    assert_eq!(told, ["step `book-hotel`: function `cancel-hotel` does a step and undoes one; a function is either"]);
}

#[test]
fn branches_are_at_least_two() {
    assert_eq!(
        problems(saga().parallel("Both", [Branch::of(hotel())])),
        ["parallel `Both`: has fewer than two branches"]
    );
}

#[test]
fn times_fit_into_the_sagas() {
    let told = problems(saga().timeout(Duration::from_secs(30)).step(Step::new("look").harmless()));
    assert_eq!(
        told,
        [
            "step `look`: may take 45 s, longer than the saga's 30 s",
            "saga: its steps, compensations and their retries may take 301 s, longer than its timeout of 30 s"
        ]
    );
    let told = problems(saga().step(Step::new("look").harmless().timeout(Duration::ZERO)));
    assert_eq!(told, ["step `look`: has a timeout of 0 seconds"]);
}

#[test]
fn a_retry_policy_is_one_that_step_functions_takes() {
    let bad = [
        (Retry { interval_seconds: 0, ..Retry::QUICK }, "the interval is at least 1 s"),
        (Retry { backoff_rate: 0, ..Retry::QUICK }, "the backoff rate is at least 1"),
        (Retry { max_delay_seconds: 1, ..Retry::QUICK }, "the longest delay is longer than the interval"),
        (Retry { max_delay_seconds: 40_000_000, ..Retry::QUICK }, "the longest delay is at most 31,622,400 s"),
    ];
    for (retry, why) in bad {
        let told = problems(saga().step(Step::new("look").harmless().retry(retry)));
        assert_eq!(told, [format!("step `look`: retry: {why}")]);
    }
}

#[test]
fn every_problem_is_told_at_once() {
    let error = saga().step(Step::new("Look")).pivot(Step::new("pay").timeout(Duration::ZERO)).build().unwrap_err();
    let expected = "saga `book-trip` is not valid\n  \
        step `Look`: `Look` is no name: lower-case letters, digits and hyphens, a letter first\n  \
        step `Look`: says neither what undoes it (`undone_by`) nor that nothing has to (`harmless`)\n  \
        step `pay`: has a timeout of 0 seconds";
    assert_eq!(error.to_string(), expected);
}
