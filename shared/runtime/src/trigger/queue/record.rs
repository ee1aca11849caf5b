//! One record of a batch.

use std::time::Duration;

use throughline_effects::{Attempts, Class, Failure, IdempotencyKey, WAITS_BEHIND, World};
use throughline_envelope::{Arrival, EnvelopeError};
use throughline_telemetry::Metrics;

use super::arrived::Arrived;
use super::gap::GAP;
use super::park::Letter;
use super::turns::Turns;
use crate::attempt::{self, Attempt, Done, Lines, Source};
use crate::function::Function;
use crate::handler::AnyHandler;
use crate::invocation::Invocation;
use crate::trigger::Message;
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
    pub(super) message: Message,
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
    pub(super) turns: &'a Turns,
}

/// A record is started only while this much time is left.
const LEAST_TIME_TO_START: Duration = Duration::from_millis(250);

impl Job<'_> {
    /// Runs the records of a group in order. The first one that comes again holds back those behind it.
    pub(super) async fn group(&self, arrived: Vec<Arrived>) -> Vec<(Message, Ending)> {
        let mut endings = Vec::with_capacity(arrived.len());
        let mut held_back = None;
        for Arrived { record, arrival } in arrived {
            let ending = match held_back {
                Some(wait) => self.hand_back(&record, &arrival, wait),
                None if self.invocation.time_left(self.world.ambient()) < LEAST_TIME_TO_START => {
                    self.hand_back(&record, &arrival, Duration::ZERO)
                }
                None => self.record(&record, &arrival).await,
            };
            if let Some(wait) = ending.returns() {
                held_back.get_or_insert(wait.unwrap_or_default());
            }
            endings.push((record, ending));
        }
        endings
    }

    fn hand_back(&self, record: &Message, arrival: &Result<Arrival, EnvelopeError>, wait: Duration) -> Ending {
        match arrival {
            Ok(arrival) => Lines::of_event(self.function, self.world, self.invocation, Source::queue(record), arrival),
            Err(_) => self.lines_of_nothing(record),
        }
        .handed_back(wait);
        Ending::HandedBack { wait }
    }

    async fn record(&self, record: &Message, arrival: &Result<Arrival, EnvelopeError>) -> Ending {
        match arrival {
            Ok(arrival) => self.event(record, arrival).await,
            Err(error) => Box::pin(self.nothing(record, error)).await,
        }
    }

    /// A record that is no event is given up at once.
    async fn nothing(&self, record: &Message, error: &EnvelopeError) -> Ending {
        let lines = self.lines_of_nothing(record);
        let failure = Failure::poison(error.code(), error.to_string());
        let place = self.place(record, None);
        let (lines, place, failure) = (&lines, place.as_ref(), &failure);
        self.give_up(Letter { record, lines, key: None, place, failure, class: "poison", attempt: 1 }).await
    }

    async fn event(&self, record: &Message, arrival: &Arrival) -> Ending {
        let source = Source::queue(record);
        let lines = Lines::of_event(self.function, self.world, self.invocation, source, arrival);
        lines.received();
        self.turns.others_begin().await;
        let attempt = Attempt {
            function: self.function,
            handler: self.handler,
            world: self.world,
            invocation: self.invocation,
            place: self.place(record, Some(&arrival.event)),
            key: attempt::key(self.function, arrival),
            arrival,
            lines,
        };
        if !self.is_suspicious(record.delivery()) {
            return self.run(record, &attempt).await;
        }
        if let Some(ending) = Box::pin(self.begin(record, &attempt, &attempt.key)).await {
            return ending;
        }
        let ending = self.run(record, &attempt).await;
        Box::pin(self.end(&attempt.key)).await;
        ending
    }

    async fn run(&self, record: &Message, attempt: &Attempt<'_>) -> Ending {
        match attempt.run().await {
            Ok(Done { duplicate, .. }) => Ending::Acknowledged {
                duplicate,
                age_ms: attempt.lines.age_ms(),
                duration_ms: attempt.lines.duration_ms(),
            },
            Err(failure) => Box::pin(self.failed(record, attempt, &failure)).await,
        }
    }

    /// Retry, or give up?
    async fn failed(&self, record: &Message, attempt: &Attempt<'_>, failure: &Failure) -> Ending {
        let (key, place) = (&attempt.key, attempt.place.as_ref());
        let class = class_name(failure.class());
        let letter = Letter { record, lines: &attempt.lines, key: Some(key), place, failure, class, attempt: 1 };
        match (failure.class(), failure.code(), place) {
            (Class::Transient { .. }, WAITS_BEHIND, Some(place)) => self.wait_behind(letter, place).await,
            (Class::Transient { .. }, GAP, _) => self.gap(letter).await,
            (Class::Transient { after }, ..) if !failure.counts_as_attempt() => self.refused(letter, key, *after).await,
            (Class::Transient { after }, ..) => self.transient(letter, key, *after).await,
            _ => self.give_up(letter).await,
        }
    }

    /// The attempts are counted here, on the failure path only.
    async fn transient(&self, letter: Letter<'_>, key: &IdempotencyKey, after: Option<Duration>) -> Ending {
        let Ok(attempt) = Attempts::new(self.world).failed(key).await else {
            letter.lines.failure(letter.failure, &key.to_string(), 0, None);
            return Ending::Retried { wait: None };
        };
        if attempt >= self.function.description.max_attempts {
            let exhausted = letter.failure.exhausted(attempt);
            return self.exhausted(Letter { failure: &exhausted, class: "exhausted", attempt, ..letter }, key).await;
        }
        let wait = self.function.backoff.wait(attempt, after, self.world.ambient());
        letter.lines.failure(letter.failure, &key.to_string(), attempt, Some(wait));
        Ending::Retried { wait: Some(wait) }
    }

    /// Parks what was tried often enough, and forgets how often.
    pub(super) async fn exhausted(&self, letter: Letter<'_>, key: &IdempotencyKey) -> Ending {
        let ending = self.give_up(letter).await;
        if matches!(ending, Ending::Parked { .. })
            && let Err(error) = Attempts::new(self.world).forget(key).await
        {
            tracing::warn!(cause = error.cause(), "the attempts of a parked message are still counted");
        }
        ending
    }
}
