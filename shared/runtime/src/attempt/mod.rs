//! One attempt at one event: decode, decide, commit, send. The same for every trigger.

mod line;
mod source;

use std::future::poll_fn;
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use futures::FutureExt as _;
use serde_json::Value;
use throughline_effects::{
    Class, CommitRequest, Committed, Committer, Effects, Failure, IdempotencyKey, Outcome, ParkedKeys, Place,
    Publisher, Undone, WAITS_BEHIND, World, fingerprint,
};
use throughline_envelope::{Arrival, Direction};
use throughline_telemetry::{Stage, fields};
use tracing::Instrument as _;

pub(crate) use line::Lines;
pub(crate) use source::Source;

use crate::extract::CallContext;
use crate::function::{Description, Function, Kind};
use crate::handler::AnyHandler;
use crate::invocation::Invocation;

/// The code of what was cut off because the function's time was up.
const DEADLINE: &str = "deadline";

/// A commit that takes longer is not answered: the waits between all its tries are less than two seconds.
const LONGEST_COMMIT: Duration = Duration::from_secs(5);

/// How an attempt ended well.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) duplicate: bool,
    pub(crate) response: Option<Value>,
}

/// The key under which what an arrival asks of a function is done once.
pub(crate) fn key(function: &Function, arrival: &Arrival) -> IdempotencyKey {
    let event = &arrival.event;
    match &arrival.saga {
        Some(saga) => IdempotencyKey::saga_step(&saga.id, &saga.step, saga.direction),
        None => IdempotencyKey::event(function.description.name, &event.source, &event.id),
    }
}

/// One attempt at one event that could be decoded.
pub(crate) struct Attempt<'a> {
    pub(crate) function: &'a Function,
    pub(crate) handler: &'a dyn AnyHandler,
    pub(crate) world: &'a World,
    pub(crate) invocation: &'a Invocation,
    pub(crate) arrival: &'a Arrival,
    /// The key under which this work is done once.
    pub(crate) key: IdempotencyKey,
    pub(crate) lines: Lines<'a>,
    /// At a consumer that parks in sequence: the event's place in the order of its key.
    pub(crate) place: Option<Place>,
}

