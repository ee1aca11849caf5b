//! Waiting for an earlier event of an order.
//!
//! ```text
//!   5 is missing   6 ── gap ── waits … 6 ── gap ── waits … 5 ✓ … 6 ✓        its attempts are not counted
//!                  6 ── gap ── waits … ─────── patience over ── parked, class `exhausted`, code `gap`
//! ```

use std::time::Duration;

use throughline_effects::{Attempts, Failure};

use super::park::Letter;
use super::record::{Ending, Job};
use crate::backoff::Backoff;

/// The code of an event that came before an earlier one of its order.
pub(super) const GAP: &str = "gap";

/// How many of the longest waits fit into a function's patience: with jitter some forty deliveries, far fewer than a queue's
/// `maxReceiveCount`.
const LONGEST_WAITS: u32 = 16;

impl Job<'_> {
    /// It waits on, or, when its patience is over, is parked.
    pub(super) async fn gap(&self, letter: Letter<'_>) -> Ending {
        let Some(key) = letter.key else { return Ending::Retried { wait: None } };
        let Ok(waiting) = Attempts::new(self.world).waits(key).await else {
            letter.lines.failure(letter.failure, &key.to_string(), 0, None);
            return Ending::Retried { wait: None };
        };
        let patience = self.function.description.gap_patience();
        let waited = Duration::try_from(self.world.ambient().now().duration_since(waiting.since)).unwrap_or_default();
        if waited >= patience {
            let cause = format!("{}; it did not come within {} s", letter.failure.cause(), patience.as_secs());
            let over = Failure::permanent(GAP, cause);
            let letter = Letter { failure: &over, class: "exhausted", attempt: waiting.tries, ..letter };
            return self.exhausted(letter, key).await;
        }
        let backoff = Backoff { cap: patience / LONGEST_WAITS, ..self.function.backoff };
        let wait = backoff.wait(waiting.tries, None, self.world.ambient()).min(patience - waited);
        letter.lines.failure(letter.failure, &key.to_string(), waiting.tries, Some(wait));
        Ending::Retried { wait: Some(wait) }
    }
}
