//! Refusals in each service's own words.

use serde_json::{Value, json};

use super::request::{Call, RequestFault};
use crate::cloud::Service;
use crate::wire::ServiceError;

const CAPACITY: &str = "Throughput exceeds the current capacity of your table or index. DynamoDB is automatically scaling your \
    table or index so please try again shortly. If exceptions persist, check if you have a hot key: \
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html";
const PROVISIONED: &str = "The level of configured provisioned throughput for the table was exceeded. Consider increasing \
    your provisioning level with the UpdateTable API.";
const ONGOING: &str = "Transaction is ongoing for the item";

impl RequestFault {
    /// Refused with this error.
    pub fn refused(error: ServiceError) -> Self {
        Self::Refuse(Box::new(error))
    }

    /// Too many requests, as the service says it:
    /// DynamoDB's `ThrottlingException` of a table on demand
    /// ([TransactWriteItems](https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html) has
    /// the text), SQS's `RequestThrottled`
    /// ([SendMessage](https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html), HTTP 403 as
    /// seen from it), Lambda's `TooManyRequestsException`
    /// ([Invoke](https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html)), S3's `SlowDown`
    /// ([error responses](https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html)), and otherwise
    /// `ThrottlingException`
    /// ([common errors](https://docs.aws.amazon.com/eventbridge/latest/APIReference/CommonErrors.html)).
    pub fn throttled(service: Service) -> Self {
        let (code, message, status) = match service {
            Service::DynamoDb => ("ThrottlingException", CAPACITY, 400),
            Service::Sqs => ("RequestThrottled", "Request is throttled.", 403),
            Service::Lambda => ("TooManyRequestsException", "Rate exceeded", 429),
            Service::S3 => ("SlowDown", "Please reduce your request rate.", 503),
            Service::CloudWatch | Service::CloudFormation | Service::Iam | Service::Sts => {
                ("Throttling", "Rate exceeded", 400)
            }
            Service::DynamoDbStreams | Service::EventBridge | Service::StepFunctions | Service::Logs => {
                ("ThrottlingException", "Rate exceeded", 400)
            }
        };
        let mut error = ServiceError::new(code, message).status(status);
        if service == Service::Lambda {
            error.members.insert("Type".into(), "User".into());
            error.members.insert("Reason".into(), "CallerRateLimitExceeded".into());
        }
        Self::refused(error)
    }

    /// The service fails on its own side, as it says it:
    /// `InternalServerError` of DynamoDB
    /// ([error handling](https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html)),
    /// `InternalException` of EventBridge
    /// ([PutEvents](https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html)), `ServiceException` of
    /// Lambda ([Invoke](https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html)), `ServiceUnavailableException` of
    /// Logs ([PutLogEvents](https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html)),
    /// `InternalServiceFault` of CloudWatch
    /// ([PutMetricData](https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html)),
    /// `ServiceFailure` of IAM, `InternalError` of S3
    /// ([error responses](https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html)), and otherwise
    /// `ServiceUnavailable` ([common errors](https://docs.aws.amazon.com/step-functions/latest/apireference/CommonErrors.html)).
    pub fn unavailable(service: Service) -> Self {
        const FAILED: &str = "The request has failed due to a temporary failure of the server.";
        let (code, message, status) = match service {
            Service::DynamoDb | Service::DynamoDbStreams => ("InternalServerError", "Internal server error", 500),
            Service::EventBridge => ("InternalException", "This exception occurs due to unexpected causes.", 500),
            Service::Lambda => ("ServiceException", "The AWS Lambda service encountered an internal error.", 500),
            Service::Logs => ("ServiceUnavailableException", "The service cannot complete the request.", 500),
            Service::CloudWatch => {
                ("InternalServiceFault", "Request processing has failed due to some unknown error.", 500)
            }
            Service::S3 => ("InternalError", "We encountered an internal error. Please try again.", 500),
            Service::Iam => ("ServiceFailure", "The request processing has failed because of an unknown error.", 500),
            Service::Sqs | Service::StepFunctions | Service::Sts | Service::CloudFormation => {
                ("ServiceUnavailable", FAILED, 503)
            }
        };
        let mut error = ServiceError::new(code, message).status(status);
        if service == Service::Lambda {
            error.members.insert("Type".into(), "Service".into());
        }
        Self::refused(error)
    }

    /// DynamoDB's `ProvisionedThroughputExceededException`, of a table with provisioned capacity
    /// ([error handling](https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html)).
    pub fn over_capacity() -> Self {
        Self::refused(ServiceError::new("ProvisionedThroughputExceededException", PROVISIONED))
    }

    /// Another transaction has the items `items` (positions in the request) of a DynamoDB request: a transaction is
    /// cancelled with `TransactionConflict` as the reason of each of them, a write of one item fails with
    /// `TransactionConflictException`. None where DynamoDB has no conflict: a read without a transaction, a batch, another
    /// service; or when no item of the transaction is named
    /// ([conflict handling](https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html#transaction-conflict-handling)).
    pub fn conflict(call: &Call<'_>, items: &[usize]) -> Option<Self> {
        if call.service != Service::DynamoDb {
            return None;
        }
        match call.operation {
            "PutItem" | "UpdateItem" | "DeleteItem" => {
                Some(Self::refused(ServiceError::new("TransactionConflictException", ONGOING)))
            }
            "TransactWriteItems" | "TransactGetItems" => {
                let count = call.input.get("TransactItems").and_then(Value::as_array).map_or(0, Vec::len);
                items.iter().any(|item| *item < count).then(|| Self::refused(cancelled(count, items)))
            }
            _ => None,
        }
    }

    /// The transaction with this request token is still running: what an answer that was lost leads to when the transaction
    /// is sent again at once. Only a `TransactWriteItems` with a token can meet it
    /// ([TransactWriteItems](https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html)).
    pub fn in_progress(call: &Call<'_>) -> Option<Self> {
        let token = call.input.get("ClientRequestToken").is_some();
        let transaction = call.service == Service::DynamoDb && call.operation == "TransactWriteItems";
        let message = "The transaction with the given request token is already in progress.";
        (transaction && token).then(|| Self::refused(ServiceError::new("TransactionInProgressException", message)))
    }
}

/// A reason for each item, in the order of the request: `None` for those that nothing is wrong with.
fn cancelled(count: usize, items: &[usize]) -> ServiceError {
    let has_conflict = |item: usize| items.contains(&item);
    let codes: Vec<&str> =
        (0..count).map(|item| if has_conflict(item) { "TransactionConflict" } else { "None" }).collect();
    let reasons: Vec<Value> = (0..count)
        .map(|item| match has_conflict(item) {
            true => json!({ "Code": "TransactionConflict", "Message": ONGOING }),
            false => json!({ "Code": "None" }),
        })
        .collect();
    let message =
        format!("Transaction cancelled, please refer cancellation reasons for specific reasons [{}]", codes.join(", "));
    let mut error = ServiceError::new("TransactionCanceledException", message);
    error.members.insert("CancellationReasons".into(), reasons.into());
    error
}
