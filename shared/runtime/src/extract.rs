//! What a handler may ask for before its event.

use std::ops::Deref;

use jiff::Timestamp;
use throughline_contracts::{Contract, decode_data};
use throughline_effects::{Breaker, Circuit, Failure, Once, Outside, Store, Tables, World};
use throughline_envelope::{CorrelationId, EventId, SagaId, StepOutput};
use throughline_telemetry::JournalLine;

use crate::function::Description;

/// One call of a handler: who is called, and for what.
#[derive(Debug, Clone)]
pub struct CallContext {
    /// The function's name.
    pub function: String,
    /// Lambda's id for the invocation.
    pub request_id: String,
    /// The event's id.
    pub event_id: EventId,
    /// The workflow's id.
    pub correlation_id: CorrelationId,
    /// The key under which this work is done once.
    pub idempotency_key: String,
    /// The saga, for a saga step.
    pub saga_id: Option<SagaId>,
    /// What other steps of the saga answered, of what this one is given.
    pub outputs: Vec<StepOutput>,
    /// The time at which the call started. A handler that needs "now" uses this: a replay gives it the same.
    pub now: Timestamp,
    /// When Lambda ends the function: no work goes on after it.
    pub deadline: Timestamp,
    /// The breakers that the function declares.
    pub breakers: Vec<Breaker>,
}

impl CallContext {
    /// The circuit to an outside party, for an argument that calls it: behind the function's breaker for that party, or always closed
    /// where the function declares none.
    #[must_use]
    pub fn circuit(&self, world: &World, dependency: &str) -> Circuit {
        let circuit = match self.breakers.iter().find(|breaker| breaker.dependency() == dependency) {
            Some(breaker) => Circuit::new(world, &self.function, breaker.clone()),
            None => Circuit::without_breaker(world, &self.function),
        };
        circuit.on_behalf_of(self.caller()).until(self.deadline)
    }

    /// What a journal line about something beside the attempt says of it.
    fn caller(&self) -> JournalLine {
        JournalLine {
            request_id: Some(self.request_id.clone()),
            event_id: Some(self.event_id.to_string()),
            correlation_id: Some(self.correlation_id.to_string()),
            saga_id: self.saga_id.as_ref().map(ToString::to_string),
            ..JournalLine::default()
        }
    }
}

/// An argument that a handler gets from its surroundings, without reading anything yet.
///
/// Implemented for [`State`], [`Setting`], [`Output`], [`CallContext`], `Once` and `Outside`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not something a handler can ask for",
    label = "not an extractor",
    note = "a handler's arguments are extractors (`State<S>`, `Setting<S>`, `Output<C>`, `Once`, `Outside`, `CallContext`), then the event last (`Event<T>` or `Step<T>`)"
)]
pub trait FromCall: Sized + Send {
    /// The argument's value for this call.
    ///
    /// # Errors
    /// A setting is missing or malformed: transient, since a deployment mends it.
    fn from_call(world: &World, call: &CallContext) -> Result<Self, Failure>;

    /// Adds what the argument says about the function.
    fn describe(_description: &mut Description) {}
}

/// The business state that a handler reads, and writes through what it returns.
///
/// `State<Stock>` gives `Stock`, a [`Store`]: its reads happen when its methods are called, its writes are values for `Effects`.
#[derive(Debug, Clone)]
pub struct State<S>(pub S);

impl<S> Deref for State<S> {
    type Target = S;
    fn deref(&self) -> &S {
        &self.0
    }
}

impl<S: Store + Send> FromCall for State<S> {
    fn from_call(world: &World, _call: &CallContext) -> Result<Self, Failure> {
        Ok(Self(S::open(Tables::new(world))))
    }

    fn describe(description: &mut Description) {
        for table in S::TABLES {
            description.add_table(table);
        }
    }
}

/// A setting of the function, from its environment variables.
pub trait FromSetting: Sized + Send {
    /// The variable's name.
    const VARIABLE: &'static str;

    /// The setting from the variable's text.
    ///
    /// # Errors
    /// What is wrong with the text, for a person.
    fn from_setting(text: &str) -> Result<Self, String>;
}

/// A setting as a handler's argument.
#[derive(Debug, Clone)]
pub struct Setting<S>(pub S);

impl<S> Deref for Setting<S> {
    type Target = S;
    fn deref(&self) -> &S {
        &self.0
    }
}

impl<S: FromSetting> FromCall for Setting<S> {
    fn from_call(world: &World, _call: &CallContext) -> Result<Self, Failure> {
        let text = world.settings().text(S::VARIABLE)?;
        let value = S::from_setting(text)
            .map_err(|reason| Failure::transient("bad_setting", format!("{} is malformed: {reason}", S::VARIABLE)))?;
        Ok(Self(value))
    }

    fn describe(description: &mut Description) {
        description.add_setting(S::VARIABLE);
    }
}

/// What an earlier step of the saga answered, as a handler's argument. A compensation asks for an `Option<Output<…>>` of its own
/// step's answer: there is none where the step never answered, which leaves open whether it happened.
///
/// The saga's definition says which step it is of: `Step::outputs` and `Step::needs`.
#[derive(Debug, Clone)]
pub struct Output<C>(pub C);

impl<C> Deref for Output<C> {
    type Target = C;
    fn deref(&self) -> &C {
        &self.0
    }
}

impl<C: Contract> FromCall for Output<C> {
    fn from_call(world: &World, call: &CallContext) -> Result<Self, Failure> {
        let missing = || Failure::poison("no_output", format!("no step's output `{}` came with the input", C::TYPE));
        Option::<Self>::from_call(world, call)?.ok_or_else(missing)
    }

    fn describe(description: &mut Description) {
        description.add_need::<C>(false);
    }
}

impl<C: Contract> FromCall for Option<Output<C>> {
    fn from_call(_world: &World, call: &CallContext) -> Result<Self, Failure> {
        let Some(output) = call.outputs.iter().find(|output| output.output_type == C::TYPE) else { return Ok(None) };
        let data = decode_data(output.version, &output.data);
        data.map(|data| Some(Output(data))).map_err(|error| Failure::poison(error.code(), error.to_string()))
    }

    fn describe(description: &mut Description) {
        description.add_need::<C>(true);
    }
}

impl FromCall for CallContext {
    fn from_call(_world: &World, call: &CallContext) -> Result<Self, Failure> {
        Ok(call.clone())
    }
}

impl FromCall for Once {
    fn from_call(world: &World, call: &CallContext) -> Result<Self, Failure> {
        Ok(Self::new(world, &call.function).on_behalf_of(call.caller()).until(call.deadline))
    }

    fn describe(description: &mut Description) {
        description.uses_once();
    }
}

impl FromCall for Outside {
    fn from_call(world: &World, _call: &CallContext) -> Result<Self, Failure> {
        Ok(Self::new(world))
    }

    fn describe(description: &mut Description) {
        description.calls_outside();
    }
}
