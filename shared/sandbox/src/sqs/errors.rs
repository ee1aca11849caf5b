//! SQS's errors.

/// The name of an error in the query protocol, where it differs
/// ([Migrating to the AWS JSON protocol](https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-json-faqs.html)).
pub(crate) fn query_name(code: &str) -> String {
    let suffix = match code {
        "QueueDoesNotExist" => "NonExistentQueue",
        "QueueDeletedRecently" => "QueueDeletedRecently",
        "EmptyBatchRequest"
        | "BatchEntryIdsNotDistinct"
        | "TooManyEntriesInBatchRequest"
        | "BatchRequestTooLong"
        | "InvalidBatchEntryId"
        | "MessageNotInflight"
        | "PurgeQueueInProgress"
        | "UnsupportedOperation" => code,
        "QueueNameExists" => return "QueueAlreadyExists".into(),
        _ => return code.to_owned(),
    };
    format!("AWS.SimpleQueueService.{suffix}")
}
