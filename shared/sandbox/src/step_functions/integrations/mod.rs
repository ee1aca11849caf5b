//! The services that tasks call.
//! <https://docs.aws.amazon.com/step-functions/latest/dg/integrate-optimized.html>

mod call;
mod lambda;
mod sdk;
mod states;

use serde_json::{Value, json};
use throughline_states_language::{JobPattern, Request, Resource, ResourceKind, Start, TaskError};

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
            // What an optimized integration does not do is not recognized, on AWS too.
            ("lambda" | "sqs" | "events" | "states" | "dynamodb", _) => {
                return Err(format!(
                    "SCHEMA_VALIDATION_FAILED: The resource provided {} is not recognized. The value is not a valid resource ARN, or the resource is not available in this region.",
                    resource.arn()
                ));
            }
            (sdk, _) => with_token && SDK.iter().any(|(name, ..)| *name == sdk),
        };
        if known {
            return Ok(());
        }
    }
    if matches!(resource.kind(), ResourceKind::Lambda | ResourceKind::Activity) {
        return Ok(());
    }
    Err(format!(
        "The resource {} is not supported by the local cloud; see docs/local-cloud.md for what is",
        resource.arn()
    ))
}

/// The services of the AWS SDK integrations: name, service, and what errors start with.
/// <https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html>
const SDK: [(&str, Service, &str); 6] = [
    ("aws-sdk:dynamodb", Service::DynamoDb, "DynamoDb"),
    ("aws-sdk:sqs", Service::Sqs, "Sqs"),
    ("aws-sdk:eventbridge", Service::EventBridge, "EventBridge"),
    ("aws-sdk:sfn", Service::StepFunctions, "Sfn"),
    ("aws-sdk:lambda", Service::Lambda, "Lambda"),
    ("aws-sdk:cloudwatchlogs", Service::Logs, "CloudWatchLogs"),
];

/// Refuses an input that no task can be started with.
pub(super) fn check_input(resource: &Resource, input: &Value) -> Result<(), String> {
    let required = match resource.kind() {
        ResourceKind::Integration { service, .. } => match service.as_str() {
            "lambda" => "FunctionName",
            "states" => "StateMachineArn",
            "sqs" => "QueueUrl",
            "events" => "Entries",
            _ => return Ok(()),
        },
        _ => return Ok(()),
    };
    if input.get(required).is_some() {
        return Ok(());
    }
    Err(format!(
        "The Parameters '{input}' could not be used to start the Task: [The field \"{required}\" is required but was missing]"
    ))
}

/// Does what the request of an execution that started with `start` asks.
pub(super) async fn run(cloud: &Cloud, request: &Request, start: &Start) -> Result<Value, TaskError> {
    let ResourceKind::Integration { service, operation, .. } = request.resource.kind() else {
        return lambda::direct(cloud, request.resource.arn(), &request.input).await;
    };
    let input = &request.input;
    match service.as_str() {
        "lambda" => lambda::invoke(cloud, input).await,
        "states" => states::start(cloud, input).await,
        "dynamodb" => call::optimized(cloud, (Service::DynamoDb, "DynamoDB"), operation, input.clone()).await,
        "sqs" => call::send_message(cloud, input.clone()).await,
        "events" => call::put_events(cloud, input.clone(), start).await,
        sdk => match SDK.iter().find(|(name, ..)| *name == sdk) {
            Some((_, service, prefix)) => sdk::call(cloud, (*service, prefix), operation, input).await,
            None => Err(TaskError { error: "States.Runtime".into(), cause: Some(format!("{sdk} is not supported")) }),
        },
    }
}

/// Whether the task ends with the job that it started.
pub(super) fn waits_for_job(request: &Request) -> bool {
    matches!(request.resource.kind(), ResourceKind::Integration { pattern: JobPattern::Sync | JobPattern::Sync2, .. })
}

/// Waits for the job that the request started.
pub(super) async fn wait(cloud: &Cloud, request: &Request, response: &Value) -> Result<Value, TaskError> {
    states::wait(cloud, &request.resource, response).await
}

/// An error of a service as an optimized integration has it: `DynamoDB.ConditionalCheckFailedException`. What the
/// service's model has no shape for is an error of the client's base type: `DynamoDB.AmazonDynamoDBException`.
fn failed(cloud: &Cloud, prefix: &str, service: Service, error: &ServiceError) -> TaskError {
    let code = error.code.rsplit('.').next().unwrap_or(&error.code);
    let (shown, base) = match service {
        Service::DynamoDb => ("AmazonDynamoDBv2", "AmazonDynamoDB"),
        Service::Sqs => ("AmazonSQS", "AmazonSQS"),
        Service::EventBridge => ("AmazonEventBridge", "AmazonEventBridge"),
        Service::Lambda => ("AWSLambda", "AWSLambda"),
        _ => ("AWSStepFunctions", "AWSStepFunctions"),
    };
    let modeled = !matches!(code, "ValidationException" | "MissingParameter" | "InvalidParameterValue");
    let name = if modeled { code } else { base };
    let suffix = if name.ends_with("Exception") { "" } else { "Exception" };
    let cause = format!(
        "{} (Service: {shown}; Status Code: {}; Error Code: {code}; Request ID: {}; Proxy: null)",
        error.message,
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
