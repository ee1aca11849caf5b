//! Running every combination.

use std::io;

use serde_json::Value;
use throughline_saga::{Retry, Saga};
use throughline_states_language::{InvalidDefinition, StateMachine};

use super::choices::Choices;
use super::judge::judge;
use super::report::Report;
use super::run::{Rules, run};

/// Executions at most, unless the caller says otherwise.
const RUNS: usize = 100_000;
/// Broken runs that a report keeps.
const KEPT: usize = 5;
/// Attempts after the first that a task gets in a check, if it has any. More of them change when something happens, but
/// not what can: whatever takes effect in the third attempt can in the second.
const ATTEMPTS: u64 = 1;

/// Checks a saga.
#[derive(Debug, Clone)]
#[must_use]
pub struct Checker<'a> {
    saga: &'a Saga,
    machine: Value,
    rules: Rules,
    runs: usize,
}

/// Why a check could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CheckError {
    /// The state machine cannot be executed.
    #[error("the saga's state machine is not valid")]
    Machine(#[from] InvalidDefinition),
    /// There is no virtual time.
    #[error("no runtime with virtual time")]
    Runtime(#[from] io::Error),
}

impl<'a> Checker<'a> {
    /// A check of the state machine to which `saga` compiles.
    pub fn of(saga: &'a Saga) -> Self {
        Self { saga, machine: saga.to_value(), rules: Rules { tombstones: true, merge: true }, runs: RUNS }
    }

    /// Executes this state machine instead: is it as good as the saga's?
    pub fn machine(mut self, machine: Value) -> Self {
        self.machine = machine;
        self
    }

    /// Without the tombstone that a compensation leaves on its step's key: to see what it is there for.
    pub fn without_tombstones(mut self) -> Self {
        self.rules.tombstones = false;
        self
    }

    /// Executes every combination, also those that cannot be told apart from another where they go on: the state, its data
    /// and all that has taken or will take effect are the same. Finds nothing more, and takes much longer.
    pub fn without_merging(mut self) -> Self {
        self.rules.merge = false;
        self
    }

    /// Stops after so many executions.
    pub fn at_most(mut self, runs: usize) -> Self {
        self.runs = runs;
        self
    }

    /// Runs every combination of faults. Blocks; does not belong into async code.
    ///
    /// # Errors
    /// The machine is no valid state machine. A broken invariant is not an error but part of the report.
    pub fn run(mut self) -> Result<Report, CheckError> {
        shorten(&mut self.machine);
        let machine = StateMachine::parse(&self.machine.to_string())?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build()?;
        let mut report = Report { saga: self.saga.name().to_owned(), ..Report::default() };
        let mut choices = Choices::default();
        while report.runs < self.runs {
            let (ran, after) = runtime.block_on(run(self.saga, &machine, self.rules, choices));
            choices = after;
            report.runs += 1;
            report.resumed += usize::from(ran.redrives > 0);
            report.superseded += ran.world.superseded.len();
            report.completed += usize::from(ran.last_state == self.saga.completed());
            report.compensated += usize::from(ran.last_state == self.saga.compensated());
            if let Some(broken) = judge(self.saga, &ran) {
                report.broken_runs += 1;
                if report.broken.len() < KEPT {
                    report.broken.push(broken);
                }
            }
            if !choices.advance() {
                report.exhausted = true;
                break;
            }
        }
        Ok(report)
    }
}

/// Takes retries away that only make the check longer. Those that go on until the machine's time is up stay.
fn shorten(machine: &mut Value) {
    match machine {
        Value::Object(members) => {
            let attempts = members.get("MaxAttempts").and_then(Value::as_u64);
            if let Some(attempts) = attempts.filter(|attempts| *attempts != u64::from(Retry::MOST)) {
                members.insert("MaxAttempts".into(), attempts.min(ATTEMPTS).into());
            }
            members.values_mut().for_each(shorten);
        }
        Value::Array(values) => values.iter_mut().for_each(shorten),
        _ => {}
    }
}
