//! What an execution needs from outside.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use futures::future::BoxFuture;
use jiff::Timestamp;
use serde_json::Value;

use super::Resource;

/// The time.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Timestamp;
    /// Waits until `at`; at once if that is past.
    fn sleep_until(&self, at: Timestamp) -> BoxFuture<'_, ()>;
}

/// Randomness: jitter, `States.MathRandom`, `States.UUID`, task tokens.
pub trait Random: Send + Sync {
    /// 64 random bits.
    fn next(&self) -> u64;
}

/// Who does the tasks.
pub trait Executor: Send + Sync {
    /// Whether a task can be started at all.
    ///
    /// # Errors
    /// The cause of the `States.Runtime` that the state fails with before anything is scheduled.
    fn check(&self, resource: &Resource, input: &Value) -> Result<(), String> {
        let _ = (resource, input);
        Ok(())
    }

    /// Does what `request` asks and answers with the response. With a [`Request::token`] it must be ready for the token
    /// before it passes the request on.
    ///
    /// For an activity it answers with the worker's name, or `null`, when a worker has taken the task; the result is
    /// waited for with [`Executor::wait`].
    ///
    /// The future is dropped when the task runs out of time.
    fn run<'a>(&'a self, request: &'a Request) -> BoxFuture<'a, Result<Value, TaskError>>;

    /// For `.sync` and `.waitForTaskToken`: after [`Executor::run`] answered `response`, waits for the end of what was
    /// started or for the return of the token, and answers with the task's result.
    fn wait<'a>(&'a self, request: &'a Request, response: Value) -> BoxFuture<'a, Result<Value, TaskError>> {
        let _ = response;
        let cause = format!("the executor cannot wait for the end of {}", request.resource.arn());
        Box::pin(async move { Err(TaskError { error: "States.Runtime".into(), cause: Some(cause) }) })
    }
}

/// Clock, randomness and executor together.
#[derive(Clone)]
pub struct Environment {
    /// Who does the tasks.
    pub executor: Arc<dyn Executor>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub random: Arc<dyn Random>,
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Environment").finish_non_exhaustive()
    }
}

/// One attempt of a task.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Request {
    /// What is asked.
    pub resource: Resource,
    /// With what: the state's `Parameters` or `Arguments`.
    pub input: Value,
    /// The task token, for `.waitForTaskToken`, activities and, beside the job that is waited for, `.sync`.
    pub token: Option<String>,
    /// To be told of signs of life.
    pub heartbeat: Heartbeat,
    /// The role of the state's `Credentials`, which the task has instead of the machine's.
    pub role: Option<String>,
    /// The state's name.
    pub state: String,
}

/// The time of a task's last sign of life.
#[derive(Debug, Clone)]
pub struct Heartbeat(Arc<Mutex<Timestamp>>);

impl Heartbeat {
    pub(super) fn starting(at: Timestamp) -> Self {
        Self(Arc::new(Mutex::new(at)))
    }

    /// The task was alive at `now`.
    pub fn beat(&self, now: Timestamp) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = now;
    }

    pub(super) fn last(&self) -> Timestamp {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A task that failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{error}: {}", cause.as_deref().unwrap_or("no cause"))]
pub struct TaskError {
    /// The error's name, which `Retry` and `Catch` compare.
    pub error: String,
    /// Why.
    pub cause: Option<String>,
}
