//! What is recorded of a state that is stopped because a sibling failed.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::history::Details;

use super::failure::Failure;
use super::flow::{Run, Thread};
use crate::machine::Kind;

/// Branches or iterations that stop together.
#[derive(Debug, Clone, Default)]
pub(super) struct Group(Arc<AtomicU64>);

impl Group {
    /// One of them has failed, after the event `event`: the others are stopped next.
    pub(super) fn fail(&self, event: u64) {
        self.0.store(event, Ordering::Relaxed);
    }
}

/// Records the event `kind` when it is dropped before it is over, if that is due to a sibling. When the whole
/// execution is stopped, `ExecutionAborted` alone says so.
pub(super) struct Guard<'a> {
    run: &'a Run<'a>,
    groups: Vec<Group>,
    kind: Option<&'static str>,
    details: Details,
}

impl<'a> Guard<'a> {
    pub(super) fn new(run: &'a Run<'a>, thread: &Thread, kind: Option<&'static str>, details: Details) -> Self {
        Self { run, groups: thread.groups.clone(), kind, details }
    }

    pub(super) fn over(mut self) {
        self.kind = None;
    }
}

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        let failed = self.groups.iter().map(|group| group.0.load(Ordering::Relaxed)).find(|event| *event > 0);
        if let (Some(kind), Some(event)) = (self.kind, failed) {
            self.run.record(event, kind, self.details.take());
        }
    }
}

impl Run<'_> {
    /// Records that the state of a task that failed in a branch or iteration was aborted.
    pub(super) fn abort_task(&self, failure: Failure) -> Failure {
        if failure.task {
            self.record(failure.event, "TaskStateAborted", None);
        }
        Failure { task: false, ..failure }
    }
}

/// The event of a state that was stopped; not every type has one.
pub(super) fn event(kind: &Kind) -> Option<&'static str> {
    match kind {
        Kind::Task(_) => Some("TaskStateAborted"),
        Kind::Wait(_) => Some("WaitStateAborted"),
        Kind::Parallel(_) => Some("ParallelStateAborted"),
        Kind::Map(_) => Some("MapStateAborted"),
        Kind::Pass(_) | Kind::Choice(_) | Kind::Succeed | Kind::Fail(_) => None,
    }
}
