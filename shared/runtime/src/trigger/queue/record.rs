//! One record of a batch.

use std::time::Duration;

use aws_lambda_events::event::sqs::SqsMessage;
use jiff::{SignedDuration, Timestamp};
use throughline_effects::{Attempts, Class, Failure, IdempotencyKey, World};
use throughline_envelope::Arrival;
use throughline_telemetry::Metrics;

use super::park;
use crate::attempt::{Attempt, Done, Lines, Source};
use crate::function::Function;
use crate::handler::AnyHandler;
use crate::invocation::Invocation;
use crate::trigger::direct::class_name;

/// How a record ended in this batch.
pub(super) enum Ending {
    /// Handled, or seen before.
    Acknowledged { duplicate: bool, age_ms: Option<f64>, duration_ms: f64 },
    /// In the dead-letter queue with its reason.
    Parked { class: Class },
    /// It comes again after the wait; without one, after the queue's visibility timeout.
    Retried { wait: Option<Duration> },
    /// A circuit was open: it comes again after the wait, and nothing was counted.
    Refused { wait: Duration },
    /// It was not started; it comes again at once, or, held back behind a record of its group, after that one.
    HandedBack { wait: Duration },
}

/// A record that goes back to its queue.
pub(super) struct Return {
    pub(super) message: SqsMessage,
    pub(super) wait: Option<Duration>,
}

impl Ending {
    /// `Some` when the record goes back to its queue, with the wait.
    #[expect(clippy::option_option, reason = "whether it goes back, and whether the wait is known, are two questions")]
    pub(super) fn returns(&self) -> Option<Option<Duration>> {
        match self {
            Self::Acknowledged { .. } | Self::Parked { .. } => None,
            Self::Retried { wait } => Some(*wait),
            Self::Refused { wait } | Self::HandedBack { wait } => Some(Some(*wait)),
        }
    }

    pub(super) fn count(&self, metrics: &mut Metrics) {
        match self {
            Self::Acknowledged { duplicate: true, .. } => metrics.duplicate(),
            Self::Acknowledged { age_ms, duration_ms, .. } => metrics.processed(*duration_ms, *age_ms),
            Self::Parked { class } => {
                metrics.failure(class_name(class));
                metrics.parked();
            }
            Self::Retried { .. } => metrics.failure("transient"),
            Self::Refused { .. } => metrics.circuit_refusal(),
            Self::HandedBack { .. } => {}
        }
    }
}

/// What the records of one batch share.
pub(super) struct Job<'a> {
    pub(super) function: &'a Function,
    pub(super) handler: &'a dyn AnyHandler,
    pub(super) world: &'a World,
    pub(super) invocation: &'a Invocation,
}

/// How long a record waits for circuits to close. SQS forgets a message after
/// [four days](https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html) unless told otherwise,
/// and says nothing; so it is parked a day before, from where it can be redriven.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_hours(3 * 24);

/// A record is started only while this much time is left.
const LEAST_TIME_TO_START: Duration = Duration::from_millis(250);

