//! Reading the members of a request.

use serde_json::Value;

use super::errors;
use crate::wire::ServiceError;

#[derive(Clone, Copy)]
pub(super) struct Input<'a>(pub(super) &'a Value);

impl<'a> Input<'a> {
    /// A text that must be there and not be empty.
    pub(super) fn text(self, name: &str) -> Result<&'a str, ServiceError> {
        let text = self.optional_text(name).filter(|text| !text.is_empty());
        text.ok_or_else(|| errors::validation(name, "Member must not be null"))
    }

    pub(super) fn optional_text(self, name: &str) -> Option<&'a str> {
        self.0.get(name).and_then(Value::as_str)
    }

    pub(super) fn flag(self, name: &str) -> Option<bool> {
        self.0.get(name).and_then(Value::as_bool)
    }

    pub(super) fn member(self, name: &str) -> Option<&'a Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    pub(super) fn list(self, name: &str) -> &'a [Value] {
        self.0.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }
}
