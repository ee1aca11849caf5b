//! Step Functions: states.

use std::time::Duration;

use aws_sdk_sfn::types::ExecutionStatus;
use serde_json::{Value, json};
use throughline_conformance::{Account, Case, case};

use crate::given::{function, machine, one, only, output, run};

const CHOICE: &str = "https://docs.aws.amazon.com/step-functions/latest/dg/state-choice.html";
const WAIT: &str = "https://docs.aws.amazon.com/step-functions/latest/dg/state-wait.html";
const PARALLEL: &str = "https://docs.aws.amazon.com/step-functions/latest/dg/state-parallel.html";
const MAP: &str = "https://docs.aws.amazon.com/step-functions/latest/dg/state-map-inline.html";
const FAIL: &str = "https://docs.aws.amazon.com/step-functions/latest/dg/state-fail.html";
const ERRORS: &str = "https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html";
const INTRINSICS: &str = "https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html";
const JSONATA: &str = "https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html";
const VARIABLES: &str = "https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html";
const PATHS: &str = "https://docs.aws.amazon.com/step-functions/latest/dg/concepts-input-output-filtering.html";

pub(crate) const CASES: &[Case] = &[
    case!(a_choice_takes_the_first_that_matches, "Choice takes the first rule that matches, else Default.", CHOICE),
    case!(no_choice_is_an_error, "Choice without a match and Default fails with States.NoChoiceMatched.", CHOICE),
    case!(a_wait_of_an_hour, "Wait takes the time that Seconds says.", WAIT).waits_long(),
    case!(a_fail_state_ends_the_execution, "Fail ends the execution as FAILED with its Error and Cause.", FAIL),
    case!(
        branches_answer_in_their_order,
        "Parallel answers its branches' outputs in the order of the branches.",
        PARALLEL
    ),
    case!(one_failed_branch_fails_all, "A branch that fails fails the Parallel state with its error.", PARALLEL),
    case!(
        a_map_answers_in_the_order_of_its_items,
        "Map runs its states for every item and answers in the order of the items.",
        MAP
    ),
    case!(a_retry_ends_with_success, "Retry runs a task again while its errors match, up to MaxAttempts.", ERRORS),
    case!(retries_back_off, "Retry waits IntervalSeconds, times BackoffRate for each further attempt.", ERRORS)
        .waits_long(),
    case!(
        exhausted_retries_are_caught,
        "When the retries are over Catch applies; ResultPath keeps the input beside the error.",
        ERRORS
    ),
    case!(
        errors_match_by_name,
        "Catch takes the first catcher that names the error; others fall through to States.ALL.",
        ERRORS
    ),
    case!(
        an_uncaught_error_fails_the_execution,
        "An error that nobody catches ends the execution as FAILED with it.",
        ERRORS
    ),
    case!(
        intrinsic_functions,
        "States.Format, Array, MathAdd, StringToJson and JsonToString work in Parameters.",
        INTRINSICS
    ),
    case!(
        paths_and_result_selector,
        "InputPath, Parameters, ResultPath and OutputPath shape what goes in and out.",
        PATHS
    ),
    case!(
        jsonata_in_a_state,
        "With QueryLanguage JSONata expressions in {% %} are evaluated over $states.input.",
        JSONATA
    ),
    case!(variables_are_seen_by_later_states, "What Assign sets is seen by later states.", VARIABLES),
    case!(a_runtime_error_of_jsonata, "An expression that fails is States.QueryEvaluationError.", ERRORS),
];

async fn done(t: &Account, definition: Value, input: Value) -> Value {
    let closed = run(t, definition, input).await;
    assert_eq!(closed.status(), &ExecutionStatus::Succeeded, "{closed:?}");
    output(&closed)
}

fn choosing(default: bool) -> Value {
    let mut choice = json!({
        "Type": "Choice",
        "Choices": [
            { "Variable": "$.n", "NumericGreaterThan": 10, "Next": "Big" },
            { "Variable": "$.n", "NumericGreaterThan": 5, "Next": "Middle" },
        ],
    });
    if default {
        choice["Default"] = "Small".into();
    }
    let pass = |text: &str| json!({ "Type": "Pass", "Result": text, "End": true });
    json!({
        "StartAt": "Choose",
        "States": { "Choose": choice, "Big": pass("big"), "Middle": pass("middle"), "Small": pass("small") },
    })
}

async fn a_choice_takes_the_first_that_matches(t: Account) {
    let machine = machine(&t, choosing(true)).await;
    for (n, expected) in [(11, "big"), (6, "middle"), (1, "small")] {
        let execution = machine.start(&format!("e{n}"), json!({ "n": n })).await;
        assert_eq!(output(&machine.closed(&t, &execution).await), expected, "{n}");
    }
}

