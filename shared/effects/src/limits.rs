//! Limits of the services, each with AWS's page, and our own within them.

/// Items of one transaction:
/// [DynamoDB](https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html).
pub const TRANSACTION_ITEMS: usize = 100;
/// Bytes of all items of one transaction, on the same page.
pub const TRANSACTION_BYTES: usize = 4 * 1024 * 1024;
/// Bytes of one item: [DynamoDB](https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html).
pub const ITEM_BYTES: usize = 400 * 1024;
/// Bytes of one entry of `PutEvents`, and of all entries together:
/// [EventBridge](https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html).
pub const PUT_EVENTS_BYTES: usize = 1024 * 1024;
/// Bytes of an SQS message:
/// [SQS](https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html).
pub const MESSAGE_BYTES: usize = 1024 * 1024;
/// Bytes of an execution's input:
/// [Step Functions](https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html).
pub const EXECUTION_INPUT_BYTES: usize = 256 * 1024;

/// Characters of a FIFO queue's message group id: letters, digits and punctuation of ASCII, by
/// [SQS](https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html).
pub const GROUP_ID_CHARS: usize = 128;

/// Bytes of an event's wire form. Ours: it fits into an item, a message and an execution's input with what surrounds it.
pub const EVENT_BYTES: usize = 200 * 1024;
/// Bytes of a stored response. Ours: the deduplication record stays small.
pub const RESPONSE_BYTES: usize = 64 * 1024;
