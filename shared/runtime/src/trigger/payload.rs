//! What an invocation brings.

use serde_json::Value;

use super::Batch;
use crate::error::FunctionError;

/// The payload of an invocation: as JSON, or, for a function that reads a queue, as the batch that it is. Read from text, a batch costs
/// half of what a JSON value that is then made a batch costs.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Payload {
    /// Any JSON.
    Json(Value),
    /// Messages of a queue.
    Batch(Batch),
}

impl From<Value> for Payload {
    fn from(payload: Value) -> Self {
        Self::Json(payload)
    }
}

impl From<Batch> for Payload {
    fn from(batch: Batch) -> Self {
        Self::Batch(batch)
    }
}

impl Payload {
    /// A payload that is no batch fails as a whole: then every record comes again, and in the end goes to the dead-letter queue by
    /// `maxReceiveCount`.
    pub(super) fn batch(self) -> Result<Batch, FunctionError> {
        match self {
            Self::Batch(batch) => Ok(batch),
            Self::Json(payload) => serde_json::from_value(payload).map_err(|e| not("not_a_batch", &e.to_string())),
        }
    }

    pub(super) fn json(self) -> Result<Value, FunctionError> {
        match self {
            Self::Json(payload) => Ok(payload),
            Self::Batch(_) => Err(not("unexpected_payload", "a batch of messages, and the function reads no queue")),
        }
    }
}

fn not(what: &str, error: &str) -> FunctionError {
    FunctionError { error_type: "Poison".into(), message: format!("{what}: {error}") }
}