async fn no_choice_is_an_error(t: Account) {
    let mut definition = choosing(false);
    definition["States"]["Big"]["Next"] = "Small".into();
    definition["States"]["Big"].as_object_mut().unwrap().remove("End");
    let closed = run(&t, definition, json!({ "n": 1 })).await;
    assert_eq!((closed.status(), closed.error()), (&ExecutionStatus::Failed, Some("States.NoChoiceMatched")));
}

async fn a_wait_of_an_hour(t: Account) {
    let machine = machine(&t, only(json!({ "Type": "Wait", "SecondsPath": "$.seconds" }))).await;
    let execution = machine.start("e", json!({ "seconds": 3600 })).await;
    t.pass(Duration::from_secs(3590)).await;
    assert_eq!(machine.describe(&execution).await.status(), &ExecutionStatus::Running);
    let closed = machine.closed(&t, &execution).await;
    assert_eq!(closed.stop_date().unwrap().secs() - closed.start_date().secs(), 3600);
}

async fn a_fail_state_ends_the_execution(t: Account) {
    let definition =
        json!({ "StartAt": "F", "States": { "F": { "Type": "Fail", "Error": "Broken", "Cause": "for a reason" } } });
    let closed = run(&t, definition, json!({})).await;
    assert_eq!(closed.status(), &ExecutionStatus::Failed);
    assert_eq!((closed.error(), closed.cause()), (Some("Broken"), Some("for a reason")));
}

async fn branches_answer_in_their_order(t: Account) {
    let slow = json!({
        "StartAt": "W",
        "States": { "W": { "Type": "Wait", "Seconds": 1, "Next": "P" }, "P": { "Type": "Pass", "Result": "slow", "End": true } },
    });
    let fast = one("F", json!({ "Type": "Pass", "Result": "fast" }));
    let definition = only(json!({ "Type": "Parallel", "Branches": [slow, fast] }));
    assert_eq!(done(&t, definition, json!({})).await, json!(["slow", "fast"]));
}

async fn one_failed_branch_fails_all(t: Account) {
    let long = one("W", json!({ "Type": "Wait", "Seconds": 600 }));
    let broken = json!({ "StartAt": "F", "States": { "F": { "Type": "Fail", "Error": "Broken" } } });
    let closed = run(&t, only(json!({ "Type": "Parallel", "Branches": [long, broken] })), json!({})).await;
    assert_eq!((closed.status(), closed.error()), (&ExecutionStatus::Failed, Some("Broken")));
}

async fn a_map_answers_in_the_order_of_its_items(t: Account) {
    let definition = only(json!({
        "Type": "Map",
        "ItemsPath": "$.items",
        "MaxConcurrency": 2,
        "ItemSelector": { "n.$": "$$.Map.Item.Value", "at.$": "$$.Map.Item.Index" },
        "ItemProcessor": one("P", json!({ "Type": "Pass" })),
    }));
    let expected = json!([{ "n": "a", "at": 0 }, { "n": "b", "at": 1 }, { "n": "c", "at": 2 }]);
    assert_eq!(done(&t, definition, json!({ "items": ["a", "b", "c"] })).await, expected);
}

/// A task that fails until it was tried `until` times again.
fn failing(function: &str, until: u32, retry: Value) -> Value {
    json!({
        "Type": "Task",
        "Resource": function,
        "Parameters": { "do": "fail_before", "until": until, "retry.$": "$$.State.RetryCount" },
        "Retry": [retry],
    })
}

async fn a_retry_ends_with_success(t: Account) {
    let function = function(&t, "f", "").await;
    let retry = json!({ "ErrorEquals": ["NotYet"], "IntervalSeconds": 1, "MaxAttempts": 2, "BackoffRate": 1.0 });
    let answer = done(&t, only(failing(&function.arn, 2, retry)), json!({})).await;
    assert_eq!(answer["retry"], 2);
}

async fn retries_back_off(t: Account) {
    let function = function(&t, "f", "").await;
    let retry = json!({ "ErrorEquals": ["NotYet"], "IntervalSeconds": 10, "MaxAttempts": 4, "BackoffRate": 2.0 });
    let closed = run(&t, only(failing(&function.arn, 4, retry)), json!({})).await;
    // 10 + 20 + 40 + 80 seconds.
    let took = closed.stop_date().unwrap().secs() - closed.start_date().secs();
    assert_eq!((closed.status(), took), (&ExecutionStatus::Succeeded, 150));
}

async fn exhausted_retries_are_caught(t: Account) {
    let function = function(&t, "f", "").await;
    let mut task =
        failing(&function.arn, 9, json!({ "ErrorEquals": ["NotYet"], "IntervalSeconds": 1, "MaxAttempts": 1 }));
    task["Catch"] = json!([{ "ErrorEquals": ["NotYet"], "ResultPath": "$.failure", "Next": "Caught" }]);
    task["End"] = true.into();
    let definition = json!({ "StartAt": "T", "States": { "T": task, "Caught": { "Type": "Pass", "End": true } } });
    let answer = done(&t, definition, json!({ "n": 1 })).await;
    assert_eq!((&answer["n"], &answer["failure"]["Error"]), (&json!(1), &json!("NotYet")));
    let cause: Value = serde_json::from_str(answer["failure"]["Cause"].as_str().unwrap()).unwrap();
    assert_eq!((&cause["errorType"], &cause["errorMessage"]), (&json!("NotYet"), &json!("not today")));
}

