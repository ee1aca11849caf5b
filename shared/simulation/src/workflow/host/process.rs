//! The process of one environment: how it ends.

use std::sync::{Mutex, PoisonError};

use tokio::sync::Notify;

use crate::workflow::id::WorkflowId;

/// How a process stops working.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    /// It is killed.
    Died,
    /// It hangs, until Lambda ends it.
    Hangs,
}

/// A process, which runs one invocation at a time.
#[derive(Debug, Default)]
pub(super) struct Process {
    state: Mutex<State>,
    stopped: Notify,
}

#[derive(Debug, Default)]
struct State {
    ending: Option<Ending>,
    workflow: Option<WorkflowId>,
}

impl Process {
    /// It works for this workflow now.
    pub(super) fn works_for(&self, workflow: Option<WorkflowId>) {
        self.state(|state| state.workflow = workflow);
    }

    pub(super) fn workflow(&self) -> Option<WorkflowId> {
        self.state(|state| state.workflow)
    }

    /// It stops here: nothing of it runs any more, and what it waits for never comes.
    pub(super) async fn stop<T>(&self, ending: Ending) -> T {
        self.state(|state| state.ending.get_or_insert(ending).to_owned());
        self.stopped.notify_one();
        std::future::pending().await
    }

    /// Waits until it stops.
    pub(super) async fn stopped(&self) -> Ending {
        loop {
            if let Some(ending) = self.ending() {
                return ending;
            }
            self.stopped.notified().await;
        }
    }

    pub(super) fn ending(&self) -> Option<Ending> {
        self.state(|state| state.ending)
    }

    fn state<T>(&self, with: impl FnOnce(&mut State) -> T) -> T {
        with(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
