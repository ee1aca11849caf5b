//! What belongs to a function as a whole: its versions, its aliases, its places, and the settings of each of its
//! qualifiers.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use serde_json::Value;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::errors;
use super::function::Function;
use super::limits::{ACCOUNT_CONCURRENCY, PROCESSES};
use super::spec::EventInvoke;
use crate::wire::ServiceError;

/// The qualifier of the version that can be changed.
pub(super) const LATEST: &str = "$LATEST";

/// A function with all of its versions.
pub(super) struct Family {
    pub(super) name: String,
    /// Without a qualifier.
    pub(super) arn: String,
    beside: Mutex<Beside>,
    busy: Mutex<usize>,
    gate: Arc<Semaphore>,
}

/// What stands beside the code.
#[derive(Default)]
pub(super) struct Beside {
    pub(super) versions: BTreeMap<u64, Arc<Function>>,
    /// The number of the last version; numbers are not used twice.
    pub(super) last: u64,
    pub(super) aliases: BTreeMap<String, Alias>,
    pub(super) reserved: Option<u32>,
    /// By qualifier.
    pub(super) event_invoke: BTreeMap<String, EventInvokeSettings>,
    /// Statements by qualifier (empty: none) and `Sid`.
    pub(super) policies: BTreeMap<String, Policy>,
}

/// Settings of asynchronous invocation, and when they were last changed.
#[derive(Debug, Clone)]
pub(super) struct EventInvokeSettings {
    pub(super) settings: EventInvoke,
    pub(super) modified: Timestamp,
}

/// A resource policy.
#[derive(Debug, Clone, Default)]
pub(super) struct Policy {
    pub(super) statements: Vec<Value>,
    pub(super) revision: String,
}

/// A name for a version, or for two of them.
#[derive(Debug, Clone)]
pub(super) struct Alias {
    pub(super) name: String,
    pub(super) version: String,
    pub(super) description: String,
    /// The share of the invocations that another version gets.
    pub(super) weights: BTreeMap<String, f64>,
    pub(super) revision: String,
}

/// The right to run one invocation. The place is free again when it is dropped.
pub(super) struct Slot {
    family: Arc<Family>,
    _gate: Option<OwnedSemaphorePermit>,
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut busy = lock(&self.family.busy);
        *busy = busy.saturating_sub(1);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Family {
    pub(super) fn new(name: String, arn: String, beside: Beside) -> Self {
        Self {
            name,
            arn,
            beside: Mutex::new(beside),
            busy: Mutex::default(),
            gate: Arc::new(Semaphore::new(PROCESSES)),
        }
    }

    pub(super) fn beside(&self) -> MutexGuard<'_, Beside> {
        lock(&self.beside)
    }

    pub(super) fn reserved(&self) -> Option<u32> {
        self.beside().reserved
    }

    /// The settings of asynchronous invocation by this qualifier.
    pub(super) fn event_invoke(&self, qualifier: &str) -> EventInvoke {
        self.beside().event_invoke.get(qualifier).map(|own| own.settings.clone()).unwrap_or_default()
    }

    /// Takes a place for one invocation. With a reservation a full function throttles; without one, processes wait for
    /// one of this machine's places, and code in this process meets the account's limit.
    pub(super) async fn admit(self: &Arc<Self>, processes: bool) -> Result<Slot, ServiceError> {
        let reserved = self.reserved().and_then(|n| usize::try_from(n).ok());
        let gate = match reserved.is_none() && processes {
            true => Some(self.gate.clone().acquire_owned().await.map_err(|e| errors::internal(e.to_string()))?),
            false => None,
        };
        let mut busy = lock(&self.busy);
        if *busy >= reserved.unwrap_or(ACCOUNT_CONCURRENCY) {
            return Err(errors::throttled(reserved.is_some()));
        }
        *busy += 1;
        Ok(Slot { family: self.clone(), _gate: gate })
    }
}

impl Beside {
    /// The version that a qualifier stands for: its own number, or that of an alias. `choose` is a number in 0..1 that
    /// decides between the two versions of an alias; without it the first one is meant.
    pub(super) fn version(&self, qualifier: &str, choose: Option<f64>) -> Option<String> {
        let Some(alias) = self.aliases.get(qualifier) else { return Some(qualifier.to_owned()) };
        let mut rest = choose.unwrap_or(1.0);
        for (version, weight) in &alias.weights {
            if rest < *weight {
                return Some(version.clone());
            }
            rest -= weight;
        }
        Some(alias.version.clone())
    }

    /// A published version, by its number.
    pub(super) fn published(&self, version: &str) -> Option<&Arc<Function>> {
        self.versions.get(&version.parse().ok()?)
    }
}
