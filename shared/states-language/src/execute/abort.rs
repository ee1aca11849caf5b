//! What is recorded of a state that is stopped because a sibling failed.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::flow::{Run, Thread};
use crate::machine::Kind;

/// Branches or iterations that stop together.
#[derive(Debug, Clone, Default)]
pub(super) struct Group(Arc<AtomicBool>);

impl Group {
    /// One of them has failed: the others are stopped next.
    pub(super) fn fail(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Records the event `kind` when it is dropped before it is over, if that is due to a sibling. When the whole
/// execution is stopped, `ExecutionAborted` alone says so.
pub(super) struct Guard<'a> {
    run: &'a Run<'a>,
    groups: Vec<Group>,
    kind: Option<&'static str>,
    after: u64,
}

impl<'a> Guard<'a> {
    pub(super) fn new(run: &'a Run<'a>, thread: &Thread, kind: Option<&'static str>) -> Self {
        Self { run, groups: thread.groups.clone(), kind, after: thread.event }
    }

    pub(super) fn over(mut self) {
        self.kind = None;
    }
}

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        if let Some(kind) = self.kind
            && self.groups.iter().any(|group| group.0.load(Ordering::Relaxed))
        {
            self.run.record(self.after, kind, None);
        }
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
