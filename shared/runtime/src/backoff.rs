//! When a failed message may come again.

use std::time::Duration;

use throughline_envelope::Ambient;

/// Exponential backoff with full jitter: a uniformly random wait between zero and `base · 2^(attempt − 1)`, at most `cap`.
///
/// Full jitter spreads retries best of the usual kinds, see
/// [Exponential Backoff And Jitter](https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    /// The longest first wait.
    pub base: Duration,
    /// The longest wait of all. SQS allows at most
    /// [12 hours](https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ChangeMessageVisibility.html).
    pub cap: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Self { base: Duration::from_secs(1), cap: Duration::from_secs(15 * 60) }
    }
}

impl Backoff {
    /// The wait after `attempt` (1 for the first) failed; never shorter than `at_least`.
    pub fn wait(&self, attempt: u32, at_least: Option<Duration>, ambient: &Ambient) -> Duration {
        let ceiling = self.base.saturating_mul(1 << attempt.saturating_sub(1).min(20)).min(self.cap);
        let millis = u64::try_from(ceiling.as_millis()).unwrap_or(u64::MAX).max(1);
        let jittered = Duration::from_millis(ambient.random_u64() % (millis + 1));
        jittered.max(at_least.unwrap_or_default()).min(self.cap)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stays_within_the_ceiling_of_its_attempt_and_honours_the_least_wait() {
        let ambient = Ambient::seeded(jiff::Timestamp::UNIX_EPOCH, 7);
        let backoff = Backoff { base: Duration::from_secs(1), cap: Duration::from_secs(60) };
        let mut longest = Duration::ZERO;
        for _ in 0..200 {
            let wait = backoff.wait(3, None, &ambient);
            assert!(wait <= Duration::from_secs(4), "{wait:?}");
            longest = longest.max(wait);
        }
        assert!(longest > Duration::from_secs(2), "full jitter uses the whole range, longest was {longest:?}");
        assert_eq!(backoff.wait(40, Some(Duration::from_secs(60)), &ambient), Duration::from_secs(60));
        assert!(backoff.wait(1, Some(Duration::from_secs(9)), &ambient) >= Duration::from_secs(9));
    }
}
