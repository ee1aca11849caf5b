//! Executing a state machine.

mod choice;
mod context;
mod environment;
mod failure;
mod flow;
mod map;
mod parallel;
mod resource;
mod retry;
mod simple;
mod state;
mod task;

use futures::future::{Either, select};
use jiff::SignedDuration;
use serde_json::{Map, Value, json};

pub use environment::{Clock, Environment, Executor, Heartbeat, Random, Request, TaskError};
pub use resource::{Resource, ResourceKind};

use crate::history::History;
use crate::machine::StateMachine;
use flow::{Run, Thread};

/// What an execution starts with. The names and ARNs are what the context object shows.
#[derive(Debug, Clone, Default)]
pub struct Start {
    /// `$$.Execution.Id`: the execution's ARN.
    pub execution_arn: String,
    /// `$$.Execution.Name`.
    pub name: String,
    /// `$$.Execution.RoleArn`.
    pub role_arn: String,
    /// `$$.StateMachine.Id`: the state machine's ARN.
    pub state_machine_arn: String,
    /// `$$.StateMachine.Name`.
    pub state_machine_name: String,
    /// The input.
    pub input: Value,
}

/// How an execution ended.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Outcome {
    /// With an output.
    Succeeded {
        /// The output.
        output: Value,
    },
    /// With an error that nobody caught, or in a Fail state.
    Failed {
        /// The error's name.
        error: Option<String>,
        /// Why.
        cause: Option<String>,
    },
    /// By the machine's `TimeoutSeconds`.
    TimedOut,
}

/// Runs `machine` to its end and records every event in `history`, the first and the last included.
///
/// Dropping the future stops the execution without a word; who does that adds `ExecutionAborted` to the history.
pub async fn execute(machine: &StateMachine, start: &Start, environment: &Environment, history: &History) -> Outcome {
    let started = environment.clock.now();
    let run = Run { environment, start, history, started };
    let details = details(&[("input", Some(start.input.to_string())), ("roleArn", Some(start.role_arn.clone()))]);
    history.push(started, 0, "ExecutionStarted", Some(("executionStartedEventDetails", details)));
    let work = run.flow(&machine.flow, Thread::default(), start.input.clone());
    let ended = match machine.timeout_seconds {
        None => work.await,
        Some(seconds) => {
            let at = later(started, SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(i64::MAX)));
            match select(work, environment.clock.sleep_until(at)).await {
                Either::Left((ended, _)) => ended,
                Either::Right(_) => {
                    run.record(
                        history.last_id(),
                        "ExecutionTimedOut",
                        Some(("executionTimedOutEventDetails", Map::new())),
                    );
                    return Outcome::TimedOut;
                }
            }
        }
    };
    match ended {
        Ok(done) => {
            let details = self::details(&[("output", Some(done.output.to_string()))]);
            run.record(done.event, "ExecutionSucceeded", Some(("executionSucceededEventDetails", details)));
            Outcome::Succeeded { output: done.output }
        }
        Err(failure) => {
            let details = failure.details();
            run.record(failure.event, "ExecutionFailed", Some(("executionFailedEventDetails", details)));
            Outcome::Failed { error: failure.error, cause: failure.cause }
        }
    }
}

/// Details of an event. Inputs and outputs get the companion that says that they are whole.
fn details(members: &[(&str, Option<String>)]) -> Map<String, Value> {
    let mut details = Map::new();
    for (name, value) in members {
        if let Some(value) = value {
            details.insert((*name).to_owned(), Value::String(value.clone()));
            if matches!(*name, "input" | "output") {
                details.insert(format!("{name}Details"), json!({"truncated": false}));
            }
        }
    }
    details
}

fn later(at: jiff::Timestamp, by: SignedDuration) -> jiff::Timestamp {
    at.saturating_add(by).unwrap_or(jiff::Timestamp::MAX)
}

/// A number in `[0, 1)` from 64 random bits.
#[expect(clippy::cast_precision_loss, reason = "53 bits fit an f64 exactly")]
pub(crate) fn unit(bits: u64) -> f64 {
    (bits >> 11) as f64 / (1_u64 << 53) as f64
}
