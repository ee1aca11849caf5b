//! The journal lines of one attempt.

use std::time::Duration;

use jiff::Timestamp;
use throughline_effects::{Away, Class, Failure, World};
use throughline_envelope::{Arrival, EventId, SagaId};
use throughline_telemetry::{JournalLine, Metrics, Outcome, Stage};

use super::{Done, Source};
use crate::extract::CallContext;
use crate::function::Function;
use crate::invocation::Invocation;
use crate::trigger::direct::class_name;

/// Writes the lines of one attempt: what they share is worked out once.
pub(crate) struct Lines<'a> {
    world: &'a World,
    shared: JournalLine,
    attempt: u32,
    started: Timestamp,
    event_time: Option<Timestamp>,
}

impl<'a> Lines<'a> {
    /// The lines of an attempt at an event.
    pub(crate) fn of_event(
        function: &Function,
        world: &'a World,
        invocation: &Invocation,
        source: Source,
        arrival: &Arrival,
    ) -> Self {
        let event = &arrival.event;
        let span = event.trace.child(world.ambient());
        let line = JournalLine {
            parent_span_id: Some(event.trace.span_id.to_string()),
            saga_id: arrival.saga.as_ref().map(|saga| saga.id.to_string()),
            saga: arrival.saga.as_ref().map(|saga| saga.name.clone()),
            step: arrival.saga.as_ref().map(|saga| saga.step.clone()),
            direction: arrival.saga.as_ref().map(|saga| saga.direction.to_string()),
            ..JournalLine::of_event(event, &span)
        };
        let mut lines = Self::of_line(function, world, invocation, source, line);
        lines.event_time = Some(event.time);
        lines.shared.age_ms = lines.age_ms();
        lines
    }

    /// The lines of an attempt at something that is not an event.
    pub(crate) fn of_nothing(function: &Function, world: &'a World, invocation: &Invocation, source: Source) -> Self {
        Self::of_line(function, world, invocation, source, JournalLine::default())
    }

    fn of_line(
        function: &Function,
        world: &'a World,
        invocation: &Invocation,
        source: Source,
        line: JournalLine,
    ) -> Self {
        let shared = JournalLine {
            function: function.name().to_owned(),
            function_version: Some(invocation.function_version.clone()),
            request_id: Some(invocation.request_id.clone()),
            trigger: Some(source.trigger.to_owned()),
            queue: source.queue,
            message_id: source.message_id,
            delivery: source.delivery,
            ..line
        };
        Self { world, shared, attempt: source.attempt, started: world.ambient().now(), event_time: None }
    }

    /// Writes a line of these fields, over those that all have.
    fn write(&self, stage: Stage, outcome: Option<Outcome>, line: JournalLine) {
        let line = JournalLine { stage, outcome, duration_ms: Some(self.duration_ms()), ..line };
        self.world.journal().write_over(&self.shared, &line);
    }

    /// What a line has that says no other attempt than the one that it is of.
    fn own(&self) -> JournalLine {
        JournalLine { attempt: Some(self.attempt), ..JournalLine::default() }
    }

    pub(crate) fn received(&self) {
        let line = JournalLine { stage: Stage::Received, ..self.own() };
        self.world.journal().write_over(&self.shared, &line);
    }

    pub(crate) fn handled(&self, call: &CallContext, emitted: &[EventId], started: &[SagaId]) {
        let line = JournalLine {
            idempotency_key: Some(call.idempotency_key.clone()),
            emitted: emitted.iter().map(ToString::to_string).collect(),
            started: started.iter().map(ToString::to_string).collect(),
            ..self.own()
        };
        self.write(Stage::Handled, Some(Outcome::Handled), line);
    }

    pub(crate) fn duplicate(&self, call: &CallContext) {
        let line = JournalLine { idempotency_key: Some(call.idempotency_key.clone()), ..self.own() };
        self.write(Stage::Duplicate, Some(Outcome::Duplicate), line);
    }

    /// The event is parked already, or done.
    pub(crate) fn known(&self, key: &str) {
        let key = Some(key.to_owned()).filter(|key| !key.is_empty());
        let line = JournalLine { idempotency_key: key, ..self.own() };
        self.write(Stage::Duplicate, Some(Outcome::Duplicate), line);
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
        let line = JournalLine {
            attempt: attempt.into(),
            idempotency_key: Some(key.to_owned()).filter(|key| !key.is_empty()),
            code: Some(failure.code().to_owned()),
            cause: Some(failure.cause().to_owned()),
            class: Some(class_name(failure.class()).to_owned()),
            retry_after_ms: wait.map(|wait| u64::try_from(wait.as_millis()).unwrap_or(u64::MAX)),
            ..JournalLine::default()
        };
        self.write(stage, Some(outcome), line);
    }

    pub(crate) fn parked(&self, failure: &Failure, attempt: u32, queue: &str) {
        let line = JournalLine {
            attempt: Some(attempt),
            code: Some(failure.code().to_owned()),
            cause: Some(failure.cause().to_owned()),
            class: Some(class_name(failure.class()).to_owned()),
            dead_letter_queue: Some(queue.to_owned()),
            ..JournalLine::default()
        };
        self.write(Stage::Parked, None, line);
    }

    pub(crate) fn handed_back(&self, wait: Duration) {
        let wait = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
        self.write(Stage::HandedBack, None, JournalLine { retry_after_ms: Some(wait), ..self.own() });
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
        self.event_time.map(|time| millis(time, self.started))
    }

    /// The attempt's number, as far as it is known when it begins.
    pub(crate) fn attempt(&self) -> u32 {
        self.attempt
    }

    /// What the lines of the attempt share, for the reason that travels with a parked message.
    pub(crate) fn shared(&self) -> &JournalLine {
        &self.shared
    }
}

fn millis(from: Timestamp, to: Timestamp) -> f64 {
    (to.duration_since(from).as_secs_f64() * 1000.0).max(0.0)
}
