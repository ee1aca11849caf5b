//! Reading attributes of a JSON object, with errors that name them.

use serde_json::{Map, Value};

use crate::EnvelopeError;

/// An object whose members are taken out one by one.
pub(crate) struct Attributes(Map<String, Value>);

impl Attributes {
    /// # Errors
    /// When the value is no object; `name` says which value it was.
    pub(crate) fn of(value: Value, name: &'static str) -> Result<Self, EnvelopeError> {
        match value {
            Value::Object(members) => Ok(Self(members)),
            _ => Err(EnvelopeError::NotAnObject { name }),
        }
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// The member, whatever it is.
    pub(crate) fn take(&mut self, name: &str) -> Option<Value> {
        self.0.remove(name)
    }

    /// A text that must be there. `null` is not there.
    pub(crate) fn text(&mut self, name: &'static str) -> Result<String, EnvelopeError> {
        self.optional_text(name)?.ok_or(EnvelopeError::MissingAttribute { name })
    }

    /// A text that may be there; where it is, it is not empty.
    pub(crate) fn optional_text(&mut self, name: &'static str) -> Result<Option<String>, EnvelopeError> {
        match self.0.remove(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if text.is_empty() => Err(EnvelopeError::EmptyAttribute { name }),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(EnvelopeError::WrongType { name, expected: "a text" }),
        }
    }

    /// An object that must be there.
    pub(crate) fn object(&mut self, name: &'static str) -> Result<Self, EnvelopeError> {
        match self.0.remove(name) {
            None | Some(Value::Null) => Err(EnvelopeError::MissingAttribute { name }),
            Some(value) => Self::of(value, name),
        }
    }

    pub(crate) fn into_value(self) -> Value {
        Value::Object(self.0)
    }
}
