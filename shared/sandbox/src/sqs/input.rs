//! Reading the members of a request.

use serde_json::{Map, Value};

use super::errors;
use crate::wire::ServiceError;

/// A request, or an entry of a batch.
#[derive(Clone, Copy)]
pub(super) struct Input<'a>(pub(super) &'a Value);

impl<'a> Input<'a> {
    /// A text that must be there and not be empty.
    pub(super) fn text(self, name: &str) -> Result<&'a str, ServiceError> {
        self.optional_text(name).filter(|text| !text.is_empty()).ok_or_else(|| errors::missing(name))
    }

    pub(super) fn optional_text(self, name: &str) -> Option<&'a str> {
        self.0.get(name).and_then(Value::as_str)
    }

    /// A whole number in `from..=to`, if there is one.
    pub(super) fn number(self, name: &str, from: i64, to: i64) -> Result<Option<i64>, ServiceError> {
        let reason = match name {
            "DelaySeconds" => format!("DelaySeconds must be >= {from} and <= {to}."),
            "WaitTimeSeconds" | "VisibilityTimeout" => format!("Must be >= {from} and <= {to}, if provided."),
            _ => format!("Must be between {from} and {to}, if provided."),
        };
        self.number_or(name, from, to, &reason)
    }

    /// The same, with a reason of its own.
    pub(super) fn number_or(self, name: &str, from: i64, to: i64, reason: &str) -> Result<Option<i64>, ServiceError> {
        let Some(value) = self.0.get(name).filter(|value| !value.is_null()) else { return Ok(None) };
        let number = value.as_i64().or_else(|| value.as_str().and_then(|text| text.parse().ok()));
        let number = number.filter(|number| (from..=to).contains(number));
        number.map(Some).ok_or_else(|| match value.as_str() {
            Some(text) => errors::invalid(name, text, reason),
            None => errors::invalid(name, value, reason),
        })
    }

    pub(super) fn list(self, name: &str) -> impl Iterator<Item = Input<'a>> {
        self.0.get(name).and_then(Value::as_array).into_iter().flatten().map(Input)
    }

    pub(super) fn texts(self, name: &str) -> impl Iterator<Item = &'a str> {
        self.list(name).filter_map(|item| item.0.as_str())
    }

    pub(super) fn map(self, name: &str) -> Option<&'a Map<String, Value>> {
        self.0.get(name).and_then(Value::as_object)
    }
}
