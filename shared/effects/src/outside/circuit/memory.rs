//! What one environment remembers of the circuits: so that a call costs no read while nothing changes.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::row::Phase;

/// How long what was read is believed.
const BELIEVED: SignedDuration = SignedDuration::from_secs(5);

/// By dependency.
#[derive(Debug, Default)]
pub(crate) struct Memory(Mutex<BTreeMap<String, Seen>>);

#[derive(Debug, Default)]
struct Seen {
    phase: Phase,
    looked_at: Option<Timestamp>,
    /// Calls that succeeded and were not told of yet: they travel with the next failure, so that a success costs no write.
    successes: u32,
    since: Timestamp,
}

impl Memory {
    fn seen(&self) -> MutexGuard<'_, BTreeMap<String, Seen>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is known; `None` when it is time to look again. Whoever is told so looks, and the others go by what was known meanwhile.
    pub(super) fn recall(&self, dependency: &str, now: Timestamp) -> Option<Phase> {
        let mut seen = self.seen();
        let seen = seen.entry(dependency.to_owned()).or_default();
        if seen.looked_at.is_some_and(|at| now.duration_since(at) < BELIEVED) {
            return Some(seen.phase);
        }
        seen.looked_at = Some(now);
        None
    }

    pub(super) fn saw(&self, dependency: &str, phase: Phase, now: Timestamp) {
        let mut seen = self.seen();
        let seen = seen.entry(dependency.to_owned()).or_default();
        (seen.phase, seen.looked_at) = (phase, Some(now));
    }

    /// A call succeeded.
    pub(super) fn succeeded(&self, dependency: &str, window: Duration, now: Timestamp) {
        let mut seen = self.seen();
        let seen = seen.entry(dependency.to_owned()).or_default();
        if is_older(seen.since, window, now) {
            (seen.since, seen.successes) = (now, 0);
        }
        seen.successes = seen.successes.saturating_add(1);
    }

    /// The successes of late that were not told of, which are told now.
    pub(super) fn take_successes(&self, dependency: &str, window: Duration, now: Timestamp) -> u32 {
        let mut seen = self.seen();
        let seen = seen.entry(dependency.to_owned()).or_default();
        let successes = std::mem::take(&mut seen.successes);
        if is_older(seen.since, window, now) { 0 } else { successes }
    }
}

fn is_older(since: Timestamp, window: Duration, now: Timestamp) -> bool {
    Duration::try_from(now.duration_since(since)).unwrap_or_default() >= window
}
