//! What moves on its own, and how it may come.

use std::time::Duration;

use jiff::Timestamp;

/// Something on its way from a service to who is to have it.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Delivery<'a> {
    /// What kind of way it is.
    pub hop: Hop,
    /// ARN of the queue, rule, function, stream or log group that it comes from.
    pub from: &'a str,
    /// ARN of the target or function that it goes to; empty where that is whoever receives from the queue.
    pub to: &'a str,
    /// The message's id, the event's, the request's, the number of the first record in its stream. It comes from the cloud's
    /// seed and differs from run to run once something before it does: for a decision, use what is said in the payload.
    pub id: &'a str,
    /// The message group, of a message in a FIFO queue or a fair one.
    pub group: Option<&'a str>,
    /// The body, or the JSON that a target or function is given.
    pub payload: &'a str,
    /// Now, on the cloud's clock.
    pub at: Timestamp,
}

/// A way that something takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Hop {
    /// A message of a standard queue to who receives it: at least once, in no particular order
    /// ([at-least-once delivery](https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/standard-queues-at-least-once-delivery.html)).
    Message,
    /// A message of a FIFO queue to who receives it: no duplicates, in the order of its group
    /// ([exactly-once processing](https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/FIFO-queues-exactly-once-processing.html)).
    OrderedMessage,
    /// An event of a bus to a rule's target: at least once, in no particular order
    /// ([troubleshooting](https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-troubleshooting.html)).
    Event,
    /// An event from a function's own queue to the function: at least once
    /// ([asynchronous invocation](https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html)).
    Asynchronous,
    /// A batch of a stream's records to a function: at least once, in the order of the shard
    /// ([Using Lambda with DynamoDB](https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html)).
    Records,
    /// Lines of a log stream to a function. What comes twice is the asynchronous event that they become there.
    LogLines,
}

impl Hop {
    /// Whether AWS lets what goes this way come more than once. Elsewhere [`DeliveryFault::Twice`] is ignored.
    pub const fn may_come_twice(self) -> bool {
        matches!(self, Self::Message | Self::Event | Self::Asynchronous | Self::Records)
    }
}

/// What goes wrong with a delivery.
///
/// Disorder is no fault of its own: of two that may come in any order, the one that is late is overtaken. Where AWS keeps
/// an order (a message group, a stream) what comes behind waits with what is late.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum DeliveryFault {
    /// It comes later.
    Late(Duration),
    /// It comes, and so long after its first time it comes once more: the same message, event or records, with the same ids,
    /// also when the first was handled and deleted. The second of a stream's batches comes when the first is done with.
    Twice {
        /// The time between the two.
        after: Duration,
    },
}
