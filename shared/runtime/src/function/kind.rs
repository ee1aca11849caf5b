//! What triggers a function, and what it does then.

use serde::Serialize;

use crate::handler::{AnyHandler, AnySystemHandler};
use crate::trigger::system::{DeadLetter, Logs, Records, Schedule};

/// What triggers a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Kind {
    /// A direct invocation that changes something.
    Command,
    /// A direct invocation that only reads.
    Query,
    /// An SQS queue.
    Queue,
    /// A saga's state machine.
    SagaStep,
    /// A saga's state machine, on its way back.
    Compensation,
    /// A schedule.
    Schedule,
    /// A subscription to log lines.
    Logs,
    /// DynamoDB streams.
    Stream,
    /// Dead-letter queues.
    DeadLetters,
}

pub(crate) enum Work {
    Event(Box<dyn AnyHandler>),
    Schedule(Box<dyn AnySystemHandler<Schedule>>),
    Logs(Box<dyn AnySystemHandler<Logs>>),
    Stream(Box<dyn AnySystemHandler<Records>>),
    DeadLetters(Box<dyn AnySystemHandler<DeadLetter>>),
}
