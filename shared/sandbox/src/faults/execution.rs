//! Runs of functions, and how they may fail.

use std::time::Duration;

use jiff::Timestamp;

/// A run of a function that is about to begin.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Execution<'a> {
    /// The function's name.
    pub function: &'a str,
    /// Its version: a number, or `$LATEST`.
    pub version: &'a str,
    /// Who wants it.
    pub trigger: Trigger,
    /// `AwsRequestId`; the same for each attempt of an asynchronous event, a new one for each attempt of a batch.
    pub request_id: &'a str,
    /// The JSON that the function is given.
    pub payload: &'a str,
    /// Now, on the cloud's clock.
    pub at: Timestamp,
}

/// Who wants a function to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Trigger {
    /// A caller who waits: an SDK client, a state machine.
    Request,
    /// An event that was handed over.
    Asynchronous,
    /// A queue's event source mapping.
    Queue,
    /// A stream's event source mapping.
    Stream,
}

/// What goes wrong with a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExecutionFault {
    /// There is no environment for it: `TooManyRequestsException`, HTTP 429. Each trigger takes that as on AWS: a caller sees
    /// it, an event is kept and tried again, a batch too, without counting
    /// ([Invoke](https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html)).
    Refuse,
    /// Lambda itself fails, and nothing runs: `ServiceException`, HTTP 500; to a state machine `Lambda.ServiceException`. It is
    /// taken as a refusal is, except that a queue's batch comes again only when its messages are visible again
    /// ([handling transient Lambda service exceptions](https://docs.aws.amazon.com/step-functions/latest/dg/sfn-best-practices.html)).
    Unavailable,
    /// The environment dies before the code runs: `Runtime.ExitError`.
    Fail,
    /// The code runs to its end, and the environment dies before Lambda has the answer: the caller sees
    /// `Runtime.ExitError`, a queue no partial batch response.
    LoseAnswer,
    /// The environment is killed so long after it began, if the code is not done by then.
    Kill {
        /// Since the start of the code.
        after: Duration,
    },
    /// The run begins later, as behind a cold start. The function's own time begins with it.
    Late(Duration),
}
