//! What a saga's step is told besides the event.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::event::{Attributes, parse_id};
use crate::{EnvelopeError, RawEvent, SagaId};

/// A step of a saga.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SagaStep {
    /// The saga.
    pub id: SagaId,
    /// The saga's name: `fulfil-order`.
    pub name: String,
    /// The step: `reserve-stock`.
    pub step: String,
    /// Whether the step is done or undone.
    pub direction: Direction,
    /// How often the state machine retried it, from 0.
    pub attempt: u32,
    /// What ended the forward path, where a compensation or the cancel step wants to know.
    pub failure: Option<SagaFailure>,
    /// What earlier steps answered, of what this one needs; for a compensation, what its step did, if it did.
    pub outputs: Vec<StepOutput>,
}

/// What a step answered to later steps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepOutput {
    /// The type of its contract: `orders.payment.charged`.
    #[serde(rename = "type")]
    pub output_type: String,
    /// The version in which it was answered.
    pub version: u32,
    /// The data.
    pub data: Value,
}

/// Whether a step is done or undone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// The step itself.
    Do,
    /// Its compensation.
    Undo,
}

impl Direction {
    /// `do` or `undo`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Do => "do",
            Self::Undo => "undo",
        }
    }
}

impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a `Catch` of the state machine says: the error's name and its cause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SagaFailure {
    /// The error's name: a permanent failure's code, `Transient`, `States.Timeout`.
    #[serde(rename = "Error")]
    pub error: String,
    /// The cause; for a failed function, its error as JSON text.
    #[serde(rename = "Cause")]
    pub cause: String,
}

impl SagaFailure {
    /// The cause for people: the `errorMessage` of a failed function, else the cause as it is.
    #[must_use]
    pub fn message(&self) -> String {
        let error: Option<Value> = serde_json::from_str(&self.cause).ok();
        let message = error.as_ref().and_then(|error| error.get("errorMessage")).and_then(Value::as_str);
        message.unwrap_or(&self.cause).to_owned()
    }
}

/// The input that a saga is started with.
#[must_use]
pub fn saga_input(id: &SagaId, name: &str, event: &RawEvent) -> Value {
    json!({ "saga": { "id": id, "name": name }, "event": event.to_json() })
}

impl SagaStep {
    /// Takes `saga`, `failure` and `outputs` out of a step's input.
    pub(super) fn take(input: &mut Attributes<'_>) -> Result<Self, EnvelopeError> {
        let mut saga = input.object("saga")?;
        Ok(Self {
            id: parse_id("saga.id", &saga.text("id")?, SagaId::parse)?,
            name: saga.text("name")?.into_owned(),
            step: saga.text("step")?.into_owned(),
            direction: direction(&saga.text("direction")?)?,
            attempt: attempt(saga.take("attempt"))?,
            failure: failure(input)?,
            outputs: outputs(input)?,
        })
    }
}

fn direction(found: &str) -> Result<Direction, EnvelopeError> {
    match found {
        "do" => Ok(Direction::Do),
        "undo" => Ok(Direction::Undo),
        _ => Err(EnvelopeError::Direction { found: found.to_owned() }),
    }
}

fn attempt(value: Option<Value>) -> Result<u32, EnvelopeError> {
    let value = value.ok_or(EnvelopeError::MissingAttribute { name: "attempt" })?;
    let attempt = value.as_u64().and_then(|attempt| u32::try_from(attempt).ok());
    attempt.ok_or(EnvelopeError::WrongType { name: "attempt", expected: "a whole number" })
}

/// The outputs by their types; `null` where a step never answered.
fn outputs(input: &mut Attributes<'_>) -> Result<Vec<StepOutput>, EnvelopeError> {
    let expected = "an object of outputs, each with `type`, `version` and `data`";
    let wrong = || EnvelopeError::WrongType { name: "outputs", expected };
    let outputs = match input.take("outputs") {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Object(outputs)) => outputs,
        Some(_) => return Err(wrong()),
    };
    let answered = outputs.into_iter().filter(|(_, output)| !output.is_null());
    answered.map(|(_, output)| serde_json::from_value(output).map_err(|_| wrong())).collect()
}

fn failure(input: &mut Attributes<'_>) -> Result<Option<SagaFailure>, EnvelopeError> {
    match input.take("failure") {
        None | Some(Value::Null) => Ok(None),
        Some(failure) => {
            let mut failure = Attributes::of(failure, "failure")?;
            // A cause may be an empty text; `Cause` is absent where a state machine has none to tell.
            let cause = failure.take("Cause").and_then(|cause| cause.as_str().map(str::to_owned));
            Ok(Some(SagaFailure { error: failure.text("Error")?.into_owned(), cause: cause.unwrap_or_default() }))
        }
    }
}
