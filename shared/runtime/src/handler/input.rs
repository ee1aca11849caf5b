//! What a handler's last argument can be.

use std::ops::Deref;

use throughline_contracts::{ContractError, ContractInfo, Message};
use throughline_effects::Failure;
use throughline_envelope::{Arrival, Event, SagaStep};

/// The last argument of a handler: made from an event that arrived.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a handler's last argument",
    label = "not an event",
    note = "the last argument is `Event<T>` (command, queue) or `Step<T>` (saga step), where `T` has a `Contract`, or is made of several by `one_of!`"
)]
pub trait Input: Sized + Send + 'static {
    /// The contracts it accepts.
    fn contracts() -> Vec<ContractInfo>;

    /// Checks the event's contract, brings it to the current version and reads it.
    ///
    /// # Errors
    /// Poison: it is of another type, or breaks its contract; the failure holds every violation.
    fn decode(arrival: &Arrival) -> Result<Self, Failure>;
}

impl<M: Message> Input for Event<M> {
    fn contracts() -> Vec<ContractInfo> {
        M::contracts()
    }

    fn decode(arrival: &Arrival) -> Result<Self, Failure> {
        M::decode(&arrival.event).map_err(poison)
    }
}

/// What a saga step works on. Reads like the data itself.
#[derive(Debug, Clone)]
pub struct Step<T> {
    event: Event<T>,
    saga: SagaStep,
}

impl<T> Step<T> {
    /// A step for a test of a handler.
    pub fn new(event: Event<T>, saga: SagaStep) -> Self {
        Self { event, saga }
    }

    /// The event that the saga was started with.
    pub fn event(&self) -> &Event<T> {
        &self.event
    }

    /// The saga, the step's name, its direction, and the failure that it compensates.
    pub fn saga(&self) -> &SagaStep {
        &self.saga
    }
}

impl<T> Deref for Step<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.event.data
    }
}

impl<M: Message> Input for Step<M> {
    fn contracts() -> Vec<ContractInfo> {
        M::contracts()
    }

    fn decode(arrival: &Arrival) -> Result<Self, Failure> {
        let saga = arrival.saga.clone().ok_or_else(|| Failure::poison("not_a_saga_step", "the input has no `saga`"))?;
        Ok(Self { event: M::decode(&arrival.event).map_err(poison)?, saga })
    }
}

fn poison(error: ContractError) -> Failure {
    Failure::poison(error.code(), error.to_string())
}
