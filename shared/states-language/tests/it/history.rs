//! The history, event by event: ids, previous ids and causes as AWS records them.

use std::time::Duration;

use serde_json::{Value, json};

use crate::common::{Ran, fails, only, run, run_with};

/// Id, previous id and type of each event.
fn chain(ran: &Ran) -> Vec<(u64, u64, &str)> {
    let number = |event: &Value, name: &str| event[name].as_u64().unwrap();
    let events = ran.events.iter();
    events.map(|e| (number(e, "id"), number(e, "previousEventId"), e["type"].as_str().unwrap())).collect()
}

fn pass() -> Value {
    json!({"StartAt": "Item", "States": {"Item": {"Type": "Pass", "End": true}}})
}

fn map(fields: Value) -> Value {
    let mut map = json!({"Type": "Map", "ItemProcessor": pass(), "End": true});
    for (name, value) in fields.as_object().unwrap() {
        map[name] = value.clone();
    }
    only(map)
}

#[tokio::test(start_paused = true)]
async fn iterations_one_after_the_other_follow_each_other() {
    let ran = run(&map(json!({"MaxConcurrency": 1})), json!([1, 2])).await;
    let expected = [
        (1, 0, "ExecutionStarted"),
        (2, 0, "MapStateEntered"),
        (3, 2, "MapStateStarted"),
        (4, 3, "MapIterationStarted"),
        (5, 4, "PassStateEntered"),
        (6, 5, "PassStateExited"),
        (7, 6, "MapIterationSucceeded"),
        (8, 6, "MapIterationStarted"),
        (9, 8, "PassStateEntered"),
        (10, 9, "PassStateExited"),
        (11, 10, "MapIterationSucceeded"),
        (12, 11, "MapStateSucceeded"),
        (13, 11, "MapStateExited"),
        (14, 13, "ExecutionSucceeded"),
    ];
    assert_eq!(chain(&ran), expected);
}

