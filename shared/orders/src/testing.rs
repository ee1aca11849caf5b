//! What tests of handlers are given: events, steps and calls, at 2026-11-24T10:00:00Z.

use jiff::Timestamp;
use throughline::contracts::Contract;
use throughline::envelope::{Ambient, Direction, Event, EventId, SagaFailure, SagaId, SagaStep};
use throughline::runtime::{CallContext, Step};

use crate::{FulfilOrder, SOURCE};

/// When every test happens, in seconds since 1970.
const WHEN: i64 = 1_795_514_400;

/// When every test happens.
#[must_use]
pub fn now() -> Timestamp {
    Timestamp::from_second(WHEN).unwrap_or_default()
}

/// An event with this data, ordered by `key` at `sequence`.
#[must_use]
pub fn event<T: Contract>(data: T, key: &str, sequence: u64) -> Event<T> {
    let ambient = Ambient::seeded(now(), sequence);
    Event::root(&ambient, SOURCE, T::TYPE, data)
        .with_schema_version(T::VERSION)
        .with_subject(key)
        .ordered(key, sequence)
}

/// A step of the saga fulfil-order, on its way forward or, after a failure with this code, back.
#[must_use]
pub fn step(order: FulfilOrder, failure: Option<&str>) -> Step<FulfilOrder> {
    let ambient = Ambient::seeded(now(), 1);
    let failure = failure.map(|code| SagaFailure { error: code.to_owned(), cause: String::new() });
    let saga = SagaStep {
        id: SagaId::generate(&ambient),
        name: "fulfil-order".to_owned(),
        step: "a-step".to_owned(),
        direction: if failure.is_some() { Direction::Undo } else { Direction::Do },
        attempt: 0,
        failure,
        outputs: Vec::new(),
    };
    let event = Event::root(&ambient, SOURCE, FulfilOrder::TYPE, order);
    Step::new(event, saga)
}

/// A call.
#[must_use]
pub fn call() -> CallContext {
    let ambient = Ambient::seeded(now(), 2);
    let event = Event::root(&ambient, SOURCE, "test", ());
    CallContext {
        function: "a-function".to_owned(),
        request_id: "a-request".to_owned(),
        event_id: EventId::generate(&ambient),
        correlation_id: event.correlation_id,
        idempotency_key: "a-key".to_owned(),
        saga_id: None,
        outputs: Vec::new(),
        now: now(),
        deadline: now() + std::time::Duration::from_secs(30),
        breakers: Vec::new(),
    }
}
