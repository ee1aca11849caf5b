//! The journal lines of one attempt.

use std::time::Duration;

use jiff::Timestamp;
use throughline_effects::{Away, Class, Failure, World};
use throughline_envelope::{Arrival, EventId, RawEvent, SagaId};
use throughline_telemetry::{Metrics, Outcome, OwnFields, Shared, SharedFields, Stage};

use super::{Done, Source};
use crate::extract::CallContext;
use crate::function::Function;
use crate::invocation::Invocation;
use crate::trigger::direct::class_name;

/// Writes the lines of one attempt: what they share is made text once.
pub(crate) struct Lines<'a> {
    world: &'a World,
    shared: Shared,
    event: Option<&'a RawEvent>,
    request_id: &'a str,
    attempt: u32,
    started: Timestamp,
}

impl<'a> Lines<'a> {
    /// The lines of an attempt at an event.
    pub(crate) fn of_event(
        function: &Function,
        world: &'a World,
        invocation: &'a Invocation,
        source: Source<'_>,
        arrival: &'a Arrival,
    ) -> Self {
        let (event, saga) = (&arrival.event, arrival.saga.as_ref());
        let span = event.trace.child(world.ambient());
        let started = world.ambient().now();
        let fields = SharedFields {
            event: Some((event, &span)),
            age_ms: Some(millis(event.time, started)),
            saga_id: saga.map(|saga| &saga.id),
            saga: saga.map(|saga| saga.name.as_str()),
            step: saga.map(|saga| saga.step.as_str()),
            direction: saga.map(|saga| saga.direction.as_str()),
            ..fields(function, invocation, source)
        };
        let (shared, request_id) = (Shared::new(&fields), invocation.request_id.as_str());
        Self { world, shared, event: Some(event), request_id, attempt: source.attempt, started }
    }

    /// The lines of an attempt at something that is not an event.
    pub(crate) fn of_nothing(
        function: &Function,
        world: &'a World,
        invocation: &'a Invocation,
        source: Source<'_>,
    ) -> Self {
        let shared = Shared::new(&fields(function, invocation, source));
        let (request_id, attempt, started) = (invocation.request_id.as_str(), source.attempt, world.ambient().now());
        Self { world, shared, event: None, request_id, attempt, started }
    }

    /// Writes a line that says how long the attempt has taken.
    fn write(&self, line: OwnFields<'_>) {
        let line = OwnFields { duration_ms: Some(self.duration_ms()), ..line };
        self.world.journal().write_of(&self.shared, &line);
    }

    /// What a line has that says no other attempt than the one that it is of.
    fn own<'b>(&self, stage: Stage, outcome: Option<Outcome>) -> OwnFields<'b> {
        OwnFields { attempt: Some(self.attempt), outcome, ..OwnFields::of_stage(stage) }
    }

    pub(crate) fn received(&self) {
        self.world.journal().write_of(&self.shared, &self.own(Stage::Received, None));
    }

    pub(crate) fn handled(&self, call: &CallContext, emitted: &[EventId], started: &[SagaId]) {
        let idempotency_key = Some(call.idempotency_key.as_str());
        let own = self.own(Stage::Handled, Some(Outcome::Handled));
        self.write(OwnFields { idempotency_key, emitted, started, ..own });
    }

    pub(crate) fn duplicate(&self, call: &CallContext) {
        self.known(&call.idempotency_key);
    }

    /// The event is parked already, or done.
    pub(crate) fn known(&self, key: &str) {
        let own = self.own(Stage::Duplicate, Some(Outcome::Duplicate));
        self.write(OwnFields { idempotency_key: unless_empty(key), ..own });
    }

    /// The attempt failed: `retrying`, `failed` or `rejected` by the failure's class.
    pub(crate) fn failure(
        &self,
        failure: &Failure,
        key: &str,
        attempt: impl Into<Option<u32>>,
        wait: Option<Duration>,
    ) {
        let (stage, outcome) = match failure.class() {
            Class::Transient { .. } => (Stage::Retrying, Outcome::Retrying),
            Class::Poison => (Stage::Rejected, Outcome::Rejected),
            _ => (Stage::Failed, Outcome::Failed),
        };
        self.write(OwnFields {
            outcome: Some(outcome),
            attempt: attempt.into(),
            idempotency_key: unless_empty(key),
            retry_after_ms: wait.map(whole_millis),
            ..of_failure(stage, failure)
        });
    }

    pub(crate) fn parked(&self, failure: &Failure, attempt: u32, queue: &str) {
        let dead_letter_queue = Some(queue);
        self.write(OwnFields { attempt: Some(attempt), dead_letter_queue, ..of_failure(Stage::Parked, failure) });
    }

    pub(crate) fn handed_back(&self, wait: Duration) {
        self.write(OwnFields { retry_after_ms: Some(whole_millis(wait)), ..self.own(Stage::HandedBack, None) });
    }

    /// Adds the attempt to the batch's metrics.
    pub(crate) fn count(&self, metrics: &mut Metrics, result: &Result<Done, Failure>) {
        match result {
            Ok(done) if done.duplicate => metrics.duplicate(),
            Ok(_) => metrics.processed(self.duration_ms(), self.age_ms()),
            Err(failure) if failure.away() == Some(Away::Dependency) => metrics.circuit_refusal(),
            Err(failure) => metrics.failure(class_name(failure.class())),
        }
    }

    pub(crate) fn duration_ms(&self) -> f64 {
        millis(self.started, self.world.ambient().now())
    }

    pub(crate) fn age_ms(&self) -> Option<f64> {
        self.event.map(|event| millis(event.time, self.started))
    }

    /// The attempt's number, as far as it is known when it begins.
    pub(crate) fn attempt(&self) -> u32 {
        self.attempt
    }

    /// The event that the attempt is at, if it is one.
    pub(crate) fn event(&self) -> Option<&RawEvent> {
        self.event
    }

    /// The invocation.
    pub(crate) fn request_id(&self) -> &str {
        self.request_id
    }
}

fn fields<'a>(function: &Function, invocation: &'a Invocation, source: Source<'a>) -> SharedFields<'a> {
    SharedFields {
        function: function.name(),
        function_version: Some(&invocation.function_version),
        request_id: Some(&invocation.request_id),
        trigger: Some(source.trigger),
        queue: source.queue,
        message_id: source.message_id,
        delivery: source.delivery,
        ..SharedFields::default()
    }
}

fn of_failure(stage: Stage, failure: &Failure) -> OwnFields<'_> {
    OwnFields {
        code: Some(failure.code()),
        cause: Some(failure.cause()),
        class: Some(class_name(failure.class())),
        ..OwnFields::of_stage(stage)
    }
}

fn unless_empty(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}

fn whole_millis(wait: Duration) -> u64 {
    u64::try_from(wait.as_millis()).unwrap_or(u64::MAX)
}

fn millis(from: Timestamp, to: Timestamp) -> f64 {
    (to.duration_since(from).as_secs_f64() * 1000.0).max(0.0)
}
