//! SQS's errors.

use std::fmt::Display;

use crate::wire::ServiceError;

/// The name of an error in the query protocol, where it differs from the one in JSON: what SDKs and scripts look at
/// ([Amazon SQS and JSON](https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-json-faqs.html)).
pub(crate) fn query_name(code: &str) -> String {
    match code {
        "QueueDoesNotExist" => "AWS.SimpleQueueService.NonExistentQueue".into(),
        "QueueNameExists" => "QueueAlreadyExists".into(),
        "BatchEntryIdsNotDistinct"
        | "BatchRequestTooLong"
        | "EmptyBatchRequest"
        | "InvalidBatchEntryId"
        | "MessageNotInflight"
        | "PurgeQueueInProgress"
        | "QueueDeletedRecently"
        | "TooManyEntriesInBatchRequest"
        | "UnsupportedOperation" => format!("AWS.SimpleQueueService.{code}"),
        other => other.to_owned(),
    }
}

pub(super) fn no_queue() -> ServiceError {
    ServiceError::new("QueueDoesNotExist", "The specified queue does not exist.")
}

pub(super) fn missing(name: &str) -> ServiceError {
    ServiceError::new("MissingParameter", format!("The request must contain the parameter {name}."))
}

pub(super) fn invalid(name: &str, value: impl Display, reason: &str) -> ServiceError {
    let message = format!("Value {value} for parameter {name} is invalid. Reason: {reason}");
    ServiceError::new("InvalidParameterValue", message)
}

pub(super) fn invalid_attribute(name: &str) -> ServiceError {
    ServiceError::new("InvalidAttributeValue", format!("Invalid value for the parameter {name}."))
}
