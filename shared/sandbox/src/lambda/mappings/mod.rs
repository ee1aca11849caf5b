//! Event source mappings: queues and streams that are read for a function.

mod filter;
mod operations;
mod queue;
mod response;
mod settings;
mod stream;
mod stream_batch;

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use tokio::sync::watch;
use tokio::task::AbortHandle;

use super::function::Function;
use crate::cloud::Cloud;

pub(super) use operations::{create, delete, get, list, update};
use settings::{Settings, Source};

/// A mapping.
pub(super) struct Mapping {
    uuid: String,
    function: Arc<Function>,
    /// The ARN of what it reads.
    source: String,
    kind: Source,
    state: Mutex<State>,
    progress: Progress,
}

struct State {
    settings: Arc<Settings>,
    modified: Timestamp,
    poller: Option<AbortHandle>,
}

/// How far a stream's poller has come.
#[derive(Default)]
struct Progress {
    /// The table's writes, while the mapping is enabled.
    changes: Mutex<Option<watch::Receiver<u64>>>,
    /// The count of writes up to which all records were read and are done with.
    done: AtomicU64,
    busy: AtomicBool,
}

impl Mapping {
    fn new(
        uuid: String,
        function: Arc<Function>,
        source: String,
        kind: Source,
        settings: Settings,
        now: Timestamp,
    ) -> Self {
        let state = State { settings: Arc::new(settings), modified: now, poller: None };
        Self { uuid, function, source, kind, state: Mutex::new(state), progress: Progress::default() }
    }

    /// The ARN of what it reads.
    pub(super) fn source(&self) -> &str {
        &self.source
    }

    /// Whether it is an enabled one of a queue.
    pub(super) fn reads_queue(&self) -> bool {
        matches!(self.kind, Source::Queue { .. }) && self.settings().enabled
    }

    /// Records of a stream that are not done with, named for a person.
    pub(super) fn pending(&self) -> Option<String> {
        let changes = self.progress.changes();
        let written = *changes.as_ref()?.borrow();
        let behind = written != self.progress.done.load(Ordering::Acquire);
        let busy = self.progress.busy.load(Ordering::Acquire);
        (behind || busy).then(|| format!("records of a stream for {}", self.function.name))
    }

    fn settings(&self) -> Arc<Settings> {
        self.state().settings.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Stops reading until it is enabled again.
    fn disable(&self) {
        Arc::make_mut(&mut self.state().settings).enabled = false;
        self.stop();
    }

    /// Ends the poller; batches that it has handed over are done with as if it were there.
    fn stop(&self) {
        if let Some(poller) = self.state().poller.take() {
            poller.abort();
        }
        *self.progress.changes() = None;
        self.progress.busy.store(false, Ordering::Release);
    }
}

/// Disables the mappings of a function that is gone.
pub(super) fn orphan(cloud: &Cloud, function: &Arc<Function>) {
    let mappings: Vec<_> = cloud.lambda().state().mappings.values().cloned().collect();
    for mapping in mappings.iter().filter(|mapping| Arc::ptr_eq(&mapping.function, function)) {
        mapping.disable();
    }
}

impl Progress {
    fn changes(&self) -> MutexGuard<'_, Option<watch::Receiver<u64>>> {
        self.changes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
