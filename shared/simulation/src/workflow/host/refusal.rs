//! Refusals as the services word them.

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use serde_json::{Value, json};

use super::call::Parsed;

/// Too many requests
/// ([DynamoDB](https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html),
/// [SQS](https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/CommonErrors.html)).
pub(super) fn throttled(call: &Parsed) -> Result<HttpResponse, ConnectorError> {
    let name = match call.service.as_str() {
        "DynamoDB_20120810" => "com.amazonaws.dynamodb.v20120810#ThrottlingException",
        "AmazonSQS" => "com.amazonaws.sqs#RequestThrottled",
        _ => "ThrottlingException",
    };
    response(400, &json!({ "__type": name, "message": "Rate exceeded" }))
}

/// The service failed; it did nothing.
pub(super) fn failed(call: &Parsed, way: u64) -> Result<HttpResponse, ConnectorError> {
    let name = match call.service.as_str() {
        "DynamoDB_20120810" => "com.amazonaws.dynamodb.v20120810#InternalServerError",
        "AWSEvents" => "InternalException",
        _ => "InternalFailure",
    };
    match way {
        0 => response(503, &json!({ "__type": "ServiceUnavailable", "message": "Service is unavailable" })),
        _ => {
            response(500, &json!({ "__type": name, "message": "We encountered an internal error. Please try again." }))
        }
    }
}

/// One item of the transaction is being written by another one
/// ([TransactionCanceledException](https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html)).
pub(super) fn conflict(input: &Value, way: u64) -> Result<HttpResponse, ConnectorError> {
    let count = input.get("TransactItems").and_then(Value::as_array).map_or(1, Vec::len).max(1);
    let hit = usize::try_from(way).unwrap_or_default() % count;
    let reason = |index| match index == hit {
        true => json!({ "Code": "TransactionConflict", "Message": "Transaction is ongoing for the item" }),
        false => json!({ "Code": "None" }),
    };
    let codes = (0..count).map(|index| if index == hit { "TransactionConflict" } else { "None" });
    let codes = codes.collect::<Vec<_>>().join(", ");
    let message = format!("Transaction cancelled, please refer cancellation reasons for specific reasons [{codes}]");
    let body = json!({
        "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
        "Message": message, "message": message,
        "CancellationReasons": (0..count).map(reason).collect::<Vec<_>>(),
    });
    response(400, &body)
}

/// An outside party that is not well.
pub(super) fn outside(way: u64) -> Result<HttpResponse, ConnectorError> {
    let status = match way {
        0 => 500,
        1 => 502,
        2 => 503,
        _ => 429,
    };
    response(status, &json!({ "code": "unavailable", "message": "try again" }))
}

/// The connection broke.
pub(super) fn broken() -> ConnectorError {
    ConnectorError::io("connection reset by peer".into())
}

pub(super) fn response(status: u16, body: &Value) -> Result<HttpResponse, ConnectorError> {
    let response = http::Response::builder()
        .status(status)
        .header("content-type", "application/x-amz-json-1.0")
        .body(SdkBody::from(body.to_string()))
        .map_err(|error| ConnectorError::other(error.into(), None))?;
    HttpResponse::try_from(response).map_err(|error| ConnectorError::other(error.into(), None))
}
