//! Executing a state machine.

mod abort;
mod choice;
mod context;
mod distributed;
mod environment;
mod failure;
mod flow;
mod map;
mod parallel;
mod resource;
mod retry;
pub(crate) mod simple;
mod state;
mod task;

use futures::future::{BoxFuture, Either, select};
use jiff::SignedDuration;
use serde_json::{Map, Value};

pub use environment::{Clock, Environment, Executor, Heartbeat, Random, Request, TaskError};
pub use resource::{Resource, ResourceKind};

use crate::history::{History, details};
use crate::json::json_text;
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
    /// The input as it was sent, which the history shows; empty when there is no such text.
    pub input_text: String,
}

impl Start {
    /// The input as text.
    pub(crate) fn text(&self) -> String {
        if self.input_text.is_empty() { json_text(&self.input) } else { self.input_text.clone() }
    }
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
    /// By [`History::abort`], which came first.
    Stopped,
}

/// Runs `machine` to its end and records every event in `history`, which is new ([`History::started`]).
///
/// Dropping the future stops the execution; whoever does that calls [`History::abort`] first.
pub async fn execute(machine: &StateMachine, start: &Start, environment: &Environment, history: &History) -> Outcome {
    let run = Run::new(environment, start, history);
    let work = run.flow(&machine.flow, Thread::default(), start.input.clone());
    let ended = run.in_time(machine, work).await;
    run.end(ended)
}

/// Takes up an execution that failed, was stopped or ran out of time, from the state where that happened and with the
/// input that the state had. `history` is the execution's, and goes on. The machine's timeout begins anew, as do the
/// state's retries. A Parallel or Map state runs again as a whole; AWS runs only what had not succeeded in it.
/// <https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html>
pub async fn redrive(machine: &StateMachine, start: &Start, environment: &Environment, history: &History) -> Outcome {
    history.reopen();
    let run = Run::new(environment, start, history);
    let mut details = Map::new();
    details.insert("redriveCount".into(), start.redrive_count.into());
    let event = run.record(history.last_id(), "ExecutionRedriven", Some(("executionRedrivenEventDetails", details)));
    let thread = Thread { event, ..Thread::default() };
    let work = match history.resume() {
        None => run.flow(&machine.flow, thread, start.input.clone()),
        Some(resume) => {
            let thread = Thread { variables: resume.variables, ..thread };
            run.flow_from(&machine.flow, thread, (resume.state, resume.input), Some(resume.entered))
        }
    };
    let ended = run.in_time(machine, work).await;
    run.end(ended)
}

impl<'a> Run<'a> {
    fn new(environment: &'a Environment, start: &'a Start, history: &'a History) -> Self {
        let started = history.start().unwrap_or_else(|| environment.clock.now());
        Self { environment, start, history, started }
    }

    /// What comes of `work`, or nothing when the machine's time is up first.
    async fn in_time(
        &self,
        machine: &StateMachine,
        work: BoxFuture<'_, Result<Done, Failure>>,
    ) -> Option<Result<Done, Failure>> {
        let Some(seconds) = machine.timeout_seconds else { return Some(work.await) };
        let limit = SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(i64::MAX));
        let at = later(self.environment.clock.now(), limit);
        match select(work, self.environment.clock.sleep_until(at)).await {
            Either::Left((ended, _)) => Some(ended),
            Either::Right(_) => None,
        }
    }

    fn end(&self, ended: Option<Result<Done, Failure>>) -> Outcome {
        let (event, kind, details, outcome) = match ended {
            None => {
                let details = ("executionTimedOutEventDetails", Map::new());
                (self.history.last_id(), "ExecutionTimedOut", details, Outcome::TimedOut)
            }
            Some(Ok(done)) => {
                let details = details([("output", Some(json_text(&done.output)))]);
                let details = ("executionSucceededEventDetails", details);
                (done.event, "ExecutionSucceeded", details, Outcome::Succeeded { output: done.output })
            }
            Some(Err(failure)) => {
                let details = ("executionFailedEventDetails", failure.details());
                let outcome = Outcome::Failed { error: failure.error, cause: failure.cause };
                (failure.event, "ExecutionFailed", details, outcome)
            }
        };
        let first = self.history.end(self.environment.clock.now(), event, kind, Some(details));
        if first { outcome } else { Outcome::Stopped }
    }
}

fn later(at: jiff::Timestamp, by: SignedDuration) -> jiff::Timestamp {
    at.saturating_add(by).unwrap_or(jiff::Timestamp::MAX)
}

/// A number in `[0, 1)` from 64 random bits.
#[expect(clippy::cast_precision_loss, reason = "53 bits fit an f64 exactly")]
pub(crate) fn unit(bits: u64) -> f64 {
    (bits >> 11) as f64 / (1_u64 << 53) as f64
}
