//! A saga, with each of its steps failing in turn.

use std::time::Duration;

use crate::common::{Ran, Reply, fails, run_with};
use serde_json::{Value, json};
use throughline_states_language::Request;

const STEPS: [&str; 3] = ["book-hotel", "book-flight", "pay"];

fn saga() -> Value {
    serde_json::from_str(include_str!("fixtures/book-trip.asl.json")).unwrap()
}

fn input() -> Value {
    json!({"saga": {"id": "saga_1", "name": "book-trip"}, "event": {"id": "evt_1", "data": {"trip": 7}}})
}

fn function(request: &Request) -> &str {
    request.input["FunctionName"].as_str().unwrap()
}

fn handled() -> Reply {
    (Duration::from_millis(20), Ok(json!({"StatusCode": 200, "Payload": {"outcome": "handled"}})))
}

/// The functions that were called, in order.
fn called(ran: &Ran) -> Vec<&str> {
    ran.seen.iter().map(|input| input["FunctionName"].as_str().unwrap()).collect()
}

#[tokio::test(start_paused = true)]
async fn every_step_succeeds() {
    let ran = run_with(&saga(), input(), |_, _| handled()).await;
    assert_eq!(ran.output(), &input());
    assert_eq!(called(&ran), STEPS);
    let payload = json!({
        "saga": {"id": "saga_1", "name": "book-trip", "step": "book-hotel", "direction": "do", "attempt": 0},
        "event": {"id": "evt_1", "data": {"trip": 7}},
    });
    assert_eq!(ran.seen[0]["Payload"], payload);
}

#[tokio::test(start_paused = true)]
async fn a_step_that_fails_for_good_is_undone_with_those_before_it() {
    let undo = ["cancel-hotel", "cancel-flight", "refund"];
    for (index, failing) in STEPS.into_iter().enumerate() {
        let ran =
            run_with(
                &saga(),
                input(),
                move |_, request| {
                    if function(request) == failing { fails("card_declined") } else { handled() }
                },
            )
            .await;
        let mut expected: Vec<&str> = STEPS[..=index].to_vec();
        expected.extend(undo[..=index].iter().rev());
        assert_eq!(called(&ran), expected, "when {failing} fails");
        assert_eq!(ran.error(), ("card_declined", "card_declined happened"));
        let failure = json!({"Error": "card_declined", "Cause": "card_declined happened"});
        assert_eq!(ran.seen.last().unwrap()["Payload"]["failure"], failure);
    }
}

#[tokio::test(start_paused = true)]
async fn a_transient_error_is_retried_with_jitter_until_it_passes() {
    let ran = run_with(&saga(), input(), |number, _| if number <= 3 { fails("Transient") } else { handled() }).await;
    assert_eq!(called(&ran), ["book-hotel", "book-hotel", "book-hotel", "book-hotel", "book-flight", "pay"]);
    let attempts: Vec<u64> =
        ran.seen[..4].iter().map(|input| input["Payload"]["saga"]["attempt"].as_u64().unwrap()).collect();
    assert_eq!(attempts, [0, 1, 2, 3]);
    // Full jitter: at most 1 + 2 + 4 seconds, and hardly nothing.
    assert!(ran.took < Duration::from_secs(7) && ran.took > Duration::from_millis(100), "{:?}", ran.took);
}

#[tokio::test(start_paused = true)]
async fn retries_that_are_used_up_lead_to_compensation() {
    let ran = run_with(&saga(), input(), |_, request| {
        if function(request) == "pay" { fails("Lambda.TooManyRequestsException") } else { handled() }
    })
    .await;
    assert_eq!(called(&ran).iter().filter(|f| **f == "pay").count(), 5);
    assert_eq!(&called(&ran)[7..], ["refund", "cancel-flight", "cancel-hotel"]);
}

#[tokio::test(start_paused = true)]
async fn a_step_that_takes_too_long_is_retried_and_then_compensated() {
    let ran = run_with(&saga(), input(), |_, request| {
        if function(request) == "book-flight" { (Duration::from_secs(60), Ok(json!({}))) } else { handled() }
    })
    .await;
    assert_eq!(ran.kinds().iter().filter(|kind| **kind == "TaskTimedOut").count(), 5);
    assert_eq!(&called(&ran)[6..], ["cancel-flight", "cancel-hotel"]);
    assert!(ran.took >= Duration::from_secs(150));
}

#[tokio::test(start_paused = true)]
async fn a_compensation_that_fails_ends_the_execution_there() {
    let ran = run_with(&saga(), input(), |_, request| match function(request) {
        "pay" => fails("card_declined"),
        "cancel-flight" => fails("gone"),
        _ => handled(),
    })
    .await;
    assert_eq!(ran.error(), ("gone", "gone happened"));
    assert_eq!(ran.entered().last(), Some(&"CancelFlight"));
}

#[tokio::test(start_paused = true)]
async fn the_history_is_as_aws_records_it() {
    let ran = run_with(
        &saga(),
        input(),
        |_, request| {
            if function(request) == "book-hotel" { fails("sold_out") } else { handled() }
        },
    )
    .await;
    let expected = [
        "ExecutionStarted",
        "TaskStateEntered",
        "TaskScheduled",
        "TaskStarted",
        "TaskFailed",
        "TaskStateExited",
        "TaskStateEntered",
        "TaskScheduled",
        "TaskStarted",
        "TaskSucceeded",
        "TaskStateExited",
        "FailStateEntered",
        "ExecutionFailed",
    ];
    assert_eq!(ran.kinds(), expected);
    let links: Vec<u64> = ran.events.iter().map(|event| event["previousEventId"].as_u64().unwrap()).collect();
    assert_eq!(links, [0, 0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    assert_eq!(ran.events[0]["timestamp"], 1_795_521_600.0);
    let scheduled = &ran.events[2]["taskScheduledEventDetails"];
    assert_eq!(
        [&scheduled["resourceType"], &scheduled["resource"], &scheduled["region"], &scheduled["timeoutInSeconds"]],
        [&json!("lambda"), &json!("invoke"), &json!("us-east-1"), &json!(30)]
    );
    assert_eq!(
        ran.events[4]["taskFailedEventDetails"],
        json!({"resourceType": "lambda", "resource": "invoke", "error": "sold_out", "cause": "sold_out happened"})
    );
    assert_eq!(
        ran.events[12]["executionFailedEventDetails"],
        json!({"error": "sold_out", "cause": "sold_out happened"})
    );
}
