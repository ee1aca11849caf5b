//! A function as the service keeps it: its settings and its environments.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

use super::environment::{Environment, Stamp};
use super::family::{Family, Slot};
use super::spec::{Code, FunctionSpec};
use crate::wire::ServiceError;

/// A version of a function: the one that can be changed, or a published one.
pub(super) struct Function {
    pub(super) family: Arc<Family>,
    /// `$LATEST`, or a number.
    pub(super) version: String,
    settings: Mutex<Settings>,
    idle: Mutex<Vec<Environment>>,
}

/// What can change.
#[derive(Debug, Clone)]
pub(super) struct Settings {
    pub(super) spec: Arc<FunctionSpec>,
    pub(super) generation: u64,
    pub(super) modified: Timestamp,
    pub(super) revision: String,
    /// What a published version was made from, before it got a description of its own.
    pub(super) origin: Arc<FunctionSpec>,
    /// Whether variables were ever given: answers show them then, even if there is none.
    pub(super) environment_given: bool,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Function {
    pub(super) fn new(
        family: Arc<Family>,
        version: String,
        spec: Arc<FunctionSpec>,
        modified: Timestamp,
        revision: String,
    ) -> Self {
        let origin = spec.clone();
        let settings =
            Mutex::new(Settings { spec, generation: 0, modified, revision, origin, environment_given: false });
        Self { family, version, settings, idle: Mutex::default() }
    }

    /// Its name, without a qualifier.
    pub(super) fn name(&self) -> &str {
        &self.family.name
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

    /// Ends the environments of all versions that run nothing, and forgets the versions.
    pub(super) fn end(&self) {
        let versions = std::mem::take(&mut self.family.beside().versions);
        for version in versions.values() {
            version.end_idle();
        }
        self.end_idle();
    }

    /// Ends the environments that run nothing.
    pub(super) fn end_idle(&self) {
        let ended = std::mem::take(&mut *lock(&self.idle));
        drop(ended);
    }

    /// Takes a place for one invocation.
    pub(super) async fn admit(&self) -> Result<Slot, ServiceError> {
        let processes = !matches!(self.spec().code, Code::InProcess(_));
        self.family.admit(processes).await
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
