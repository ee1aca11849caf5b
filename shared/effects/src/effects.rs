//! What a handler wants done, as plain data.

use serde::Serialize;
use serde_json::Value;
use throughline_contracts::{Contract, ContractError, encode};
use throughline_envelope::StepOutput;

use crate::failure::Failure;
use crate::write::{Write, Writes};

/// What a handler wants done. Nothing happens until the runner commits it.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[must_use]
pub struct Effects {
    writes: Vec<Write>,
    emits: Vec<Emit>,
    sagas: Vec<StartSaga>,
    response: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    output: Option<&'static str>,
    #[serde(skip)]
    broken: Option<Failure>,
}

impl Effects {
    /// Nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a write.
    pub fn write(mut self, write: impl Into<Write>) -> Self {
        self.writes.push(write.into());
        self
    }

    /// Adds writes.
    pub fn writes(mut self, writes: impl Into<Writes>) -> Self {
        self.writes.extend(writes.into());
        self
    }

    /// Adds an event.
    pub fn emit(mut self, emit: Emit) -> Self {
        self.emits.push(emit);
        self
    }

    /// Adds a saga to start.
    pub fn start(mut self, saga: StartSaga) -> Self {
        self.sagas.push(saga);
        self
    }

    /// Sets the answer of a command or a step. A duplicate gets the same.
    pub fn respond(mut self, response: impl Serialize) -> Self {
        match serde_json::to_value(response) {
            Ok(value) => self.response = Some(value),
            Err(error) => self.broken = Some(Failure::permanent("response_not_json", error.to_string())),
        }
        self
    }

    /// Sets the answer of a saga's step, for later steps and its compensation. It is checked against its contract as an event's
    /// data is.
    pub fn output<C: Contract>(mut self, data: C) -> Self {
        match checked(&data) {
            Ok(data) => {
                self = self.respond(StepOutput { output_type: C::TYPE.to_owned(), version: C::VERSION, data });
                self.output = Some(C::TYPE);
            }
            Err(failure) => self.broken = Some(failure),
        }
        self
    }

    /// The writes.
    pub fn all_writes(&self) -> &[Write] {
        &self.writes
    }

    /// The events.
    pub fn emits(&self) -> &[Emit] {
        &self.emits
    }

    /// The sagas.
    pub fn sagas(&self) -> &[StartSaga] {
        &self.sagas
    }

    /// The answer.
    pub fn response(&self) -> Option<&Value> {
        self.response.as_ref()
    }

    /// The contract's type of the answer, if later steps are given it.
    pub fn output_type(&self) -> Option<&'static str> {
        self.output
    }

    /// The answer alone.
    pub fn into_response(self) -> Option<Value> {
        self.response
    }

    /// Whether there is nothing to do but to answer.
    pub fn is_response_only(&self) -> bool {
        self.writes.is_empty() && self.emits.is_empty() && self.sagas.is_empty()
    }

    /// Data that breaks its own contract, or a response that is not JSON: noticed when it was added, told at the commit.
    pub(crate) fn broken(&self) -> Option<&Failure> {
        let encoded = self.emits.iter().map(|emit| &emit.data).chain(self.sagas.iter().map(|saga| &saga.data));
        self.broken.as_ref().or_else(|| encoded.filter_map(|data| data.as_ref().err()).next())
    }
}

/// Data checked against its contract, or why it could not be.
type Encoded = Result<Value, Failure>;

fn checked<C: Contract>(data: &C) -> Encoded {
    encode(data).map_err(|error: ContractError| Failure::permanent("contract_broken", error.to_string()))
}

fn encoded<S: serde::Serializer>(data: &Encoded, serializer: S) -> Result<S::Ok, S::Error> {
    data.as_ref().ok().serialize(serializer)
}

/// An event to emit.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[must_use]
pub struct Emit {
    event_type: &'static str,
    schema_version: u32,
    #[serde(serialize_with = "encoded")]
    data: Encoded,
    subject: Option<String>,
    order: Option<(String, u64)>,
}

impl Emit {
    /// An event. Its data is checked against its contract; data that breaks it makes the commit fail with `contract_broken`.
    pub fn new<C: Contract>(data: C) -> Self {
        Self { event_type: C::TYPE, schema_version: C::VERSION, data: checked(&data), subject: None, order: None }
    }

    /// Sets the business key.
    pub fn subject(mut self, subject: impl Into<String>) -> Self {
        self.subject = Some(subject.into());
        self
    }

    /// Puts it in order: behind all events of this key with a lower sequence. The sequence is the aggregate's version, from 1,
    /// written in the same effects.
    pub fn ordered(mut self, key: impl Into<String>, sequence: u64) -> Self {
        self.order = Some((key.into(), sequence));
        self
    }

    /// The event's type.
    pub fn event_type(&self) -> &'static str {
        self.event_type
    }

    /// The version of its contract.
    pub fn schema_version(&self) -> u32 {
        self.schema_version
    }

    /// Its data, if it keeps to its contract.
    pub fn data(&self) -> Option<&Value> {
        self.data.as_ref().ok()
    }

    /// Its business key.
    pub fn business_key(&self) -> Option<&str> {
        self.subject.as_deref()
    }

    /// Its partition key and sequence.
    pub fn order(&self) -> Option<(&str, u64)> {
        self.order.as_ref().map(|(key, sequence)| (key.as_str(), *sequence))
    }
}

/// A saga to start.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[must_use]
pub struct StartSaga {
    name: &'static str,
    event_type: &'static str,
    schema_version: u32,
    #[serde(serialize_with = "encoded")]
    data: Encoded,
    subject: Option<String>,
}

impl StartSaga {
    /// A saga by its name, and what it works on. The data is checked against its contract as an event's is.
    pub fn new<C: Contract>(name: &'static str, data: C) -> Self {
        Self { name, event_type: C::TYPE, schema_version: C::VERSION, data: checked(&data), subject: None }
    }

    /// Sets the business key.
    pub fn subject(mut self, subject: impl Into<String>) -> Self {
        self.subject = Some(subject.into());
        self
    }

    /// The saga's name.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The type of what it works on.
    pub fn event_type(&self) -> &'static str {
        self.event_type
    }

    /// The version of that contract.
    pub fn schema_version(&self) -> u32 {
        self.schema_version
    }

    /// What it works on, if it keeps to its contract.
    pub fn data(&self) -> Option<&Value> {
        self.data.as_ref().ok()
    }

    /// Its business key.
    pub fn business_key(&self) -> Option<&str> {
        self.subject.as_deref()
    }
}
