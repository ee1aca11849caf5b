//! Event source mappings: queues and streams that are read for a function.

mod filter;
mod operations;
mod queue;
mod response;
mod settings;
mod stream;
mod stream_batch;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use tokio::sync::watch;
use tokio::task::AbortHandle;

use super::function::Function;
use super::names::Reference;
use crate::cloud::Cloud;
use crate::wire::ServiceError;

pub(super) use operations::{create, delete, get, list, update};
use settings::{Settings, Source};

/// A mapping.
pub(super) struct Mapping {
    uuid: String,
    /// The ARN of what it reads.
    source: String,
    kind: Source,
    state: Mutex<State>,
    progress: Progress,
}

struct State {
    /// What it calls. Kept by name, as on AWS: a function that is deleted and created again is called again.
    target: Reference,
    settings: Arc<Settings>,
    modified: Timestamp,
    /// How the last batch of a stream went.
    result: Processing,
    poller: Option<AbortHandle>,
}

/// How the last batch of a stream went, as `LastProcessingResult` says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Processing {
    None,
    Done,
    Failed,
}

impl Processing {
    fn as_str(self) -> &'static str {
        match self {
            Self::None => "No records processed",
            Self::Done => "OK",
            Self::Failed => "PROBLEM: Function call failed",
        }
    }
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
    fn new(uuid: String, target: Reference, source: String, kind: Source, settings: Settings, now: Timestamp) -> Self {
        let settings = Arc::new(settings);
        let state = State { target, settings, modified: now, result: Processing::None, poller: None };
        Self { uuid, source, kind, state: Mutex::new(state), progress: Progress::default() }
    }

    /// The ARN of what it reads.
    pub(super) fn source(&self) -> &str {
        &self.source
    }

    /// Whether it reads a queue at the moment.
    pub(super) fn reads_queue(&self) -> bool {
        matches!(self.kind, Source::Queue { .. }) && self.state().poller.is_some()
    }

    /// Its tags.
    pub(super) fn tags(&self) -> BTreeMap<String, String> {
        self.state().settings.tags.clone()
    }

    /// Replaces its tags.
    pub(super) fn set_tags(&self, tags: BTreeMap<String, String>) {
        Arc::make_mut(&mut self.state().settings).tags = tags;
    }

    fn arn(&self, cloud: &Cloud) -> String {
        cloud.arn("lambda", &format!("event-source-mapping:{}", self.uuid))
    }

    fn target(&self) -> Reference {
        self.state().target.clone()
    }

    /// The function that it calls, and the ARN that it calls it by.
    fn function(&self, cloud: &Cloud) -> Result<(Arc<Function>, String), ServiceError> {
        let target = self.target();
        Ok((cloud.lambda().callee(cloud, &target)?, target.arn(cloud)))
    }

    /// Records of a stream that are not done with, named for a person.
    pub(super) fn pending(&self) -> Option<String> {
        let changes = self.progress.changes();
        let written = *changes.as_ref()?.borrow();
        let behind = written != self.progress.done.load(Ordering::Acquire);
        let busy = self.progress.busy.load(Ordering::Acquire);
        (behind || busy).then(|| format!("records of a stream for {}", self.target().name))
    }

    fn settings(&self) -> Arc<Settings> {
        self.state().settings.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
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

/// Stops the mappings of a function that is gone. They stay, and still call themselves enabled.
pub(super) fn orphan(cloud: &Cloud, name: &str) {
    for mapping in of_function(cloud, name) {
        mapping.stop();
    }
}

/// Starts the mappings that were left by an earlier function of this name.
pub(super) fn adopt(cloud: &Cloud, name: &str) {
    for mapping in of_function(cloud, name) {
        let task = cloud.clone();
        cloud.lambda().tasks().start(async move {
            if let Err(error) = operations::start(&task, &mapping).await {
                tracing::warn!(source = mapping.source, %error, "a mapping could not be started again");
            }
        });
    }
}

fn of_function(cloud: &Cloud, name: &str) -> Vec<Arc<Mapping>> {
    let state = cloud.lambda().state();
    state.mappings.values().filter(|mapping| mapping.target().name == name).cloned().collect()
}

impl Progress {
    fn changes(&self) -> MutexGuard<'_, Option<watch::Receiver<u64>>> {
        self.changes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
