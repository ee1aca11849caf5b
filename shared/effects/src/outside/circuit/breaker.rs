//! When a circuit opens, and for how long.

use std::time::Duration;

use serde::Serialize;
use throughline_envelope::Ambient;

/// The rule by which the circuit to a dependency opens. A function declares it; functions that call the same dependency should declare
/// the same, since they share the circuit.
///
/// It opens when, within a window that begins with a failure, so many calls failed and they are so large a part of all. It is open for a
/// first period, then one call probes; each probe that fails doubles the period, up to the longest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[must_use]
pub struct Breaker {
    dependency: String,
    failures: u32,
    percent: u32,
    window_seconds: u32,
    open_seconds: u32,
    longest_seconds: u32,
}

impl Breaker {
    /// Opens after five failures within a minute that are at least half of the calls; for half a minute, then up to five minutes.
    /// `dependency` names the outside party: `payments`.
    pub fn on(dependency: &str) -> Self {
        let dependency = dependency.to_owned();
        Self { dependency, failures: 5, percent: 50, window_seconds: 60, open_seconds: 30, longest_seconds: 300 }
    }

    /// Failures in a window before it may open; at least 1.
    pub fn failures(self, failures: u32) -> Self {
        Self { failures: failures.max(1), ..self }
    }

    /// The least part of the calls in a window that failed, from 0 to 100.
    pub fn percent(self, percent: u32) -> Self {
        Self { percent: percent.min(100), ..self }
    }

    /// How long failures are counted together: whole seconds, at least one. Longer than the retries of one event take, or one
    /// event alone uses up its attempts before the circuit opens.
    pub fn window(self, window: Duration) -> Self {
        Self { window_seconds: seconds(window), ..self }
    }

    /// The first period for which it is open, and the longest: whole seconds, at least one.
    pub fn open_for(self, first: Duration, longest: Duration) -> Self {
        let open_seconds = seconds(first);
        Self { open_seconds, longest_seconds: seconds(longest).max(open_seconds), ..self }
    }

    /// The outside party.
    #[must_use]
    pub fn dependency(&self) -> &str {
        &self.dependency
    }

    pub(super) fn window_length(&self) -> Duration {
        Duration::from_secs(self.window_seconds.into())
    }

    /// Whether these are failures enough.
    pub(super) fn trips(&self, failures: u32, successes: u32) -> bool {
        let (failed, all) = (u64::from(failures), u64::from(failures) + u64::from(successes));
        failures >= self.failures && failed * 100 >= all * u64::from(self.percent)
    }

    /// How long it is open the `nth` time in a row, from 1: between half of the period and all of it, at random, so that circuits that
    /// opened together do not probe together.
    pub(super) fn period(&self, nth: u32, ambient: &Ambient) -> Duration {
        let doubled = u64::from(self.open_seconds) << nth.saturating_sub(1).min(20);
        let half = doubled.min(self.longest_seconds.into()) * 500;
        Duration::from_millis(half + ambient.random_u64() % (half + 1))
    }
}

fn seconds(duration: Duration) -> u32 {
    u32::try_from(duration.as_secs()).unwrap_or(u32::MAX).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_takes_enough_failures_and_a_large_part_of_them() {
        let breaker = Breaker::on("payments").failures(5).percent(50);
        assert!(!breaker.trips(4, 0));
        assert!(breaker.trips(5, 0));
        assert!(breaker.trips(5, 5));
        assert!(!breaker.trips(5, 6), "a few failures of many calls are no outage");
    }

    #[test]
    fn each_period_is_twice_the_last_up_to_the_longest_and_half_of_it_random() {
        let ambient = Ambient::seeded(jiff::Timestamp::UNIX_EPOCH, 1);
        let breaker = Breaker::on("payments").open_for(Duration::from_secs(10), Duration::from_secs(60));
        for (nth, longest) in [(1, 10), (2, 20), (3, 40), (4, 60), (70, 60)] {
            let longest = Duration::from_secs(longest);
            let periods: Vec<_> = (0..100).map(|_| breaker.period(nth, &ambient)).collect();
            assert!(periods.iter().all(|period| (longest / 2..=longest).contains(period)), "{nth}: {periods:?}");
            assert!(periods.iter().any(|period| *period > longest * 9 / 10), "{nth}: {periods:?}");
        }
    }
}
