//! Messages that met an open circuit, or a service of AWS that was away: they wait, and keep their attempts.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use throughline_effects::{Attempts, Away, IdempotencyKey};

use super::park::Letter;
use super::record::{Ending, Job};
use crate::trigger::Message;

/// How long a record waits for who is away. SQS forgets a message after
/// [four days](https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html) unless told otherwise,
/// and says nothing; so it is parked a day before, from where it can be redriven.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_hours(3 * 24);

impl Job<'_> {
    /// Who is needed is away: the record comes again when there may be a probe of a circuit, or after a while, and keeps its attempts. One
    /// that has waited for days is parked.
    pub(super) async fn refused(&self, letter: Letter<'_>, key: &IdempotencyKey, after: Option<Duration>) -> Ending {
        if self.waits_too_long(letter.record) {
            return self.waited_out(letter, key).await;
        }
        let deliveries = letter.record.delivery().unwrap_or(1);
        let wait = self.function.backoff.wait_uncounted(deliveries, after.unwrap_or_default(), self.world.ambient());
        letter.lines.failure(letter.failure, &key.to_string(), None, Some(wait));
        match letter.failure.away() {
            Some(Away::Dependency) => Ending::Refused { wait },
            _ => Ending::Retried { wait: Some(wait) },
        }
    }

    async fn waited_out(&self, letter: Letter<'_>, key: &IdempotencyKey) -> Ending {
        let Ok(attempt) = Attempts::new(self.world).failed(key).await else {
            letter.lines.failure(letter.failure, &key.to_string(), 0, None);
            return Ending::Retried { wait: None };
        };
        let waited_out = letter.failure.waited_out();
        self.exhausted(Letter { failure: &waited_out, class: "exhausted", attempt, ..letter }, key).await
    }

    /// Whether the queue would soon forget the record. A record that does not say when it was sent waits on.
    fn waits_too_long(&self, record: &Message) -> bool {
        let sent = record.sent_millis().and_then(|sent| Timestamp::from_millisecond(sent).ok());
        sent.is_some_and(|sent| self.world.ambient().now().duration_since(sent) > LONGEST_WAIT)
    }
}
