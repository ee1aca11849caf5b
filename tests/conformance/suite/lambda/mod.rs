//! Lambda: functions and invocations that wait for their answer.

pub(crate) mod asynchronous;

use std::time::Duration;

use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::{Environment, InvocationType, LastUpdateStatus, LogType};
use base64::Engine as _;
use serde_json::json;
use throughline_conformance::{Account, Case, case, function as program};

use crate::given::{code, eventually, function, function_with, payload};

const INVOKE: &str = "https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html";
const ERRORS: &str = "https://docs.aws.amazon.com/lambda/latest/dg/invocation-retries.html";
const RUNTIME: &str = "https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html";
const TIMEOUT: &str = "https://docs.aws.amazon.com/lambda/latest/dg/configuration-timeout.html";
const LOGS: &str = "https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-view.html";
const CONCURRENCY: &str = "https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html";
const VARIABLES: &str = "https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html";
const LIFE: &str = "https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html";

pub(crate) const CASES: &[Case] = &[
    case!(
        an_invocation_answers_the_response,
        "Invoke answers 200, what the function returned, and the version that ran.",
        INVOKE
    ),
    case!(
        an_error_of_the_function_is_a_200,
        "A function's own error is status 200 with FunctionError, and errorType and errorMessage in the payload.",
        ERRORS
    ),
    case!(
        a_timeout_ends_an_invocation,
        "An invocation that takes longer than Timeout ends with Task timed out after N seconds.",
        TIMEOUT
    ),
    case!(an_exit_is_told, "A process that exits while it works is Runtime.ExitError with its status.", RUNTIME),
    case!(an_exited_process_is_replaced, "After an exit the next invocation runs in a new environment.", LIFE),
    case!(the_tail_of_the_log, "LogType Tail answers the last 4 KB of the log, with START, END and REPORT.", INVOKE),
    case!(a_dry_run_runs_nothing, "DryRun answers 204 and does not run the function.", INVOKE),
    case!(
        a_function_that_is_not_there,
        "Invoking a function that does not exist fails with ResourceNotFoundException.",
        INVOKE
    ),
    case!(a_payload_is_json, "A payload that is not JSON fails with InvalidRequestContentException.", INVOKE),
    case!(
        no_concurrency_is_a_throttle,
        "With a reserved concurrency of 0 every invocation fails with TooManyRequestsException.",
        CONCURRENCY
    ),
    case!(
        new_variables_count_from_the_next_invocation,
        "After UpdateFunctionConfiguration the next invocation has the new variables.",
        VARIABLES
    ),
    case!(
        output_goes_to_the_log_group,
        "What a function prints is in /aws/lambda/NAME, between START and END, REPORT.",
        LOGS
    ),
];

async fn an_invocation_answers_the_response(t: Account) {
    let function = function(&t, "f", "").await;
    let answer = function.invoke(json!({ "n": 1 })).await;
    assert_eq!((answer.status_code(), answer.function_error()), (200, None));
    assert_eq!(payload(&answer), json!({ "n": 1 }));
    assert_eq!(answer.executed_version(), Some("$LATEST"));
}

async fn an_error_of_the_function_is_a_200(t: Account) {
    let function = function(&t, "f", "").await;
    let answer = function.invoke(json!({ "do": "fail" })).await;
    assert_eq!((answer.status_code(), answer.function_error()), (200, Some("Unhandled")));
    let error = payload(&answer);
    assert_eq!((&error["errorType"], &error["errorMessage"]), (&json!("Refused"), &json!("not today")));
}

async fn a_timeout_ends_an_invocation(t: Account) {
    let function = function_with(&t, "f", "", Duration::from_secs(1)).await;
    let answer = function.invoke(json!({ "do": "wait", "seconds": 4 })).await;
    assert_eq!(answer.function_error(), Some("Unhandled"));
    let message = payload(&answer)["errorMessage"].as_str().unwrap().to_owned();
    assert!(message.ends_with("Task timed out after 1.00 seconds"), "{message}");
}

