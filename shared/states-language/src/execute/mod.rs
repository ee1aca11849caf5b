//! Executing a state machine.

mod abort;
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

use futures::future::{BoxFuture, Either, select};
use jiff::SignedDuration;
use serde_json::{Map, Value, json};

pub use environment::{Clock, Environment, Executor, Heartbeat, Random, Request, TaskError};
pub use resource::{Resource, ResourceKind};

use crate::history::History;
use crate::machine::StateMachine;
use failure::Failure;
use flow::{Done, Run, Thread};

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
    /// `$$.Execution.RedriveCount`.
    pub redrive_count: u64,
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
    run.to_its_end(machine, work).await
}

/// Takes up an execution that failed, was stopped or ran out of time, from the state where that happened and with the
/// input that the state had. `history` is the execution's, and goes on. The machine's timeout begins anew, as do the
/// state's retries. A Parallel or Map state runs again as a whole; AWS runs only what had not succeeded in it.
/// <https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html>
pub async fn redrive(machine: &StateMachine, start: &Start, environment: &Environment, history: &History) -> Outcome {
    let Some(resume) = history.resume() else { return execute(machine, start, environment, history).await };
    let started = history.events().first().map_or_else(|| environment.clock.now(), |first| first.timestamp);
    let run = Run { environment, start, history, started };
    let mut details = Map::new();
    details.insert("redriveCount".into(), start.redrive_count.into());
    let event = run.record(history.last_id(), "ExecutionRedriven", Some(("executionRedrivenEventDetails", details)));
    let thread = Thread { event, variables: resume.variables, ..Thread::default() };
    let work = run.flow_from(&machine.flow, thread, (resume.state, resume.input), Some(resume.entered));
    run.to_its_end(machine, work).await
}

impl Run<'_> {
    async fn to_its_end(&self, machine: &StateMachine, work: BoxFuture<'_, Result<Done, Failure>>) -> Outcome {
        let (run, environment, history) = (self, self.environment, self.history);
        let ended = match machine.timeout_seconds {
            None => work.await,
            Some(seconds) => {
                let at = later(
                    environment.clock.now(),
                    SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(i64::MAX)),
                );
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
                let details = details(&[("output", Some(done.output.to_string()))]);
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
