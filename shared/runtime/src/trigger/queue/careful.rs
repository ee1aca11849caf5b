//! Messages that may be what ends the process.
//!
//! A process that dies, or is stopped at the function's timeout, reports nothing: its whole batch comes again, and is counted by SQS
//! as a whole. Left alone, the message that ends it would take its neighbours along to `maxReceiveCount`. So a batch with a message
//! that was delivered suspiciously often is worked on one record after the other, and it is written down which of them began:
//!
//! ```text
//!   a, b, c delivered often    b began 1 ─ ✗   a ✓ b began 2 ─ ✗   …   b began too often: parked, unread   c ✓
//! ```

use throughline_effects::{Attempts, Failure, IdempotencyKey};

use super::park::Letter;
use super::record::{Ending, Job};
use crate::attempt::Attempt;
use crate::trigger::Message;

/// The class of what ends the process.
const CRASHED: &str = "crashed";

impl Job<'_> {
    /// Whether a message was delivered more often than failures that were counted can tell.
    pub(super) fn is_suspicious(&self, delivery: Option<u32>) -> bool {
        delivery.is_some_and(|delivery| delivery > self.function.description.max_attempts)
    }

    /// Notes that a suspicious message is begun; parks it when it was begun too often without ever coming to an end. `None` when it is
    /// to be worked on.
    pub(super) async fn begin(&self, record: &Message, attempt: &Attempt<'_>, key: &IdempotencyKey) -> Option<Ending> {
        let begun = Attempts::new(self.world).begins(key).await;
        let begun = begun.unwrap_or_else(|error| {
            tracing::warn!(cause = error.cause(), "it is not known how often a message was begun");
            1
        });
        let ended = begun.saturating_sub(1);
        if ended < self.function.description.max_attempts {
            return None;
        }
        let cause = format!("{ended} runs of it began and none came to an end: the process died, or ran out of time");
        let failure = Failure::permanent("process_died", cause);
        let (lines, place) = (&attempt.lines, attempt.place.as_ref());
        let letter = Letter { record, lines, key: Some(key), place, failure: &failure, class: CRASHED, attempt: ended };
        Some(self.exhausted(letter, key).await)
    }

    /// It came to an end, whichever.
    pub(super) async fn end(&self, key: &IdempotencyKey) {
        if let Err(error) = Attempts::new(self.world).ends(key).await {
            tracing::warn!(cause = error.cause(), "a run that came to an end counts as one that did not");
        }
    }
}
