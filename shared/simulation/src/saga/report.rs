//! What a check found.

use std::fmt;

use serde::Serialize;

use super::behaviour::Behaviour;
use super::model::Direction;

/// What a check found.
#[derive(Debug, Clone, Default, Serialize)]
#[non_exhaustive]
pub struct Report {
    /// The saga.
    pub saga: String,
    /// Executions, each with other faults.
    pub runs: usize,
    /// Of them, those that ended completed.
    pub completed: usize,
    /// Of them, those that ended compensated.
    pub compensated: usize,
    /// Of them, those that needed attention on the way, and were resumed by a redrive.
    pub resumed: usize,
    /// Late steps that were refused.
    pub superseded: usize,
    /// Whether every combination was run.
    pub exhausted: bool,
    /// Runs that broke an invariant; the first few are kept.
    pub broken: Vec<Broken>,
    /// How many did.
    pub broken_runs: usize,
}

impl Report {
    /// Whether all combinations were run and none broke an invariant.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.exhausted && self.broken_runs == 0
    }
}

/// A run that broke an invariant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Broken {
    /// Which.
    pub invariant: Invariant,
    /// What is wrong, in words.
    pub detail: String,
    /// What happened to whom; whatever is not listed succeeded.
    pub faults: Vec<Choice>,
    /// The effects, in order: `do reserve-stock`.
    pub effects: Vec<String>,
}

/// What happened to the calls of a step or compensation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Choice {
    /// The step.
    pub step: String,
    /// It, or its compensation.
    pub direction: Direction,
    /// What happened.
    pub behaviour: Behaviour,
}

/// What must hold at the end of every run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Invariant {
    /// The saga ends in one of its two named final states, after as many redrives as there were faults at most.
    EndsInAFinalState,
    /// A completed saga did all its steps and undid none.
    CompletedIsWhole,
    /// A compensated saga ran the compensations of just the steps that it came to, the last one first, and closed.
    CompensatedInReverse,
    /// A compensated saga left no effect that is not undone, and none of the pivot or after it.
    NothingIsLeft,
    /// A step whose compensation came first is refused.
    LateStepsAreRefused,
    /// A step is given the outputs that it needs, a compensation that of its own step: just when the step, and with it its whole
    /// stage, has answered.
    OutputsArrive,
    /// It needs attention only where the definition says that it may: from the pivot on, and on the way back.
    NeedsAttentionWhereItMay,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: {} runs{}: {} completed, {} compensated; {} of them needed attention and were resumed; {} late steps refused; {} broken",
            self.saga,
            self.runs,
            if self.exhausted { "" } else { " (not all there are)" },
            self.completed,
            self.compensated,
            self.resumed,
            self.superseded,
            self.broken_runs
        )?;
        self.broken.iter().try_for_each(|broken| write!(f, "\n  {broken}"))
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let faults: Vec<_> = self.faults.iter().map(ToString::to_string).collect();
        write!(f, "{:?}: {}", self.invariant, self.detail)?;
        write!(f, "\n    faults: {}", faults.join(", "))?;
        write!(f, "\n    effects: {}", self.effects.join(", "))
    }
}

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {:?}", way(self.direction), self.step, self.behaviour)
    }
}

pub(crate) fn way(direction: Direction) -> &'static str {
    match direction {
        Direction::Do => "do",
        Direction::Undo => "undo",
    }
}