impl Job<'_> {
    /// Runs the records of a group in order. The first one that comes again holds back those behind it.
    pub(super) async fn group(&self, records: Vec<SqsMessage>) -> Vec<(SqsMessage, Ending)> {
        let mut endings = Vec::with_capacity(records.len());
        let mut held_back = None;
        for record in records {
            let ending = match held_back {
                Some(wait) => self.hand_back(&record, wait),
                None if self.invocation.time_left(self.world.ambient()) < LEAST_TIME_TO_START => {
                    self.hand_back(&record, Duration::ZERO)
                }
                None => self.record(&record).await,
            };
            if let Some(wait) = ending.returns() {
                held_back.get_or_insert(wait.unwrap_or_default());
            }
            endings.push((record, ending));
        }
        endings
    }

    fn hand_back(&self, record: &SqsMessage, wait: Duration) -> Ending {
        let source = Source::queue(record);
        match Arrival::from_sqs_body(record.body.as_deref().unwrap_or_default()) {
            Ok(arrival) => Lines::of_event(self.function, self.world, self.invocation, source, &arrival),
            Err(_) => Lines::of_nothing(self.function, self.world, self.invocation, source),
        }
        .handed_back(wait);
        Ending::HandedBack { wait }
    }

    async fn record(&self, record: &SqsMessage) -> Ending {
        let source = Source::queue(record);
        match Arrival::from_sqs_body(record.body.as_deref().unwrap_or_default()) {
            Ok(arrival) => self.event(record, source, arrival).await,
            Err(error) => {
                let lines = Lines::of_nothing(self.function, self.world, self.invocation, source);
                let failure = Failure::poison(error.code(), error.to_string());
                lines.failure(&failure, "", 1, None);
                self.park(record, &lines, &failure, "poison", 1).await
            }
        }
    }

    async fn event(&self, record: &SqsMessage, source: Source, arrival: Arrival) -> Ending {
        let lines = Lines::of_event(self.function, self.world, self.invocation, source, &arrival);
        lines.received();
        let attempt = Attempt {
            function: self.function,
            handler: self.handler,
            world: self.world,
            invocation: self.invocation,
            arrival,
            lines,
        };
        match attempt.run().await {
            Ok(Done { duplicate, .. }) => Ending::Acknowledged {
                duplicate,
                age_ms: attempt.lines.age_ms(),
                duration_ms: attempt.lines.duration_ms(),
            },
            Err(failure) => self.failed(record, &attempt.lines, &attempt.key(), &failure).await,
        }
    }

    /// Retry, or give up? The attempts are counted here, on the failure path only.
    async fn failed(&self, record: &SqsMessage, lines: &Lines<'_>, key: &IdempotencyKey, failure: &Failure) -> Ending {
        let Class::Transient { after } = failure.class() else {
            lines.failure(failure, &key.to_string(), 1, None);
            return self.park(record, lines, failure, class_name(failure.class()), 1).await;
        };
        let counts = failure.counts_as_attempt();
        if !counts && !self.waits_too_long(record) {
            return self.refused(record, lines, key, failure, *after);
        }
        let Ok(attempt) = Attempts::new(self.world).failed(key).await else {
            lines.failure(failure, &key.to_string(), 0, None);
            return Ending::Retried { wait: None };
        };
        if attempt >= self.function.description.max_attempts || !counts {
            let exhausted = if counts { failure.exhausted(attempt) } else { failure.waited_out() };
            lines.failure(&exhausted, &key.to_string(), attempt, None);
            let ending = self.park(record, lines, &exhausted, "exhausted", attempt).await;
            if matches!(ending, Ending::Parked { .. })
                && let Err(error) = Attempts::new(self.world).forget(key).await
            {
                tracing::warn!(cause = error.cause(), "the attempts of a parked message are still counted");
            }
            return ending;
        }
        let wait = self.function.backoff.wait(attempt, *after, self.world.ambient());
        lines.failure(failure, &key.to_string(), attempt, Some(wait));
        Ending::Retried { wait: Some(wait) }
    }

    /// A circuit is open: the record comes again when there may be a probe, and keeps its attempts.
    fn refused(
        &self,
        record: &SqsMessage,
        lines: &Lines<'_>,
        key: &IdempotencyKey,
        failure: &Failure,
        after: Option<Duration>,
    ) -> Ending {
        let deliveries = Source::queue(record).delivery.unwrap_or(1);
        let wait = self.function.backoff.wait_uncounted(deliveries, after.unwrap_or_default(), self.world.ambient());
        lines.failure(failure, &key.to_string(), None, Some(wait));
        Ending::Refused { wait }
    }

    /// Whether the queue would soon forget the record. A record that does not say when it was sent waits on.
    fn waits_too_long(&self, record: &SqsMessage) -> bool {
        let sent = record
            .attributes
            .get("SentTimestamp")
            .and_then(|sent| Timestamp::from_millisecond(sent.parse().ok()?).ok());
        sent.is_some_and(|sent| self.world.ambient().now().duration_since(sent) > LONGEST_WAIT)
    }

    /// Parks the message; one that could not be parked goes back to its queue, so that it is not lost.
    async fn park(
        &self,
        record: &SqsMessage,
        lines: &Lines<'_>,
        failure: &Failure,
        class: &str,
        attempt: u32,
    ) -> Ending {
        match park::park(self.world, self.function.name(), record, lines, failure, class, attempt).await {
            Ok(queue) => {
                lines.parked(failure, attempt, &queue);
                Ending::Parked { class: failure.class().clone() }
            }
            Err(error) => {
                tracing::error!(error = %error, function = self.function.name(), "failed to park a message; it stays in its queue");
                Ending::Retried { wait: None }
            }
        }
    }
}
