//! A function: a handler with its trigger and its rules.

mod describe;
mod kind;

use std::time::Duration;

use serde_json::Value;
use throughline_contracts::Contract;
use throughline_effects::{Breaker, World};

pub use describe::{Description, Need};
pub use kind::Kind;
pub(crate) use kind::Work;

use crate::backoff::Backoff;
use crate::error::FunctionError;
use crate::handler::{ErasedSystem, Handler, SystemHandler, erase};
use crate::invocation::Invocation;
use crate::trigger::system::{DeadLetter, Logs, Records, Schedule};
use crate::trigger::{self, Payload};

/// Attempts before a message that keeps failing is parked, unless the function says otherwise.
const MAX_ATTEMPTS: u32 = 5;
/// Days for which a deduplication record is kept, unless the function says otherwise: 4 days in a queue, 14 in its
/// dead-letter queue, 30 in the event store, with some to spare.
const RETENTION_DAYS: u32 = 60;

/// A Lambda function: what it is called, what triggers it, what it does, and its rules.
///
/// Built with one of the constructors, then run by [`run`](crate::run) or, in tests and simulation, by [`Function::invoke`].
#[must_use]
pub struct Function {
    pub(crate) description: Description,
    pub(crate) work: Work,
    pub(crate) backoff: Backoff,
}

impl Function {
    fn event<H: Handler<Args>, Args: 'static>(name: &'static str, kind: Kind, handler: H) -> Self {
        let handler = erase(handler);
        let mut description = Description::new(name, kind, MAX_ATTEMPTS, RETENTION_DAYS);
        description.consumes = handler.contracts();
        handler.describe(&mut description);
        Self { description, work: Work::Event(handler), backoff: Backoff::default() }
    }

    /// A function that is invoked directly, by a client that waits for its answer or does not. The command's `id` is the
    /// client's idempotency key: the same command twice gets the first answer.
    pub fn command<H: Handler<Args>, Args: 'static>(name: &'static str, handler: H) -> Self {
        Self::event(name, Kind::Command, handler)
    }

    /// A command that only reads. Nothing is recorded, and effects other than a response are refused.
    pub fn query<H: Handler<Args>, Args: 'static>(name: &'static str, handler: H) -> Self {
        Self::event(name, Kind::Query, handler)
    }

    /// A function that reads events from an SQS queue, standard or FIFO, with partial batch responses.
    pub fn queue<H: Handler<Args>, Args: 'static>(name: &'static str, handler: H) -> Self {
        Self::event(name, Kind::Queue, handler)
    }

    /// A step of a saga: a task of a Step Functions state machine.
    pub fn saga_step<H: Handler<Args>, Args: 'static>(name: &'static str, handler: H) -> Self {
        Self::event(name, Kind::SagaStep, handler)
    }

    /// The compensation of a step. It must succeed when there is nothing to undo.
    pub fn compensation<H: Handler<Args>, Args: 'static>(name: &'static str, handler: H) -> Self {
        Self::event(name, Kind::Compensation, handler)
    }

    fn system(name: &'static str, kind: Kind, work: Work) -> Self {
        Self { description: Description::new(name, kind, 0, 0), work, backoff: Backoff::default() }
    }

    /// A system function that runs on a schedule.
    pub fn schedule<H: SystemHandler<Schedule>>(name: &'static str, handler: H) -> Self {
        Self::system(name, Kind::Schedule, Work::Schedule(Box::new(ErasedSystem::new(handler))))
    }

    /// A system function that reads the log lines of a subscription filter.
    pub fn logs<H: SystemHandler<Logs>>(name: &'static str, handler: H) -> Self {
        Self::system(name, Kind::Logs, Work::Logs(Box::new(ErasedSystem::new(handler))))
    }

    /// A system function that reads the changes of DynamoDB tables.
    pub fn stream<H: SystemHandler<Records>>(name: &'static str, handler: H) -> Self {
        Self::system(name, Kind::Stream, Work::Stream(Box::new(ErasedSystem::new(handler))))
    }

    /// A system function that reads dead-letter queues and on-failure destinations, a letter at a time.
    pub fn dead_letters<H: SystemHandler<DeadLetter>>(name: &'static str, handler: H) -> Self {
        Self::system(name, Kind::DeadLetters, Work::DeadLetters(Box::new(ErasedSystem::new(handler))))
    }

    /// Says that the function emits events of this type. Effects that were not announced are refused.
    pub fn emits<C: Contract>(mut self) -> Self {
        self.description.add_emitted::<C>();
        self
    }

    /// Says what a saga's step answers to later steps. It has to: another answer, or none, is refused.
    pub fn outputs<C: Contract>(mut self) -> Self {
        self.description.set_output::<C>();
        self
    }

    /// Says that the function starts this saga. Effects that were not announced are refused.
    pub fn starts(mut self, saga: &'static str) -> Self {
        self.description.starts.insert(saga.to_owned());
        self
    }

    /// Puts a breaker on an outside party: while calls of it fail, none is made and events wait without using up their attempts.
    /// Arguments that call the party find it by [`CallContext::circuit`](crate::CallContext::circuit). A second breaker on the same
    /// party replaces the first.
    pub fn breaker(mut self, breaker: Breaker) -> Self {
        self.description.breakers.retain(|known| known.dependency() != breaker.dependency());
        self.description.breakers.push(breaker);
        self
    }

    /// Attempts before a message that fails for a transient reason is parked; at least 1.
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.description.max_attempts = attempts.max(1);
        self
    }

    /// In a FIFO queue: where an event of a group is parked, later ones of that group wait behind it in the dead-letter queue, and
    /// go on in order after a redrive. Without it the group goes on at once, without the parked event.
    ///
    /// It costs one more condition in the transaction of each event, and no request more; a function that acts on outside parties
    /// looks before it acts, with one read for each event.
    pub fn parks_in_sequence(mut self) -> Self {
        self.description.parks_in_sequence = true;
        self
    }

    /// How long an event that came before an earlier one of its order (`gap`) waits for that one, from its first delivery on,
    /// before it is parked: 15 minutes unless said. To the second. Its attempts are not counted meanwhile.
    pub fn gap_patience(mut self, patience: Duration) -> Self {
        self.description.gap_patience_seconds = patience.as_secs();
        self
    }

    /// Days for which it is remembered that an event was handled.
    pub fn retention_days(mut self, days: u32) -> Self {
        self.description.retention_days = days;
        self
    }

    /// The waits between attempts of a queue function.
    pub fn backoff(mut self, backoff: Backoff) -> Self {
        self.backoff = backoff;
        self
    }

    /// The function's name.
    pub fn name(&self) -> &'static str {
        self.description.name
    }

    /// What the function says about itself.
    pub fn describe(&self) -> &Description {
        &self.description
    }

    /// Runs one invocation in `world`: what Lambda's runtime does with the payload, without Lambda. The journal's lines are written
    /// whenever the invocation waits, before its handler goes on, and when it ends.
    ///
    /// # Errors
    /// What Lambda would be told. A queue function answers with the failed records instead; it fails only when the payload is
    /// not a batch.
    pub async fn invoke(
        &self,
        world: &World,
        payload: impl Into<Payload>,
        invocation: Invocation,
    ) -> Result<Value, FunctionError> {
        // Boxed, so that the future of whoever calls stays small and shallow.
        world.journal().holding(Box::pin(trigger::dispatch(self, world, payload.into(), invocation))).await
    }
}

impl std::fmt::Debug for Function {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Function").field("description", &self.description).finish_non_exhaustive()
    }
}
