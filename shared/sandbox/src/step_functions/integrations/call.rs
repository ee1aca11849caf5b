//! Services whose operation is called as it is: DynamoDB, SQS, EventBridge.

use serde_json::Value;
use throughline_states_language::TaskError;

use super::{failed, with_metadata};
use crate::cloud::{Cloud, Service};

/// `prefix` stands before the names of errors.
pub(super) async fn plain(
    cloud: &Cloud,
    (service, prefix): (Service, &str),
    operation: &str,
    input: Value,
) -> Result<Value, TaskError> {
    let mut chars = operation.chars();
    let operation: String = chars.next().into_iter().flat_map(char::to_uppercase).chain(chars).collect();
    // Boxed: a service that is called can start an execution in its turn.
    let answer = Box::pin(cloud.call(service, &operation, input)).await;
    match answer {
        Ok(response) if prefix == "DynamoDb" || prefix == "Sqs" => Ok(response),
        Ok(response) => Ok(with_metadata(cloud, response)),
        Err(error) => Err(failed(cloud, prefix, service, &error)),
    }
}

/// [SQS](https://docs.aws.amazon.com/step-functions/latest/dg/connect-sqs.html): a body that is not text is sent as JSON.
pub(super) async fn send_message(cloud: &Cloud, mut input: Value) -> Result<Value, TaskError> {
    as_text(input.get_mut("MessageBody"));
    plain(cloud, (Service::Sqs, "SQS"), "sendMessage", input).await
}

/// [EventBridge](https://docs.aws.amazon.com/step-functions/latest/dg/connect-eventbridge.html): an entry that was not
/// taken fails the task.
pub(super) async fn put_events(cloud: &Cloud, mut input: Value) -> Result<Value, TaskError> {
    for entry in input.get_mut("Entries").and_then(Value::as_array_mut).into_iter().flatten() {
        as_text(entry.get_mut("Detail"));
    }
    let response = plain(cloud, (Service::EventBridge, "EventBridge"), "putEvents", input).await?;
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
