//! Choice, Wait, Parallel, Map, Retry, Catch and the ends of an execution.

use std::time::Duration;

use serde_json::{Value, json};
use throughline_states_language::Outcome;

use crate::common::{fails, only, run, run_with};

const TASK: &str = "arn:aws:states:::sqs:sendMessage";

async fn chosen(rule: Value, input: Value) -> bool {
    let mut rule = rule;
    rule["Next"] = json!("Yes");
    let definition = json!({"StartAt": "A", "States": {
        "A": {"Type": "Choice", "Choices": [rule], "Default": "No"},
        "Yes": {"Type": "Succeed"},
        "No": {"Type": "Succeed"},
    }});
    run(&definition, input).await.entered()[1] == "Yes"
}

#[tokio::test(start_paused = true)]
async fn choice_rules() {
    let input = json!({"n": 5, "m": 5.0, "s": "log-2026.txt", "t": "2026-11-24T12:00:00Z", "b": true, "null": null});
    let yes = [
        json!({"Variable": "$.n", "NumericEquals": 5}),
        json!({"Variable": "$.n", "NumericEqualsPath": "$.m"}),
        json!({"Variable": "$.n", "NumericGreaterThan": 4.5}),
        json!({"Variable": "$.s", "StringMatches": "log-*.txt"}),
        json!({"Variable": "$.s", "StringGreaterThanEquals": "log"}),
        json!({"Variable": "$.t", "TimestampEquals": "2026-11-24T13:00:00+01:00"}),
        json!({"Variable": "$.t", "IsTimestamp": true}),
        json!({"Variable": "$.s", "IsTimestamp": false}),
        json!({"Variable": "$.b", "BooleanEquals": true}),
        json!({"Variable": "$.null", "IsNull": true}),
        json!({"Variable": "$.x", "IsPresent": false}),
        json!({"Not": {"Variable": "$.n", "NumericEquals": 6}}),
        json!({"And": [{"Variable": "$.n", "IsNumeric": true}, {"Variable": "$.s", "IsString": true}]}),
        json!({"Or": [{"Variable": "$.n", "NumericEquals": 6}, {"Variable": "$.b", "IsBoolean": true}]}),
    ];
    for rule in yes {
        assert!(chosen(rule.clone(), input.clone()).await, "{rule}");
    }
    let no = [
        json!({"Variable": "$.n", "StringEquals": "5"}),
        json!({"Variable": "$.s", "StringMatches": "log-*.csv"}),
        json!({"Variable": "$.s", "NumericLessThan": 1}),
        json!({"Or": [{"Variable": "$.n", "NumericEquals": 6}]}),
        json!({"Variable": "$.x", "IsPresent": true}),
    ];
    for rule in no {
        assert!(!chosen(rule.clone(), input.clone()).await, "{rule}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_choice_that_matches_nothing() {
    let definition = json!({"StartAt": "A", "States": {
        "A": {"Type": "Choice", "Choices": [{"Variable": "$.a", "NumericEquals": 1, "Next": "B"}]},
        "B": {"Type": "Succeed"},
    }});
    assert_eq!(run(&definition, json!({"a": 2})).await.error().0, "States.NoChoiceMatched");
    assert_eq!(run(&definition, json!({})).await.error().0, "States.Runtime");
}

#[tokio::test(start_paused = true)]
async fn waits_cost_no_real_time() {
    let cases = [
        json!({"Seconds": 86_400}),
        json!({"SecondsPath": "$.seconds"}),
        json!({"Timestamp": "2026-11-25T12:00:00Z"}),
        json!({"TimestampPath": "$.at"}),
    ];
    for mut state in cases {
        state["Type"] = json!("Wait");
        state["End"] = json!(true);
        let ran = run(&only(state), json!({"seconds": 86_400, "at": "2026-11-25T12:00:00Z"})).await;
        assert_eq!(ran.took, Duration::from_secs(86_400));
    }
    let wait = json!({"Type": "Wait", "SecondsPath": "$.a", "End": true});
    assert_eq!(run(&only(wait), json!({"a": "x"})).await.error().0, "States.Runtime");
}

fn branch(name: &str, seconds: u64) -> Value {
    let wait = format!("{name} waits");
    json!({"StartAt": wait, "States": {
        &wait: {"Type": "Wait", "Seconds": seconds, "Next": name},
        name: {"Type": "Task", "Resource": TASK, "Parameters": {"name": name}, "End": true},
    }})
}

#[tokio::test(start_paused = true)]
async fn branches_run_side_by_side() {
    let parallel = json!({"Type": "Parallel", "Branches": [branch("Slow", 10), branch("Fast", 1)], "End": true});
    let ran = run(&only(parallel), json!({})).await;
    assert_eq!(ran.output(), &json!([{"name": "Slow"}, {"name": "Fast"}]));
    assert_eq!(ran.took, Duration::from_secs(10));
    let kinds = ran.kinds();
    assert_eq!(
        kinds[..5],
        ["ExecutionStarted", "ParallelStateEntered", "ParallelStateStarted", "WaitStateEntered", "WaitStateEntered"]
    );
    assert_eq!(kinds[kinds.len() - 3..], ["ParallelStateSucceeded", "ParallelStateExited", "ExecutionSucceeded"]);
    assert_eq!([&ran.events[3]["previousEventId"], &ran.events[4]["previousEventId"]], [3, 3]);
}

#[tokio::test(start_paused = true)]
async fn a_branch_that_fails_stops_the_others_and_can_be_caught() {
    let parallel = json!({
        "Type": "Parallel",
        "Branches": [branch("Slow", 10), branch("Fast", 1)],
        "Catch": [{"ErrorEquals": ["Broken"], "ResultPath": "$.why", "Next": "After"}],
        "End": true,
    });
    let definition = json!({"StartAt": "P", "States": {"P": parallel, "After": {"Type": "Pass", "End": true}}});
    let ran = run_with(&definition, json!({"a": 1}), |_, _| fails("Broken")).await;
    assert_eq!(ran.output(), &json!({"a": 1, "why": {"Error": "Broken", "Cause": "Broken happened"}}));
    assert_eq!(ran.took, Duration::from_secs(1));
    let kinds = ran.kinds();
    let failed = kinds.iter().position(|kind| *kind == "ParallelStateFailed").unwrap();
    assert_eq!(
        kinds[failed - 3..=failed + 1],
        ["TaskFailed", "TaskStateAborted", "WaitStateAborted", "ParallelStateFailed", "ParallelStateExited"]
    );
}

fn map(fields: Value) -> Value {
    let mut map = json!({
        "Type": "Map",
        "ItemProcessor": {
            "StartAt": "Item",
            "States": {"Item": {"Type": "Task", "Resource": TASK, "End": true}},
        },
        "End": true,
    });
    for (name, value) in fields.as_object().unwrap() {
        map[name] = value.clone();
    }
    only(map)
}

#[tokio::test(start_paused = true)]
async fn map_runs_an_iteration_per_item() {
    let fields = json!({
        "ItemsPath": "$.items",
        "ItemSelector": {"i.$": "$$.Map.Item.Index", "item.$": "$$.Map.Item.Value", "all.$": "$.all"},
        "MaxConcurrency": 2,
        "ResultPath": "$.results",
    });
    let second = Duration::from_secs(1);
    let input = json!({"items": ["a", "b", "c"], "all": 1});
    let ran = run_with(&map(fields), input, move |_, r| (second, Ok(r.input["item"].clone()))).await;
    assert_eq!(ran.output()["results"], json!(["a", "b", "c"]));
    assert_eq!(ran.seen[2], json!({"i": 2, "item": "c", "all": 1}));
    assert_eq!(ran.took, Duration::from_secs(2));
    let expected = ["ExecutionStarted", "MapStateEntered", "MapStateStarted", "MapIterationStarted"];
    assert_eq!(ran.kinds()[..4], expected);
    assert_eq!(ran.events[2]["mapStateStartedEventDetails"], json!({"length": 3}));
    assert_eq!(ran.events[3]["mapIterationStartedEventDetails"], json!({"name": "Only", "index": 0}));
    assert_eq!(ran.kinds().iter().filter(|kind| **kind == "MapIterationSucceeded").count(), 3);
}

#[tokio::test(start_paused = true)]
async fn an_iteration_that_fails_ends_the_map() {
    let ran = run_with(&map(json!({})), json!([1, 2]), |_, _| fails("Broken")).await;
    assert_eq!(ran.error().0, "Broken");
    let kinds = ran.kinds();
    assert_eq!(kinds[kinds.len() - 2..], ["MapStateFailed", "ExecutionFailed"]);
    assert!(kinds.contains(&"MapIterationFailed"));
    assert_eq!(run(&map(json!({})), json!({})).await.error().0, "States.Runtime");
    assert_eq!(run(&map(json!({})), json!([])).await.output(), &json!([]));
}

#[tokio::test(start_paused = true)]
async fn retriers_count_for_themselves_and_back_off() {
    let task = json!({
        "Type": "Task",
        "Resource": TASK,
        "Retry": [
            {"ErrorEquals": ["A"], "IntervalSeconds": 2, "BackoffRate": 3, "MaxAttempts": 2},
            {"ErrorEquals": ["B"], "IntervalSeconds": 10, "MaxDelaySeconds": 15, "MaxAttempts": 3},
            {"ErrorEquals": ["C"], "MaxAttempts": 0},
        ],
        "End": true,
    });
    // A: 2 and 6 seconds; B: 10, 15 and 15 seconds.
    let errors = ["A", "B", "A", "B", "B", "C"];
    let ran = run_with(&only(task), json!({}), move |number, _| fails(errors[number - 1])).await;
    assert_eq!((ran.error().0, ran.seen.len()), ("C", 6));
    assert_eq!(ran.took, Duration::from_secs(2 + 6 + 10 + 15 + 15));
}

async fn caught_by(name: &str, error: &'static str) -> bool {
    let definition = json!({"StartAt": "A", "States": {
        "A": {"Type": "Task", "Resource": TASK, "Catch": [{"ErrorEquals": [name], "Next": "B"}], "End": true},
        "B": {"Type": "Succeed"},
    }});
    let ran = run_with(&definition, json!({}), move |_, _| fails(error)).await;
    ran.entered().len() == 2
}

#[tokio::test(start_paused = true)]
async fn names_of_errors() {
    for (name, error) in [
        ("E", "E"),
        ("States.ALL", "States.DataLimitExceeded"),
        ("States.ALL", "E"),
        ("States.ALL", "States.Timeout"),
        ("States.TaskFailed", "E"),
    ] {
        assert!(caught_by(name, error).await, "{name} catches {error}");
    }
    let not = [
        ("E", "F"),
        ("States.TaskFailed", "States.Timeout"),
        ("States.ALL", "States.Runtime"),
        ("States.TaskFailed", "States.Runtime"),
    ];
    for (name, error) in not {
        assert!(!caught_by(name, error).await, "{name} does not catch {error}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_task_that_is_silent_for_too_long() {
    let task = |catch: &str| {
        json!({"StartAt": "A", "States": {
            "A": {"Type": "Task", "Resource": TASK, "HeartbeatSeconds": 5, "TimeoutSeconds": 60, "End": true,
                  "Catch": [{"ErrorEquals": [catch], "Next": "B"}]},
            "B": {"Type": "Succeed"},
        }})
    };
    for catch in ["States.Timeout", "States.HeartbeatTimeout"] {
        let ran = run_with(&task(catch), json!({}), |_, _| (Duration::from_secs(30), Ok(json!({})))).await;
        assert_eq!((ran.took, ran.entered().len()), (Duration::from_secs(5), 2), "{catch}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_machine_has_a_timeout() {
    let mut definition = only(json!({"Type": "Wait", "Seconds": 100, "End": true}));
    definition["TimeoutSeconds"] = json!(60);
    let ran = run(&definition, json!({})).await;
    assert_eq!((&ran.outcome, ran.took), (&Outcome::TimedOut, Duration::from_secs(60)));
    assert_eq!(ran.kinds().last(), Some(&"ExecutionTimedOut"));
}

#[tokio::test(start_paused = true)]
async fn a_loop_without_end_fills_the_history() {
    let definition = json!({"StartAt": "A", "States": {
        "A": {"Type": "Pass", "Next": "B"},
        "B": {"Type": "Choice", "Choices": [{"Variable": "$.stop", "IsPresent": true, "Next": "C"}], "Default": "A"},
        "C": {"Type": "Succeed"},
    }});
    let ran = run(&definition, json!({})).await;
    assert!(ran.error().1.contains("maximum number of history events (25000)"));
    assert_eq!(ran.events.len(), 25_000);
}

#[tokio::test(start_paused = true)]
async fn a_fail_state_ends_with_its_error_and_cause() {
    let ran = run(
        &only(json!({"Type": "Fail", "ErrorPath": "$.e", "CausePath": "States.Format('{}!', $.c)"})),
        json!({"e": "E", "c": "why"}),
    )
    .await;
    assert_eq!(ran.error(), ("E", "why!"));
    let ran = run(&only(json!({"Type": "Fail"})), json!({})).await;
    assert_eq!(ran.outcome, Outcome::Failed { error: None, cause: None });
}