async fn an_exit_is_told(t: Account) {
    let function = function(&t, "f", "").await;
    let answer = function.invoke(json!({ "do": "exit" })).await;
    assert_eq!(answer.function_error(), Some("Unhandled"));
    let error = payload(&answer);
    assert_eq!(error["errorType"], "Runtime.ExitError");
    let message = error["errorMessage"].as_str().unwrap();
    assert!(message.ends_with("Runtime exited with error: exit status 3"), "{message}");
}

async fn an_exited_process_is_replaced(t: Account) {
    let function = function(&t, "f", "").await;
    assert!(function.invoke(json!({ "do": "exit" })).await.function_error().is_some());
    let answer = function.invoke(json!({ "n": 1 })).await;
    assert_eq!((answer.function_error(), payload(&answer)), (None, json!({ "n": 1 })));
}

async fn the_tail_of_the_log(t: Account) {
    let function = function(&t, "f", "").await;
    let request = t.lambda.invoke().function_name(&function.name).log_type(LogType::Tail);
    let answer = request.payload(Blob::new(r#"{"n":1}"#)).send().await.unwrap();
    let tail = base64::prelude::BASE64_STANDARD.decode(answer.log_result().unwrap()).unwrap();
    let tail = String::from_utf8_lossy(&tail).into_owned();
    for part in ["START RequestId: ", r#"event {"n":1}"#, "END RequestId: ", "REPORT RequestId: ", "Billed Duration: "]
    {
        assert!(tail.contains(part), "{part} in {tail}");
    }
}

async fn a_dry_run_runs_nothing(t: Account) {
    let function = function(&t, "f", "").await;
    let request = t.lambda.invoke().function_name(&function.name).invocation_type(InvocationType::DryRun);
    assert_eq!(request.send().await.unwrap().status_code(), 204);
    t.quiet().await;
    assert!(function.events(&t).await.is_empty());
}

async fn a_function_that_is_not_there(t: Account) {
    let error = t.lambda.invoke().function_name(t.name("none")).send().await.unwrap_err().into_service_error();
    assert!(error.is_resource_not_found_exception(), "{error:?}");
}

async fn a_payload_is_json(t: Account) {
    let function = function(&t, "f", "").await;
    let request = t.lambda.invoke().function_name(&function.name).payload(Blob::new("not JSON"));
    assert_eq!(code(request.send().await), "InvalidRequestContentException");
}

async fn no_concurrency_is_a_throttle(t: Account) {
    let function = function(&t, "f", "").await;
    let request = t.lambda.put_function_concurrency().function_name(&function.name);
    request.reserved_concurrent_executions(0).send().await.unwrap();
    assert_eq!(code(t.lambda.invoke().function_name(&function.name).send().await), "TooManyRequestsException");
}

async fn new_variables_count_from_the_next_invocation(t: Account) {
    let function = function(&t, "f", "answer:old").await;
    assert_eq!(payload(&function.invoke(json!({})).await), "old");
    let variables = Environment::builder().variables(program::MODE, "answer:new").build();
    let request = t.lambda.update_function_configuration().function_name(&function.name).environment(variables);
    request.send().await.unwrap();
    eventually(&t, "the end of the update", async || {
        let answer = t.lambda.get_function_configuration().function_name(&function.name).send().await.unwrap();
        (*answer.last_update_status()? == LastUpdateStatus::Successful).then_some(())
    })
    .await;
    assert_eq!(payload(&function.invoke(json!({})).await), "new");
}

async fn output_goes_to_the_log_group(t: Account) {
    let function = function(&t, "f", "").await;
    function.invoke(json!({ "n": 1 })).await;
    let group = format!("/aws/lambda/{}", function.name);
    let lines = eventually(&t, "the report", async || {
        let answer = t.logs.filter_log_events().log_group_name(&group).send().await.ok()?;
        let lines: Vec<String> =
            answer.events().iter().filter_map(|event| event.message().map(str::to_owned)).collect();
        lines.iter().any(|line| line.starts_with("REPORT")).then_some(lines)
    })
    .await;
    let place = |text: &str| {
        lines.iter().position(|line| line.starts_with(text)).unwrap_or_else(|| panic!("{text}: {lines:?}"))
    };
    assert!(place("START") < place("event") && place("event") < place("END"), "{lines:?}");
}
