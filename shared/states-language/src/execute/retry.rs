//! When to try again.
//! <https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html#error-handling-retrying-after-an-error>

use jiff::SignedDuration;

use super::failure::Failure;
use super::{Random, unit};
use crate::machine::Retrier;

/// The attempts of one visit to a state. Each retrier counts its own.
pub(super) struct Retries<'a> {
    retriers: Vec<(&'a Retrier, u64)>,
    /// `$$.State.RetryCount`.
    pub(super) count: u64,
}

impl<'a> Retries<'a> {
    pub(super) fn new(retriers: &'a [Retrier]) -> Self {
        Self { retriers: retriers.iter().map(|retrier| (retrier, 0)).collect(), count: 0 }
    }

    /// How long to wait before the next attempt; `None`: there is none. The first retrier that knows the error decides.
    pub(super) fn delay(&mut self, failure: &Failure, random: &dyn Random) -> Option<SignedDuration> {
        let (retrier, used) = self.retriers.iter_mut().find(|(retrier, _)| failure.matches(&retrier.errors))?;
        if *used >= retrier.max_attempts {
            return None;
        }
        let seconds = seconds(retrier, *used);
        *used += 1;
        self.count += 1;
        let seconds = if retrier.full_jitter { seconds * unit(random.next()) } else { seconds };
        Some(SignedDuration::try_from_secs_f64(seconds).unwrap_or(SignedDuration::MAX))
    }
}

#[expect(clippy::cast_precision_loss, reason = "seconds are at most 99,999,999")]
fn seconds(retrier: &Retrier, used: u64) -> f64 {
    let exponent = i32::try_from(used).unwrap_or(i32::MAX);
    let seconds = retrier.interval_seconds as f64 * retrier.backoff_rate.powi(exponent);
    let most = retrier.max_delay_seconds.unwrap_or(crate::limits::SECONDS) as f64;
    seconds.min(most)
}
