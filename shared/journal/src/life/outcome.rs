//! How a workflow stands.

use serde::Serialize;

use super::{AttemptOutcome, EventNode, LifeCycle, Run, SagaNode};

/// How a saga stands, as far as its steps tell: the journal does not know which step is the last.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SagaOutcome {
    /// A step is under way, or none has begun.
    #[default]
    Running,
    /// Every step that was begun is done.
    Completed,
    /// A step failed, and what was done is undone.
    Compensated,
    /// A compensation failed: a person has to resume it.
    NeedsAttention,
}

/// How a workflow ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FinalOutcome {
    /// Nothing is known of it.
    Unknown,
    /// Something is under way.
    Running,
    /// Everything was handled.
    Completed,
    /// A saga failed and undid what it had done; everything else was handled.
    Compensated,
    /// A function gave something up.
    Failed,
    /// A saga cannot undo what it did.
    NeedsAttention,
}

impl FinalOutcome {
    /// The name, as JSON has it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Running => "running",
            Self::Completed => "completed",
            Self::Compensated => "compensated",
            Self::Failed => "failed",
            Self::NeedsAttention => "needs attention",
        }
    }
}

impl SagaNode {
    /// Judges by the steps: failed steps forward are what compensations are for, failed compensations are not.
    pub(super) fn judge(&self) -> SagaOutcome {
        let failed = |run: &Run| run.outcome() != AttemptOutcome::Open && run.deciding().is_some_and(|a| a.gave_up());
        if self.steps.iter().any(|step| step.is_undo() && failed(&step.run)) {
            return SagaOutcome::NeedsAttention;
        }
        match self.steps.last() {
            None => SagaOutcome::Running,
            // What follows a failed step has not begun yet.
            Some(last) if !last.run.is_settled() || failed(&last.run) => SagaOutcome::Running,
            Some(_) if self.steps.iter().any(|step| step.is_undo() || failed(&step.run)) => SagaOutcome::Compensated,
            Some(_) => SagaOutcome::Completed,
        }
    }
}

/// What there is in a tree.
#[derive(Default)]
struct Tally {
    anything: bool,
    running: bool,
    failed: bool,
    compensated: bool,
    stuck: bool,
}

impl LifeCycle {
    /// How it ended, as far as is known. A workflow between two steps cannot be told from one that ended: what is still in a
    /// queue has left no trace yet.
    pub fn final_outcome(&self) -> FinalOutcome {
        let mut tally = Tally { failed: !self.failures.is_empty(), ..Tally::default() };
        tally.anything = tally.failed;
        self.roots.iter().for_each(|event| tally.event(event));
        self.sagas.iter().for_each(|saga| tally.saga(saga));
        match tally {
            Tally { stuck: true, .. } => FinalOutcome::NeedsAttention,
            Tally { running: true, .. } => FinalOutcome::Running,
            Tally { failed: true, .. } => FinalOutcome::Failed,
            Tally { compensated: true, .. } => FinalOutcome::Compensated,
            Tally { anything: true, .. } => FinalOutcome::Completed,
            Tally { .. } => FinalOutcome::Unknown,
        }
    }
}

impl Tally {
    fn event(&mut self, event: &EventNode) {
        self.anything = true;
        self.running |= event.unsent;
        for run in &event.runs {
            self.running |= !run.is_settled();
            self.failed |= run.deciding().is_some_and(|attempt| attempt.gave_up()) || !run.failures.is_empty();
            self.below(run);
        }
        event.sagas.iter().for_each(|saga| self.saga(saga));
        event.caused.iter().for_each(|event| self.event(event));
    }

    fn saga(&mut self, saga: &SagaNode) {
        self.anything = true;
        match saga.outcome {
            SagaOutcome::Running => self.running = true,
            SagaOutcome::Completed => {}
            SagaOutcome::Compensated => self.compensated = true,
            SagaOutcome::NeedsAttention => self.stuck = true,
        }
        saga.steps.iter().for_each(|step| self.below(&step.run));
        saga.caused.iter().for_each(|event| self.event(event));
    }

    fn below(&mut self, run: &Run) {
        run.emitted.iter().for_each(|event| self.event(event));
        run.started.iter().for_each(|saga| self.saga(saga));
    }
}
