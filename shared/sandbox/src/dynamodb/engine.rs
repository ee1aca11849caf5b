//! Dynoxide's storage, and its operations on it.
//!
//! Its `Database` would do, but it copies each transaction for the sake of its token, which [`tokens`](super::tokens) takes first.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use dynoxide::DynoxideError;
use dynoxide::actions::vector_lifecycle::VectorIndexLifecycle;
use dynoxide::storage::Storage;
use futures::FutureExt;
use serde_json::Value;

use super::Served;
use super::clock::Seconds;
use super::direct::{Direct, KnownExpressions, Outcome, Unknown};
use crate::clock::Clock;

pub(super) struct Engine {
    held: Mutex<Held>,
    /// Which vector indexes are being made.
    pub(super) vectors: VectorIndexLifecycle,
}

struct Held {
    storage: Storage,
    /// None leaves everything to dynoxide.
    direct: Option<Direct>,
}

impl Engine {
    pub(super) fn new(clock: Clock, known: KnownExpressions) -> Result<Self, DynoxideError> {
        let storage = Self::storage(clock)?;
        let direct = Some(Direct::new(clock, &storage, known)?);
        Ok(Self { held: Mutex::new(Held { storage, direct }), vectors: VectorIndexLifecycle::new() })
    }

    /// Dynoxide alone: what the direct path has to be the same as.
    #[cfg(test)]
    pub(super) fn without_direct_path(clock: Clock) -> Result<Self, DynoxideError> {
        let held = Held { storage: Self::storage(clock)?, direct: None };
        Ok(Self { held: Mutex::new(held), vectors: VectorIndexLifecycle::new() })
    }

    fn storage(clock: Clock) -> Result<Storage, DynoxideError> {
        Ok(Storage::memory()?.with_clock(Arc::new(Seconds(clock))))
    }

    /// Runs an operation on the direct path, if it can.
    pub(super) fn direct(&self, operation: &str, input: &Value) -> Option<Outcome> {
        let held = &mut *self.held();
        held.direct.as_mut().map(|direct| direct.run(&held.storage, operation, input))
    }

    /// Runs an operation of dynoxide to its end, while no other one runs.
    pub(super) fn run<T>(
        &self,
        operation: impl AsyncFnOnce(&Storage) -> Result<T, DynoxideError>,
    ) -> Result<T, DynoxideError> {
        let held = &mut *self.held();
        if let Some(direct) = &mut held.direct {
            direct.others_ran();
        }
        // SQLite in memory is never waited for.
        let done = operation(&held.storage).now_or_never();
        done.unwrap_or_else(|| Err(DynoxideError::InternalServerError("the storage did not answer at once".into())))
    }

    /// Tables may have changed.
    pub(super) fn forget_tables(&self) {
        if let Some(direct) = &mut self.held().direct {
            direct.forget_tables();
        }
    }

    /// Dynoxide accepted a request with these expressions.
    pub(super) fn learn(&self, unknown: Unknown) {
        if let Some(direct) = &mut self.held().direct {
            direct.learn(unknown);
        }
    }

    pub(super) fn served(&self) -> Served {
        self.held().direct.as_ref().map(|direct| direct.served).unwrap_or_default()
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
