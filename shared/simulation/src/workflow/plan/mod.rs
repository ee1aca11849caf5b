//! Which faults strike where.
//!
//! Whether a fault strikes is a hash of the seed, the fault, the site (which function, which operation, for which workflow) and
//! how often that site was come to before: never the next number of a stream. So a fault that is taken away leaves the others
//! where they were, and the smallest set of faults that breaks something can be found by taking them away.

mod fault;
mod faults;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use throughline_sandbox::Clock;

pub use fault::{Fault, UnknownFault};
pub use faults::Faults;

use super::dice::{hash, join, unit};
use super::id::WorkflowId;

/// A fault that struck.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Struck {
    /// What `--only` takes: the fault and its site.
    pub id: String,
    /// The fault.
    pub fault: Fault,
    /// When, on virtual time.
    pub at: Timestamp,
    /// The function, or the queue.
    pub place: String,
    /// What was going on there: an operation of AWS, a request to an outside party.
    pub operation: String,
    /// For which workflow.
    pub workflow: Option<WorkflowId>,
}

/// Somewhere that a fault can strike, at one of the times that it is come to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Site<'a> {
    place: &'a str,
    operation: &'a str,
    workflow: Option<WorkflowId>,
    /// How often it was come to before.
    before: u32,
    hash: u64,
}

/// The faults of one run.
#[derive(Debug)]
pub(crate) struct Plan {
    seed: u64,
    faults: Faults,
    rates: Vec<f64>,
    clock: Clock,
    origin: Timestamp,
    on: AtomicBool,
    /// How often each site was come to. Nothing iterates it.
    visits: Mutex<HashMap<u64, u32>>,
    struck: Mutex<Vec<Struck>>,
}

impl Plan {
    pub(crate) fn new(seed: u64, faults: Faults, clock: Clock) -> Self {
        let rates = Fault::ALL.iter().map(|fault| faults.rate_under(seed, *fault)).collect();
        let on = AtomicBool::new(false);
        let origin = clock.now();
        Self { seed, faults, rates, clock, origin, on, visits: Mutex::default(), struck: Mutex::default() }
    }

    /// From now on faults strike, or not.
    pub(crate) fn set_on(&self, on: bool) {
        self.on.store(on, Ordering::Relaxed);
    }

    /// A site that is come to once more.
    pub(crate) fn site<'a>(&self, place: &'a str, operation: &'a str, workflow: Option<WorkflowId>) -> Site<'a> {
        let number = workflow.map_or(u64::MAX, |id| u64::from(id.number()));
        let key = join(join(hash(place), hash(operation)), number);
        let mut visits = lock(&self.visits);
        let visit = visits.entry(key).or_default();
        let before = *visit;
        *visit += 1;
        Site { place, operation, workflow, before, hash: join(key, u64::from(before)) }
    }

    /// Whether the fault strikes here and now; it is written down if it does.
    pub(crate) fn strikes(&self, fault: Fault, site: &Site<'_>) -> bool {
        let rate = self.rates.get(fault as usize).copied().unwrap_or_default();
        if rate <= 0.0 || !self.on.load(Ordering::Relaxed) || unit(self.choice(fault, site)) >= rate {
            return false;
        }
        let strikes = self.faults.permits(&site.id(fault));
        if strikes {
            self.write_down(fault, site, self.clock.now());
        }
        strikes
    }

    /// How long a fault that strikes here takes.
    pub(crate) fn time(&self, fault: Fault, site: &Site<'_>, from: Duration, to: Duration) -> Duration {
        let part = unit(join(self.choice(fault, site), 1));
        (from + (to.saturating_sub(from)).mul_f64(part)).mul_f64(self.faults.delay_part())
    }

    /// Which of so many ways a fault that strikes here goes.
    pub(crate) fn way(&self, fault: Fault, site: &Site<'_>, ways: u64) -> u64 {
        join(self.choice(fault, site), 2).checked_rem(ways).unwrap_or_default()
    }

    /// How long a request is under way when nothing is wrong. It differs, so that what happens at once happens in any order.
    pub(crate) fn latency(&self, site: &Site<'_>, way_back: bool) -> Duration {
        let choice = join(join(self.seed, site.hash), 3 + u64::from(way_back));
        Duration::from_micros(500 + choice % 5_000)
    }

    /// The time in which something is not as usual, if the fault strikes this site at all. It begins somewhere within `span`, and
    /// lasts from the one to the other.
    pub(crate) fn window(
        &self,
        fault: Fault,
        site: &Site<'_>,
        span: Duration,
        lasts: (Duration, Duration),
    ) -> Option<Range<Timestamp>> {
        let rate = self.rates.get(fault as usize).copied().unwrap_or_default();
        if unit(self.choice(fault, site)) >= rate || !self.faults.permits(&site.id(fault)) {
            return None;
        }
        let begins = self.origin + span.mul_f64(unit(join(self.choice(fault, site), 1)));
        let more = lasts.1.saturating_sub(lasts.0).mul_f64(unit(join(self.choice(fault, site), 3)));
        self.write_down(fault, site, begins);
        Some(begins..begins + (lasts.0 + more).mul_f64(self.faults.delay_part()))
    }

    /// What struck so far, in the order in which it did.
    pub(crate) fn struck(&self) -> Vec<Struck> {
        lock(&self.struck).clone()
    }

    fn write_down(&self, fault: Fault, site: &Site<'_>, at: Timestamp) {
        let (place, operation) = (site.place.to_owned(), site.operation.to_owned());
        let struck = Struck { id: site.id(fault), fault, at, place, operation, workflow: site.workflow };
        lock(&self.struck).push(struck);
    }

    fn choice(&self, fault: Fault, site: &Site<'_>) -> u64 {
        join(join(self.seed, hash(fault.name())), site.hash)
    }
}

impl Site<'_> {
    /// `crash-after/charge-payment/TransactWriteItems/wf000012/0`
    fn id(&self, fault: Fault) -> String {
        let workflow = self.workflow.map_or_else(|| "-".to_owned(), |workflow| workflow.to_string());
        format!("{fault}/{}/{}/{workflow}/{}", self.place, self.operation, self.before)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
