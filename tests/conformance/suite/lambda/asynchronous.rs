//! Lambda: events that wait in Lambda's own queue.

use std::time::Duration;

use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::{DeadLetterConfig, DestinationConfig, InvocationType, OnFailure, OnSuccess};
use serde_json::{Value, json};
use throughline_conformance::{Account, Case, case};

use crate::given::{Function, Queue, eventually, function, queue};

const ASYNC: &str = "https://docs.aws.amazon.com/lambda/latest/dg/invocation-async.html";
const ERRORS: &str = "https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html";
const DESTINATIONS: &str = "https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html";

pub(crate) const CASES: &[Case] = &[
    case!(
        an_event_is_accepted_and_run_later,
        "Invoke with Event answers 202 without a payload; the function runs.",
        ASYNC
    ),
    case!(a_failed_event_is_retried_twice, "A failed event is run again after one minute and after two more.", ERRORS)
        .waits_long(),
    case!(retries_can_be_set, "With MaximumRetryAttempts 0 a failed event is run once.", ERRORS),
    case!(
        a_failure_goes_to_its_destination,
        "An event that failed for good is a record at the on-failure destination, with request and response context.",
        DESTINATIONS
    ),
    case!(
        a_success_goes_to_its_destination,
        "An event that succeeded is a record at the on-success destination, with the response.",
        DESTINATIONS
    ),
    case!(
        a_dead_letter_queue_gets_the_event,
        "A function's dead-letter queue gets the event itself, with RequestID, ErrorCode and ErrorMessage.",
        DESTINATIONS
    ),
];

async fn send(function: &Function, event: &Value) -> i32 {
    let request = function.lambda.invoke().function_name(&function.name).invocation_type(InvocationType::Event);
    let answer = request.payload(Blob::new(event.to_string())).send().await.unwrap();
    assert!(answer.payload().is_none_or(|payload| payload.as_ref().is_empty()));
    answer.status_code()
}

/// How often a failed event is run again, and where it and the successful ones go.
async fn configure(
    t: &Account,
    function: &Function,
    retries: Option<i32>,
    failed: Option<&Queue>,
    succeeded: Option<&Queue>,
) {
    let failed = failed.map(|queue| OnFailure::builder().destination(&queue.arn).build());
    let succeeded = succeeded.map(|queue| OnSuccess::builder().destination(&queue.arn).build());
    let destinations = DestinationConfig::builder().set_on_failure(failed).set_on_success(succeeded).build();
    let request = t.lambda.put_function_event_invoke_config().function_name(&function.name);
    request.set_maximum_retry_attempts(retries).destination_config(destinations).send().await.unwrap();
}

async fn an_event_is_accepted_and_run_later(t: Account) {
    let function = function(&t, "f", "").await;
    assert_eq!(send(&function, &json!({ "n": 1 })).await, 202);
    assert_eq!(function.given(&t, 1).await, [json!({ "n": 1 })]);
}

async fn a_failed_event_is_retried_twice(t: Account) {
    let (function, failed) = (function(&t, "f", "").await, queue(&t, "failed", &[]).await);
    configure(&t, &function, None, Some(&failed), None).await;
    send(&function, &json!({ "do": "fail" })).await;
    for (seconds, runs) in [(50, 1), (60, 2), (60, 2), (60, 3), (3600, 3)] {
        t.pass(Duration::from_secs(seconds)).await;
        assert_eq!(function.events(&t).await.len(), runs, "after {seconds} s more");
    }
    let record = failed.next_json(&t).await;
    assert_eq!(record["requestContext"]["condition"], "RetriesExhausted");
    assert_eq!(record["requestContext"]["approximateInvokeCount"], 3);
}

async fn retries_can_be_set(t: Account) {
    let (function, failed) = (function(&t, "f", "").await, queue(&t, "failed", &[]).await);
    configure(&t, &function, Some(0), Some(&failed), None).await;
    send(&function, &json!({ "do": "fail" })).await;
    let record = failed.next_json(&t).await;
    assert_eq!(record["requestContext"]["approximateInvokeCount"], 1);
    assert_eq!(function.given(&t, 1).await.len(), 1);
}

async fn a_failure_goes_to_its_destination(t: Account) {
    let (function, failed) = (function(&t, "f", "").await, queue(&t, "failed", &[]).await);
    configure(&t, &function, Some(0), Some(&failed), None).await;
    send(&function, &json!({ "do": "fail", "n": 1 })).await;
    let record = failed.next_json(&t).await;
    assert_eq!(record["version"], "1.0");
    assert_eq!(record["requestContext"]["functionArn"], format!("{}:$LATEST", function.arn));
    assert_eq!(record["requestContext"]["condition"], "RetriesExhausted");
    assert_eq!(record["requestPayload"], json!({ "do": "fail", "n": 1 }));
    assert_eq!(record["responseContext"]["statusCode"], 200);
    assert_eq!(record["responseContext"]["functionError"], "Unhandled");
    assert_eq!(record["responsePayload"]["errorMessage"], "not today");
}

async fn a_success_goes_to_its_destination(t: Account) {
    let (function, succeeded) = (function(&t, "f", "answer:done").await, queue(&t, "succeeded", &[]).await);
    configure(&t, &function, Some(0), None, Some(&succeeded)).await;
    send(&function, &json!({ "n": 1 })).await;
    let record = succeeded.next_json(&t).await;
    assert_eq!(record["requestContext"]["condition"], "Success");
    assert_eq!(record["requestPayload"], json!({ "n": 1 }));
    assert_eq!(record["responseContext"], json!({ "statusCode": 200, "executedVersion": "$LATEST" }));
    assert_eq!(record["responsePayload"], "done");
}

async fn a_dead_letter_queue_gets_the_event(t: Account) {
    let (function, dead) = (function(&t, "f", "").await, queue(&t, "dead", &[]).await);
    let config = DeadLetterConfig::builder().target_arn(&dead.arn).build();
    let request = t.lambda.update_function_configuration().function_name(&function.name);
    request.dead_letter_config(config).send().await.unwrap();
    configure(&t, &function, Some(0), None, None).await;
    eventually(&t, "the end of the update", async || {
        let answer = t.lambda.get_function_configuration().function_name(&function.name).send().await.unwrap();
        (answer.last_update_status?.as_str() == "Successful").then_some(())
    })
    .await;
    send(&function, &json!({ "do": "fail", "n": 1 })).await;
    let message = dead.next(&t).await;
    assert_eq!(serde_json::from_str::<Value>(message.body().unwrap()).unwrap(), json!({ "do": "fail", "n": 1 }));
    let attributes = message.message_attributes().unwrap();
    let text = |name: &str| attributes[name].string_value().unwrap();
    assert_eq!((text("ErrorCode"), text("ErrorMessage")), ("200", "not today"));
    assert!(!text("RequestID").is_empty());
}
