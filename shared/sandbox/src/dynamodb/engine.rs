//! Dynoxide's storage, and its operations on it.
//!
//! Its `Database` would do, but it copies each transaction for the sake of its token, which [`tokens`](super::tokens) takes first.

use std::sync::{Arc, Mutex, PoisonError};

use dynoxide::DynoxideError;
use dynoxide::actions::vector_lifecycle::VectorIndexLifecycle;
use dynoxide::storage::Storage;
use futures::FutureExt;

use super::clock::Seconds;
use crate::clock::Clock;

pub(super) struct Engine {
    storage: Mutex<Storage>,
    /// Which vector indexes are being made.
    pub(super) vectors: VectorIndexLifecycle,
}

impl Engine {
    pub(super) fn new(clock: Clock) -> Result<Self, DynoxideError> {
        let storage = Storage::memory()?.with_clock(Arc::new(Seconds(clock)));
        Ok(Self { storage: Mutex::new(storage), vectors: VectorIndexLifecycle::new() })
    }

    /// Runs an operation to its end, while no other one runs.
    pub(super) fn run<T>(
        &self,
        operation: impl AsyncFnOnce(&Storage) -> Result<T, DynoxideError>,
    ) -> Result<T, DynoxideError> {
        let storage = self.storage.lock().unwrap_or_else(PoisonError::into_inner);
        // SQLite in memory is never waited for.
        let done = operation(&storage).now_or_never();
        done.unwrap_or_else(|| Err(DynoxideError::InternalServerError("the storage did not answer at once".into())))
    }
}