async fn errors_match_by_name(t: Account) {
    let function = function(&t, "f", "").await;
    let pass = |text: &str| json!({ "Type": "Pass", "Result": text, "End": true });
    let definition = json!({
        "StartAt": "T",
        "States": {
            "T": {
                "Type": "Task", "Resource": function.arn, "End": true,
                "Catch": [
                    { "ErrorEquals": ["Other"], "Next": "Other" },
                    { "ErrorEquals": ["Mine", "Yours"], "Next": "Named" },
                    { "ErrorEquals": ["States.ALL"], "Next": "All" },
                ],
            },
            "Other": pass("other"), "Named": pass("named"), "All": pass("all"),
        },
    });
    let machine = machine(&t, definition).await;
    for (error, expected) in [("Yours", "named"), ("Unknown", "all"), ("Other", "other")] {
        let execution = machine.start(error, json!({ "do": "fail", "error": error })).await;
        assert_eq!(output(&machine.closed(&t, &execution).await), expected, "{error}");
    }
}

async fn an_uncaught_error_fails_the_execution(t: Account) {
    let function = function(&t, "f", "").await;
    let machine = machine(&t, only(json!({ "Type": "Task", "Resource": function.arn }))).await;
    let execution = machine.start("e", json!({ "do": "fail" })).await;
    let closed = machine.closed(&t, &execution).await;
    assert_eq!((closed.status(), closed.error()), (&ExecutionStatus::Failed, Some("Refused")));
    let expected = [
        "ExecutionStarted",
        "TaskStateEntered",
        "LambdaFunctionScheduled",
        "LambdaFunctionStarted",
        "LambdaFunctionFailed",
        "ExecutionFailed",
    ];
    assert_eq!(machine.kinds(&execution).await, expected);
}

async fn intrinsic_functions(t: Account) {
    let parameters = json!({
        "text.$": "States.Format('order {} of {}', $.id, $.n)",
        "list.$": "States.Array($.n, 'x')",
        "sum.$": "States.MathAdd($.n, -1)",
        "parsed.$": "States.StringToJson('{\"a\":1}')",
        "text2.$": "States.JsonToString($.list)",
    });
    let definition = only(json!({ "Type": "Pass", "Parameters": parameters }));
    let answer = done(&t, definition, json!({ "id": "o-7", "n": 3, "list": [1, 2] })).await;
    let expected =
        json!({ "text": "order o-7 of 3", "list": [3, "x"], "sum": 2, "parsed": { "a": 1 }, "text2": "[1,2]" });
    assert_eq!(answer, expected);
}

async fn paths_and_result_selector(t: Account) {
    let function = function(&t, "f", "").await;
    let definition = only(json!({
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "InputPath": "$.order",
        "Parameters": { "FunctionName": function.arn, "Payload": { "id.$": "$.id" } },
        "ResultSelector": { "got.$": "$.Payload.id", "status.$": "$.StatusCode" },
        "ResultPath": "$.result",
        "OutputPath": "$.result",
    }));
    let answer = done(&t, definition, json!({ "order": { "id": "o-7" } })).await;
    assert_eq!(answer, json!({ "got": "o-7", "status": 200 }));
}

async fn jsonata_in_a_state(t: Account) {
    let definition = json!({
        "QueryLanguage": "JSONata",
        "StartAt": "P",
        "States": {
            "P": {
                "Type": "Pass", "End": true,
                "Output": { "sum": "{% $sum($states.input.lines.price) %}", "text": "as it is" },
            },
        },
    });
    let answer = done(&t, definition, json!({ "lines": [{ "price": 2 }, { "price": 3 }] })).await;
    assert_eq!(answer, json!({ "sum": 5, "text": "as it is" }));
}

async fn variables_are_seen_by_later_states(t: Account) {
    let definition = json!({
        "StartAt": "Set",
        "States": {
            "Set": { "Type": "Pass", "Assign": { "id.$": "$.id", "n": 1 }, "Next": "Use" },
            "Use": { "Type": "Pass", "Parameters": { "id.$": "$id", "n.$": "$n" }, "End": true },
        },
    });
    assert_eq!(done(&t, definition, json!({ "id": "o-7" })).await, json!({ "id": "o-7", "n": 1 }));
}

async fn a_runtime_error_of_jsonata(t: Account) {
    let definition = json!({
        "QueryLanguage": "JSONata",
        "StartAt": "P",
        "States": { "P": { "Type": "Pass", "End": true, "Output": "{% $number('no number') %}" } },
    });
    let closed = run(&t, definition, json!({})).await;
    assert_eq!((closed.status(), closed.error()), (&ExecutionStatus::Failed, Some("States.QueryEvaluationError")));
}
