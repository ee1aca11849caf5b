//! The services that tasks call.
//! <https://docs.aws.amazon.com/step-functions/latest/dg/integrate-optimized.html>

mod call;
mod lambda;
mod states;

use serde_json::{Value, json};
use throughline_states_language::{JobPattern, Request, Resource, ResourceKind, TaskError};

use crate::cloud::{Cloud, Service};
use crate::wire::ServiceError;

/// Refuses a resource that the local cloud cannot call.
pub(super) fn check(resource: &Resource) -> Result<(), String> {
    if let ResourceKind::Integration { service, operation, pattern } = resource.kind() {
        let plain = *pattern == JobPattern::RequestResponse;
        let with_token = plain || *pattern == JobPattern::WaitForTaskToken;
        let known = match (service.as_str(), operation.as_str()) {
            ("lambda", "invoke") => with_token,
            ("sqs", "sendMessage") | ("events", "putEvents") => with_token,
            ("states", "startExecution") => true,
            ("dynamodb", "getItem" | "putItem" | "updateItem" | "deleteItem") => plain,
            ("aws-sdk:dynamodb" | "aws-sdk:sqs" | "aws-sdk:eventbridge", _) => with_token,
            _ => false,
        };
        if known {
            return Ok(());
        }
    }
    if *resource.kind() == ResourceKind::Lambda {
        return Ok(());
    }
    Err(format!(
        "The resource {} is not supported by the local cloud; see docs/local-cloud.md for what is",
        resource.arn()
    ))
}

/// Does what the request asks.
pub(super) async fn run(cloud: &Cloud, request: &Request) -> Result<Value, TaskError> {
    let ResourceKind::Integration { service, operation, .. } = request.resource.kind() else {
        return lambda::direct(cloud, request.resource.arn(), &request.input).await;
    };
    match (service.as_str(), operation.as_str()) {
        ("lambda", _) => lambda::invoke(cloud, &request.input).await,
        ("states", _) => states::start(cloud, &request.input).await,
        ("dynamodb", _) => call::plain(cloud, (Service::DynamoDb, "DynamoDB"), operation, request.input.clone()).await,
        ("sqs", _) => call::send_message(cloud, request.input.clone()).await,
        ("events", _) => call::put_events(cloud, request.input.clone()).await,
        ("aws-sdk:dynamodb", _) => {
            call::plain(cloud, (Service::DynamoDb, "DynamoDb"), operation, request.input.clone()).await
        }
        ("aws-sdk:sqs", _) => call::plain(cloud, (Service::Sqs, "Sqs"), operation, request.input.clone()).await,
        _ => call::plain(cloud, (Service::EventBridge, "EventBridge"), operation, request.input.clone()).await,
    }
}

/// Waits for the job that the request started.
pub(super) async fn wait(cloud: &Cloud, request: &Request, response: &Value) -> Result<Value, TaskError> {
    states::wait(cloud, &request.resource, response).await
}

/// An error of a service, as a task's error: `DynamoDB.ConditionalCheckFailedException`.
fn failed(cloud: &Cloud, prefix: &str, service: Service, error: &ServiceError) -> TaskError {
    let name = error.code.rsplit('.').next().unwrap_or(&error.code);
    let suffix = if name.ends_with("Exception") { "" } else { "Exception" };
    let cause = format!(
        "{} (Service: {}, Status Code: {}, Request ID: {})",
        error.message,
        service.to_string().replace(' ', ""),
        error.status,
        cloud.uuid()
    );
    TaskError { error: format!("{prefix}.{name}{suffix}"), cause: Some(cause) }
}

/// Adds what AWS adds to the result of an optimized integration. The headers of the local cloud's own answer do not
/// exist, so the metadata is shorter than AWS's.
fn with_metadata(cloud: &Cloud, mut response: Value) -> Value {
    if let Some(response) = response.as_object_mut() {
        response.insert("SdkHttpMetadata".into(), json!({"HttpStatusCode": 200}));
        response.insert("SdkResponseMetadata".into(), json!({"RequestId": cloud.uuid().to_string()}));
    }
    response
}
