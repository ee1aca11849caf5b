//! EventBridge's errors, in its words.

use std::fmt::Display;

use throughline_event_pattern::PatternError;

use crate::wire::ServiceError;

pub(super) fn validation(message: impl Into<String>) -> ServiceError {
    ServiceError::new("ValidationException", message)
}

/// A member that breaks the shape that the API reference gives it.
pub(super) fn constraint(value: impl Display, member: &str, constraint: &str) -> ServiceError {
    validation(format!(
        "1 validation error detected: Value {value} at '{member}' failed to satisfy constraint: {constraint}"
    ))
}

pub(super) fn missing(member: &str) -> ServiceError {
    constraint("null", member, "Member must not be null")
}

pub(super) fn bad_arn(arn: &str) -> ServiceError {
    validation(format!("Parameter {arn} is not valid. Reason: Provided Arn is not in correct format."))
}

pub(super) fn bad_pattern(error: &PatternError) -> ServiceError {
    ServiceError::new("InvalidEventPatternException", error.to_string())
}

pub(super) fn no_bus(name: &str) -> ServiceError {
    not_found(format!("Event bus {name} does not exist."))
}

pub(super) fn no_rule(name: &str, bus: &str) -> ServiceError {
    not_found(format!("Rule {name} does not exist on EventBus {bus}."))
}

pub(super) fn not_found(message: impl Into<String>) -> ServiceError {
    ServiceError::new("ResourceNotFoundException", message)
}

pub(super) fn exists(message: impl Into<String>) -> ServiceError {
    ServiceError::new("ResourceAlreadyExistsException", message)
}

pub(super) fn limit() -> ServiceError {
    ServiceError::new("LimitExceededException", "The requested resource exceeds the maximum number allowed.")
}