impl Attempt<'_> {
    fn description(&self) -> &Description {
        &self.function.description
    }

    /// Runs the attempt. A panic of the handler, or its taking too long, is a transient failure like any other. Log lines that are
    /// written meanwhile say which event they are about.
    pub(crate) fn run(&self) -> impl Future<Output = Result<Done, Failure>> {
        let event = &self.arrival.event;
        // At the highest level, so that the lines of every level have the fields, whatever the log level is.
        let span = tracing::error_span!(
            "attempt",
            function = self.description().name,
            request_id = self.invocation.request_id.as_str(),
            event_id = event.id.as_str(),
            correlation_id = event.correlation_id.as_str(),
            attempt = self.lines.attempt(),
            stage = Stage::Received.as_str(),
        );
        self.run_in_span().instrument(span)
    }

    async fn run_in_span(&self) -> Result<Done, Failure> {
        let call = self.call();
        let result = match self.within_deadline(self.look_and_decide(&call)).await {
            Ok((_, effects)) if self.description().kind == Kind::Query => self.answer(effects),
            Ok((undoes, effects)) => self.commit(&call, undoes, effects).await,
            Err(failure) => Box::pin(self.failed(failure)).await,
        };
        match &result {
            Ok(done) if done.duplicate => self.lines.duplicate(&call),
            Ok(_) | Err(_) => {}
        }
        result
    }

    fn call(&self) -> CallContext {
        let event = &self.arrival.event;
        CallContext {
            function: self.description().name.to_owned(),
            request_id: self.invocation.request_id.clone(),
            event_id: event.id.clone(),
            correlation_id: event.correlation_id.clone(),
            idempotency_key: self.key.to_string(),
            saga_id: self.arrival.saga.as_ref().map(|saga| saga.id.clone()),
            outputs: self.arrival.saga.as_ref().map(|saga| saga.outputs.clone()).unwrap_or_default(),
            now: self.world.ambient().now(),
            deadline: self.invocation.deadline,
            breakers: self.description().breakers.clone(),
        }
    }

    /// A compensation looks whether its step was done before its handler reads: what the handler reads is then not older than that.
    async fn look_and_decide(&self, call: &CallContext) -> Result<(Option<Undone>, Effects), Failure> {
        let undoes = match &self.arrival.saga {
            Some(saga) if self.description().kind == Kind::Compensation => {
                let step = IdempotencyKey::saga_step(&saga.id, &saga.step, Direction::Do);
                Some(Committer::new(self.world).undone(step).await?)
            }
            _ => None,
        };
        self.turn().await?;
        Ok((undoes, self.decide(call).await?))
    }

    /// A handler that acts on outside parties must not be called out of turn; all others may, since what they decide is not committed.
    async fn turn(&self) -> Result<(), Failure> {
        let Some(place) = self.place.as_ref().filter(|_| self.description().acts_outside()) else { return Ok(()) };
        match ParkedKeys::of(self.world)?.look(&place.key).await? {
            Some(parked) if !parked.lets_through(place) => {
                Err(Failure::transient(WAITS_BEHIND, format!("the key {} is parked", place.key.group)))
            }
            _ => Ok(()),
        }
    }

    async fn decide(&self, call: &CallContext) -> Result<Effects, Failure> {
        self.right_direction()?;
        let mut decided = self.handler.decide(self.world, call, self.arrival);
        // A handler may end the process: the lines that were written until then are out before it goes on.
        let decided = poll_fn(|context| {
            self.world.journal().flush();
            decided.as_mut().poll(context)
        });
        let effects = AssertUnwindSafe(decided).catch_unwind().await.unwrap_or_else(|panic| Err(panicked(&*panic)))?;
        self.description().permits(&effects)?;
        Ok(effects)
    }

    /// A compensation wired up as a step, or the other way round, would undo what was never done.
    fn right_direction(&self) -> Result<(), Failure> {
        let expected = match self.description().kind {
            Kind::SagaStep => Direction::Do,
            Kind::Compensation => Direction::Undo,
            _ => return Ok(()),
        };
        match &self.arrival.saga {
            Some(saga) if saga.direction == expected => Ok(()),
            Some(saga) => Err(Failure::poison(
                "wrong_direction",
                format!("`{}` was called with direction `{}`", self.description().name, saga.direction),
            )),
            None => Err(Failure::poison("not_a_saga_step", "the input has no `saga`")),
        }
    }

    /// Does work, until what is kept free before the deadline begins. Work that need not wait sets no timer.
    async fn within_deadline<T>(&self, work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
        let (mut work, mut timer) = (pin!(work), None);
        poll_fn(|context| {
            if let Poll::Ready(done) = work.as_mut().poll(context) {
                return Poll::Ready(done);
            }
            let (left, timer) = timer.get_or_insert_with(|| {
                let left = self.invocation.time_left(self.world.ambient());
                (left, Box::pin(tokio::time::sleep(left)))
            });
            timer.as_mut().poll(context).map(|()| Err(too_slow(*left)))
        })
        .await
    }

    /// A handler that meets its own earlier writes may refuse what it did before: then the event is a duplicate, not a failure.
    async fn failed(&self, failure: Failure) -> Result<Done, Failure> {
        if self.description().kind == Kind::Query {
            return Err(failure);
        }
        let event = &self.arrival.event;
        let committer = Committer::new(self.world);
        let fingerprint = fingerprint(&event.event_type, &event.data);
        match self.within_deadline(committer.done_before(&self.key, &fingerprint)).await {
            Ok(Some(committed)) => Ok(self.send(committed).await),
            Ok(None) => Err(failure),
            Err(_) if matches!(failure.class(), Class::Transient { .. }) => Err(failure),
            // Whether it was done before is open. A refusal would be the end of it; another attempt can look again.
            Err(unknown) => Err(unknown),
        }
    }

    /// Sends what was committed. What is not sent in time stays in the outbox, for the relay: the event itself is done.
    async fn send(&self, committed: Committed) -> Done {
        if !committed.outgoing.is_empty() {
            let left = self.invocation.time_left(self.world.ambient());
            let sent = Box::pin(async { Publisher::new(self.world).send(&committed.outgoing).await });
            let _ = tokio::time::timeout(left, sent).await;
        }
        Done { duplicate: committed.outcome == Outcome::Duplicate, response: committed.response }
    }

    fn answer(&self, effects: Effects) -> Result<Done, Failure> {
        self.lines.handled(&self.call(), &[], &[]);
        Ok(Done { duplicate: false, response: effects.into_response() })
    }

    async fn commit(&self, call: &CallContext, undoes: Option<Undone>, effects: Effects) -> Result<Done, Failure> {
        let event = &self.arrival.event;
        let request = CommitRequest {
            key: self.key.clone(),
            fingerprint: fingerprint(&event.event_type, &event.data),
            event,
            function: self.description().name,
            effects: &effects,
            retention: Duration::from_secs(u64::from(self.description().retention_days) * 24 * 60 * 60),
            undoes,
            place: self.place.as_ref(),
        };
        // Boxed, as the handler is: what they are parts of is moved from place to place before it runs.
        let committer = Committer::new(self.world);
        let left = self.invocation.time_left(self.world.ambient());
        let committed = self.within_deadline(Box::pin(committer.commit(request))).await;
        let committed =
            committed.map_err(|failure| if left < LONGEST_COMMIT { failure } else { unanswered(failure) })?;
        if committed.outcome == Outcome::Handled {
            tracing::Span::current().record(fields::STAGE, Stage::Handled.as_str());
            self.lines.handled(call, &committed.emitted, &committed.started);
        }
        Ok(self.send(committed).await)
    }
}

/// A commit that had time enough and was cut off: DynamoDB did not answer.
fn unanswered(failure: Failure) -> Failure {
    if failure.code() == DEADLINE { failure.of_service() } else { failure }
}

fn panicked(panic: &(dyn std::any::Any + Send)) -> Failure {
    let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    Failure::transient("panicked", format!("the handler panicked: {}", text.unwrap_or("no message")))
}

fn too_slow(left: Duration) -> Failure {
    Failure::transient(DEADLINE, format!("not done within the {} ms that were left", left.as_millis()))
}