#[tokio::test(start_paused = true)]
async fn iterations_side_by_side_all_start_first() {
    let task = json!({"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "End": true});
    let processor = json!({"StartAt": "Item", "States": {"Item": task}});
    let reply = |_: usize, r: &throughline_states_language::Request| (Duration::from_secs(1), Ok(r.input.clone()));
    let ran = run_with(&map(json!({"ItemProcessor": processor})), json!([1, 2]), reply).await;
    let expected = [
        (4, 3, "MapIterationStarted"),
        (5, 3, "MapIterationStarted"),
        (6, 4, "TaskStateEntered"),
        (7, 6, "TaskScheduled"),
        (8, 5, "TaskStateEntered"),
        (9, 8, "TaskScheduled"),
        (10, 7, "TaskStarted"),
        (11, 9, "TaskStarted"),
    ];
    assert_eq!(chain(&ran)[3..11], expected);
}

#[tokio::test(start_paused = true)]
async fn a_map_fails_once_after_its_retries() {
    let fail = json!({"StartAt": "Item", "States": {"Item": {"Type": "Fail", "Error": "E"}}});
    let retry = json!([{"ErrorEquals": ["E"], "MaxAttempts": 1}]);
    let ran = run(&map(json!({"ItemProcessor": fail, "Retry": retry})), json!([1])).await;
    let expected = [
        (3, 2, "MapStateStarted"),
        (4, 3, "MapIterationStarted"),
        (5, 4, "FailStateEntered"),
        (6, 5, "MapIterationFailed"),
        (7, 5, "MapStateStarted"),
        (8, 7, "MapIterationStarted"),
        (9, 8, "FailStateEntered"),
        (10, 9, "MapIterationFailed"),
        (11, 9, "MapStateFailed"),
        (12, 11, "ExecutionFailed"),
    ];
    assert_eq!(chain(&ran)[2..], expected);
}

#[tokio::test(start_paused = true)]
async fn a_distributed_map_shows_its_run_only() {
    let mut processor = pass();
    processor["ProcessorConfig"] = json!({"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"});
    let ran = run(&map(json!({ "ItemProcessor": processor })), json!(["a", "b"])).await;
    let expected = [
        (3, 2, "MapStateStarted"),
        (4, 3, "MapRunStarted"),
        (5, 4, "MapRunSucceeded"),
        (6, 5, "MapStateSucceeded"),
        (7, 5, "MapStateExited"),
        (8, 7, "ExecutionSucceeded"),
    ];
    assert_eq!(chain(&ran)[2..], expected);
    assert_eq!(ran.output(), &json!(["a", "b"]));
    let arn = ran.events[3]["mapRunStartedEventDetails"]["mapRunArn"].as_str().unwrap();
    assert!(arn.starts_with("arn:aws:states:us-east-1:000000000000:mapRun:test/"), "{arn}");
}

#[tokio::test(start_paused = true)]
async fn a_distributed_map_tolerates_failures_up_to_its_threshold() {
    let task = json!({"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "End": true});
    let config = json!({"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"});
    let processor = json!({"ProcessorConfig": config, "StartAt": "Item", "States": {"Item": task}});
    let second_fails = |fields: Value| {
        let mut fields = fields;
        fields["ItemProcessor"] = processor.clone();
        let definition = map(fields);
        async move {
            run_with(&definition, json!([1, 2, 3]), |number, r| {
                if number == 2 { fails("E") } else { (Duration::ZERO, Ok(r.input.clone())) }
            })
            .await
        }
    };
    let ran = second_fails(json!({"ToleratedFailureCount": 1})).await;
    assert_eq!(ran.output(), &json!([1, 3]));
    let ran = second_fails(json!({"ToleratedFailurePercentage": 34})).await;
    assert_eq!(ran.output(), &json!([1, 3]));
    let ran = second_fails(json!({})).await;
    assert_eq!(ran.error().0, "States.ExceedToleratedFailureThreshold");
    let kinds = ran.kinds();
    assert_eq!(kinds[kinds.len() - 3..], ["MapRunFailed", "MapStateFailed", "ExecutionFailed"]);
}

#[tokio::test(start_paused = true)]
async fn an_expression_that_fails_has_an_event_before_the_state() {
    let state =
        json!({"Type": "Map", "QueryLanguage": "JSONata", "Items": "{% 1 %}", "ItemProcessor": pass(), "End": true});
    let ran = run(&only(state), json!({})).await;
    let expected =
        [(2, 0, "MapStateEntered"), (3, 0, "EvaluationFailed"), (4, 3, "MapStateFailed"), (5, 4, "ExecutionFailed")];
    assert_eq!(chain(&ran)[1..], expected);
    let cause = "An error occurred while executing the state 'Only' (entered at the event id #2). The JSONata expression \
                 '1' specified for the field 'Items' returned an unexpected result type. Expected 'array', but was \
                 'number' for value: 1";
    assert_eq!(ran.error(), ("States.QueryEvaluationError", cause));
}

#[tokio::test(start_paused = true)]
async fn the_input_is_shown_as_it_was_sent() {
    let mut start = throughline_states_language::Start { input: json!([1, 2]), ..Default::default() };
    start.input_text = "[1,  2]".into();
    let history = throughline_states_language::History::started(&start, jiff::Timestamp::UNIX_EPOCH);
    assert_eq!(history.events()[0].to_json(true)["executionStartedEventDetails"]["input"], "[1,  2]");
}

/// The cause of the one state that fails, without the place.
async fn cause(state: Value, input: Value) -> String {
    let ran = run(&only(state), input).await;
    let (_, cause) = ran.error();
    cause.split_once("(entered at the event id #2). ").unwrap().1.to_owned()
}

#[tokio::test(start_paused = true)]
async fn causes_in_the_words_of_aws() {
    let wait = |name: &str| json!({"Type": "Wait", name: "$.w", "End": true});
    let map =
        |name: &str| json!({"Type": "Map", "ItemsPath": "$.i", name: "$.n", "ItemProcessor": pass(), "End": true});
    let cases = [
        (wait("SecondsPath"), json!({}), "The SecondsPath parameter does not reference an input value: $.w"),
        (wait("SecondsPath"), json!({"w": -1}), "The SecondsPath parameter references a negative value: $.w == -1"),
        (
            wait("SecondsPath"),
            json!({"w": 1.5}),
            "The SecondsPath parameter cannot be parsed as a long value: $.w == 1.5",
        ),
        (
            wait("TimestampPath"),
            json!({"w": "2026-11-25 12:00:00Z"}),
            "The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time format string: \
             $.w == 2026-11-25 12:00:00Z",
        ),
        (
            json!({"Type": "Pass", "InputPath": "$.a.b", "End": true}),
            json!({}),
            "Invalid path '$.a.b' : Missing property in path $['a']",
        ),
        (
            json!({"Type": "Pass", "InputPath": "$.a", "End": true}),
            json!({}),
            "Invalid path '$.a' : No results for path: $['a']",
        ),
        (
            json!({"Type": "Fail", "ErrorPath": "$.e"}),
            json!({"a": 1}),
            "The JSONPath '$.e' specified for the field 'ErrorPath' could not be found in the input '{\"a\":1}'",
        ),
        (
            map("MaxConcurrencyPath"),
            json!({"i": [], "n": {}}),
            "The MaxConcurrencyPath field refers to value \"{}\" which is not a valid integer: $.n",
        ),
        (
            json!({"Type": "Map", "ItemsPath": "$.i", "ItemProcessor": pass(), "End": true}),
            json!({"i": 1}),
            "Reference path \"$.i\" must point to array.",
        ),
    ];
    for (state, input, expected) in cases {
        assert_eq!(cause(state, input).await, expected);
    }
}

/// Whoever reads the suite's times sees what an hour costs; here it must only end.
#[tokio::test(start_paused = true)]
async fn an_hour_of_waits_takes_an_hour_of_virtual_time() {
    let state = |next: &str| json!({"Type": "Wait", "Seconds": 60, "Next": next});
    let mut states = serde_json::Map::new();
    for minute in 0..60 {
        states.insert(format!("Minute {minute}"), state(&format!("Minute {}", minute + 1)));
    }
    states.insert("Minute 60".into(), json!({"Type": "Succeed"}));
    let ran = run(&json!({"StartAt": "Minute 0", "States": states}), json!({})).await;
    assert_eq!(ran.took, Duration::from_secs(3600));
    assert_eq!(ran.entered().len(), 61);
}
