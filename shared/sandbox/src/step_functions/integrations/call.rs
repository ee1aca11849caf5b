//! Services whose operation is called as it is: DynamoDB, SQS, EventBridge.

use serde_json::Value;
use throughline_states_language::{Start, TaskError};

use super::{failed, with_metadata};
use crate::cloud::{Cloud, Service};

/// `getItem` to `GetItem`.
pub(super) fn pascal(name: &str) -> String {
    let mut chars = name.chars();
    chars.next().into_iter().flat_map(char::to_uppercase).chain(chars).collect()
}

/// `prefix` stands before the names of errors.
pub(super) async fn optimized(
    cloud: &Cloud,
    (service, prefix): (Service, &str),
    operation: &str,
    input: Value,
) -> Result<Value, TaskError> {
    // Boxed: a service that is called can start an execution in its turn.
    let answer = Box::pin(cloud.call(service, &pascal(operation), input)).await;
    match answer {
        Ok(response) => Ok(with_metadata(cloud, response)),
        Err(error) => Err(failed(cloud, prefix, service, &error)),
    }
}

/// [SQS](https://docs.aws.amazon.com/step-functions/latest/dg/connect-sqs.html): a body that is not text is sent as JSON.
pub(super) async fn send_message(cloud: &Cloud, mut input: Value) -> Result<Value, TaskError> {
    if let Some(members) = input.as_object_mut() {
        members.retain(|_, value| !value.is_null());
    }
    if let Some(host) = input.get("QueueUrl").and_then(Value::as_str).and_then(unknown_host) {
        let cause = format!("Unable to execute HTTP request: {host}: Name or service not known");
        return Err(TaskError { error: "SQS.SdkClientException".into(), cause: Some(cause) });
    }
    as_text(input.get_mut("MessageBody"));
    optimized(cloud, (Service::Sqs, "SQS"), "sendMessage", input).await
}

/// The host of a URL that is no queue's: AWS's client connects to the host that the URL names.
fn unknown_host(url: &str) -> Option<&str> {
    let (host, path) = match url.split_once("://") {
        Some((_, rest)) => rest.split_once('/').unwrap_or((rest, "")),
        None => (url, ""),
    };
    (!path.contains('/')).then_some(host)
}

/// [EventBridge](https://docs.aws.amazon.com/step-functions/latest/dg/connect-eventbridge.html): the state machine and
/// the execution are among each entry's resources; an entry that was not taken fails the task.
pub(super) async fn put_events(cloud: &Cloud, mut input: Value, start: &Start) -> Result<Value, TaskError> {
    for entry in input.get_mut("Entries").and_then(Value::as_array_mut).into_iter().flatten() {
        as_text(entry.get_mut("Detail"));
        if let Some(entry) = entry.as_object_mut() {
            let resources = entry.entry("Resources").or_insert_with(|| Value::Array(Vec::new()));
            if let Some(resources) = resources.as_array_mut() {
                resources.extend([start.state_machine_arn.clone().into(), start.execution_arn.clone().into()]);
            }
        }
    }
    let response = optimized(cloud, (Service::EventBridge, "EventBridge"), "putEvents", input).await?;
    if response.get("FailedEntryCount").and_then(Value::as_u64).unwrap_or(0) > 0 {
        return Err(TaskError { error: "EventBridge.FailedEntry".into(), cause: Some(response.to_string()) });
    }
    Ok(response)
}

fn as_text(value: Option<&mut Value>) {
    if let Some(value) = value.filter(|value| !value.is_string()) {
        *value = Value::String(value.to_string());
    }
}
