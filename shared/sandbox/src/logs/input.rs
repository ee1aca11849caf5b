//! Reading the members of a request.

use serde_json::{Map, Value};

use crate::wire::ServiceError;

#[derive(Clone, Copy)]
pub(super) struct Input<'a>(pub(super) &'a Value);

pub(super) fn invalid(message: impl Into<String>) -> ServiceError {
    ServiceError::new("InvalidParameterException", message)
}

impl<'a> Input<'a> {
    pub(super) fn text(self, name: &str) -> Result<&'a str, ServiceError> {
        self.optional_text(name).ok_or_else(|| {
            invalid(format!(
                "1 validation error detected: Value null at '{name}' failed to satisfy constraint: Member must not be null"
            ))
        })
    }

    pub(super) fn optional_text(self, name: &str) -> Option<&'a str> {
        self.0.get(name).and_then(Value::as_str)
    }

    pub(super) fn number(self, name: &str) -> Option<i64> {
        self.0.get(name).and_then(Value::as_i64)
    }

    pub(super) fn flag(self, name: &str) -> bool {
        self.0.get(name).and_then(Value::as_bool).unwrap_or_default()
    }

    pub(super) fn map(self, name: &str) -> Option<&'a Map<String, Value>> {
        self.0.get(name).and_then(Value::as_object)
    }

    pub(super) fn list(self, name: &str) -> impl Iterator<Item = &'a Value> {
        self.0.get(name).and_then(Value::as_array).into_iter().flatten()
    }

    /// A page size: `limit`, at most `most`, which it also is when there is none.
    pub(super) fn limit(self, most: usize) -> Result<usize, ServiceError> {
        let Some(limit) = self.number("limit") else { return Ok(most) };
        let good = usize::try_from(limit).ok().filter(|limit| (1..=most).contains(limit));
        let bound =
            if limit < 1 { "greater than or equal to 1".to_owned() } else { format!("less than or equal to {most}") };
        good.ok_or_else(|| {
            invalid(format!(
                "1 validation error detected: Value '{limit}' at 'limit' failed to satisfy constraint: Member must have \
                 value {bound}"
            ))
        })
    }

    /// The log group of a request: by name, or by name or ARN.
    pub(super) fn group(self) -> Result<&'a str, ServiceError> {
        match (self.optional_text("logGroupName"), self.optional_text("logGroupIdentifier")) {
            (Some(_), Some(_)) => {
                let message = "LogGroup name and LogGroup ARN are mutually exclusive parameters.";
                Err(ServiceError::new("ValidationException", message))
            }
            (Some(name), None) => Ok(name),
            (None, Some(identifier)) => Ok(group_of_arn(identifier)),
            (None, None) => Err(invalid("Exactly one of logGroupName and logGroupIdentifier must be given")),
        }
    }
}

/// The name in a log group's ARN; a name is one already.
pub(super) fn group_of_arn(arn: &str) -> &str {
    arn.split_once(":log-group:").map_or(arn, |(_, name)| name.trim_end_matches(":*"))
}
