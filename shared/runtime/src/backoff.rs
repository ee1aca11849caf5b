//! When a failed message may come again.

use std::time::Duration;

use throughline_envelope::Ambient;

/// The longest wait that SQS grants. A message is invisible for
/// [12 hours](https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ChangeMessageVisibility.html) at most, counted
/// from when it was received, and a longer wait is an error: so 5 minutes of batching and 15 of running are taken off.
const LONGEST: Duration = Duration::from_secs((12 * 60 - 20) * 60);

/// Exponential backoff with full jitter: a uniformly random wait between zero and `base · 2^(attempt − 1)`, at most `cap`.
///
/// Full jitter spreads retries best of the usual kinds, see
/// [Exponential Backoff And Jitter](https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    /// The longest first wait.
    pub base: Duration,
    /// The longest wait, unless the failure asks for a longer one.
    pub cap: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Self { base: Duration::from_secs(1), cap: Duration::from_secs(15 * 60) }
    }
}

impl Backoff {
    /// The wait after `attempt` (1 for the first) failed. A failure that asks for a wait (`retry_after`) gets it whole, above the cap as
    /// well, with the jitter on top: those that were told the same time should not all come at it. At most 11 h 40 min.
    pub fn wait(&self, attempt: u32, at_least: Option<Duration>, ambient: &Ambient) -> Duration {
        let ceiling = self.base.saturating_mul(1 << attempt.saturating_sub(1).min(20)).min(self.cap);
        within_longest(at_least.unwrap_or_default(), ceiling, ambient)
    }

    /// The wait of a message for a circuit to close: until then, and up to a quarter of that more. It grows with the square of its
    /// deliveries, up to `4 · base · deliveries²`: so a message waits about a tenth longer than the outage lasts, and is received some 70
    /// times in three days, which is well under a `maxReceiveCount` of 100.
    pub(crate) fn wait_uncounted(&self, deliveries: u32, at_least: Duration, ambient: &Ambient) -> Duration {
        let ceiling = self.base.saturating_mul(4_u32.saturating_mul(deliveries.saturating_mul(deliveries)));
        within_longest(at_least, ceiling.max(at_least / 4), ambient)
    }
}

/// `at_least`, and a random time up to `ceiling` more.
fn within_longest(at_least: Duration, ceiling: Duration, ambient: &Ambient) -> Duration {
    let millis = u64::try_from(ceiling.min(LONGEST).as_millis()).unwrap_or(u64::MAX).max(1);
    at_least.saturating_add(Duration::from_millis(ambient.random_u64() % (millis + 1))).min(LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ambient(seed: u64) -> Ambient {
        Ambient::seeded(jiff::Timestamp::UNIX_EPOCH, seed)
    }

    /// The waits of many messages.
    fn waits(backoff: Backoff, attempt: u32, at_least: Option<Duration>) -> (Duration, Duration) {
        let ambient = ambient(7);
        let waits: Vec<_> = (0..500).map(|_| backoff.wait(attempt, at_least, &ambient)).collect();
        (waits.iter().min().copied().unwrap(), waits.iter().max().copied().unwrap())
    }

    #[test]
    fn a_wait_is_anything_up_to_twice_the_last_ceiling_until_the_cap() {
        let backoff = Backoff { base: Duration::from_secs(1), cap: Duration::from_secs(60) };
        for (attempt, ceiling) in [(1, 1), (2, 2), (3, 4), (6, 32), (7, 60), (40, 60), (u32::MAX, 60)] {
            let ceiling = Duration::from_secs(ceiling);
            let (shortest, longest) = waits(backoff, attempt, None);
            assert!(longest <= ceiling && longest > ceiling * 9 / 10, "attempt {attempt}: {longest:?}");
            assert!(shortest < ceiling / 10, "full jitter uses the whole range; attempt {attempt}: {shortest:?}");
        }
    }

    #[test]
    fn a_failure_that_asks_for_a_wait_gets_it_above_the_cap_as_well_and_not_all_at_once() {
        let backoff = Backoff { base: Duration::from_secs(1), cap: Duration::from_secs(60) };
        let hour = Duration::from_secs(60 * 60);
        let (shortest, longest) = waits(backoff, 4, Some(hour));
        assert!(shortest >= hour && longest > shortest, "{shortest:?} {longest:?}");
        assert!(longest <= hour + Duration::from_secs(8), "{longest:?}");
    }

    #[test]
    fn no_wait_is_longer_than_sqs_grants() {
        let day = Duration::from_secs(24 * 60 * 60);
        assert_eq!(waits(Backoff::default(), 1, Some(day)), (LONGEST, LONGEST));
        assert_eq!(Backoff::default().wait_uncounted(u32::MAX, day, &ambient(1)), LONGEST);
    }

    /// A message that is refused whenever it comes, for as long as one is kept waiting: three days.
    #[test]
    fn a_message_that_waits_for_days_does_not_use_up_its_receives_nor_wait_much_longer_than_the_outage() {
        let refused_for = |outage: Duration, seed| {
            let ambient = ambient(seed);
            let (mut now, mut deliveries) = (Duration::ZERO, 0);
            while now < outage {
                deliveries += 1;
                // Open for five minutes at most; it comes at any time within.
                let probe = Duration::from_millis(ambient.random_u64() % 300_000);
                now += Backoff::default().wait_uncounted(deliveries, probe, &ambient);
            }
            (deliveries, now.saturating_sub(outage))
        };
        for seed in 0..200 {
            let (deliveries, _) = refused_for(Duration::from_secs(3 * 24 * 60 * 60), seed);
            assert!(deliveries < 85, "seed {seed}: {deliveries} receives");
            let (deliveries, late) = refused_for(Duration::from_secs(60 * 60), seed);
            assert!(deliveries < 30, "seed {seed}: {deliveries} receives in an hour");
            assert!(late < Duration::from_secs(30 * 60), "seed {seed}: {late:?} late");
        }
    }
}
