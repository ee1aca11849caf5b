//! A function as the service keeps it: its settings and its environments.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use serde_json::Value;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::environment::{Environment, Stamp};
use super::errors;
use super::limits::{ACCOUNT_CONCURRENCY, PROCESSES};
use super::spec::{Code, EventInvoke, FunctionSpec};
use crate::wire::ServiceError;

/// A function.
pub(super) struct Function {
    pub(super) name: String,
    pub(super) arn: String,
    settings: Mutex<Settings>,
    idle: Mutex<Vec<Environment>>,
    busy: Mutex<usize>,
    gate: Arc<Semaphore>,
}

/// What can change.
#[derive(Debug, Clone)]
pub(super) struct Settings {
    pub(super) spec: Arc<FunctionSpec>,
    pub(super) generation: u64,
    pub(super) modified: Timestamp,
    pub(super) revision: String,
    /// When the event invoke settings were last changed.
    pub(super) event_invoke_modified: Timestamp,
    /// The statements of its policy, by `Sid`.
    pub(super) policy: BTreeMap<String, Value>,
}

/// The right to run one invocation. The place is free again when it is dropped.
pub(super) struct Slot {
    function: Arc<Function>,
    _gate: Option<OwnedSemaphorePermit>,
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut busy = lock(&self.function.busy);
        *busy = busy.saturating_sub(1);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Function {
    pub(super) fn new(arn: String, spec: FunctionSpec, now: Timestamp, revision: String) -> Self {
        Self {
            name: spec.name.clone(),
            arn,
            settings: Mutex::new(Settings {
                spec: Arc::new(spec),
                generation: 0,
                modified: now,
                revision,
                event_invoke_modified: now,
                policy: BTreeMap::new(),
            }),
            idle: Mutex::default(),
            busy: Mutex::default(),
            gate: Arc::new(Semaphore::new(PROCESSES)),
        }
    }

    pub(super) fn settings(&self) -> Settings {
        lock(&self.settings).clone()
    }

    pub(super) fn spec(&self) -> Arc<FunctionSpec> {
        lock(&self.settings).spec.clone()
    }

    /// Changes settings that running environments do not see.
    pub(super) fn modify(&self, change: impl FnOnce(&mut Settings)) {
        change(&mut lock(&self.settings));
    }

    /// Changes settings or code: environments that were started before end when they are idle.
    pub(super) fn redeploy(&self, now: Timestamp, revision: String, change: impl FnOnce(&mut FunctionSpec)) {
        let mut settings = lock(&self.settings);
        change(Arc::make_mut(&mut settings.spec));
        settings.generation += 1;
        settings.modified = now;
        settings.revision = revision;
        drop(settings);
        self.end_idle();
    }

    /// Ends the environments that run nothing.
    pub(super) fn end_idle(&self) {
        let ended = std::mem::take(&mut *lock(&self.idle));
        drop(ended);
    }

    pub(super) fn event_invoke(&self) -> EventInvoke {
        lock(&self.settings).spec.event_invoke.clone().unwrap_or_default()
    }

    /// Takes a place for one invocation. With a reservation a full function throttles; without one, processes wait for
    /// one of this machine's places, and code in this process meets the account's limit.
    pub(super) async fn admit(self: &Arc<Self>) -> Result<Slot, ServiceError> {
        let spec = self.spec();
        let reserved = spec.reserved_concurrency.and_then(|n| usize::try_from(n).ok());
        let waits = reserved.is_none() && !matches!(spec.code, Code::InProcess(_));
        let gate = match waits {
            true => Some(self.gate.clone().acquire_owned().await.map_err(|e| errors::internal(e.to_string()))?),
            false => None,
        };
        let mut busy = lock(&self.busy);
        if *busy >= reserved.unwrap_or(ACCOUNT_CONCURRENCY) {
            return Err(errors::throttled(reserved.is_some()));
        }
        *busy += 1;
        Ok(Slot { function: self.clone(), _gate: gate })
    }

    /// An idle environment that runs the code as it is now; older ones end.
    pub(super) fn take_idle(&self, stamp: &Stamp) -> Option<Environment> {
        let mut idle = lock(&self.idle);
        idle.retain(|environment| environment.is_alive() && environment.stamp() == stamp);
        // The one that was used last is the one that is most likely in caches.
        idle.pop()
    }

    /// Puts an environment back, unless it ended or settings changed meanwhile.
    pub(super) fn put_idle(&self, environment: Environment) {
        let generation = lock(&self.settings).generation;
        if environment.is_alive() && environment.stamp().generation == generation {
            lock(&self.idle).push(environment);
        }
    }
}
