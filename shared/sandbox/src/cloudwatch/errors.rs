//! CloudWatch's errors, in its words.

use crate::wire::ServiceError;

/// The name that an error has in the query protocol, which SDKs show in the others too.
pub(crate) fn query_name(code: &str) -> &str {
    match code {
        "InvalidParameterValueException" => "InvalidParameterValue",
        "InvalidParameterCombinationException" => "InvalidParameterCombination",
        "MissingRequiredParameterException" => "MissingParameter",
        "ValidationException" => "ValidationError",
        "UnknownOperationException" => "InvalidAction",
        other => other,
    }
}

pub(super) fn value(message: impl Into<String>) -> ServiceError {
    ServiceError::new("InvalidParameterValueException", message)
}

pub(super) fn combination(message: impl Into<String>) -> ServiceError {
    ServiceError::new("InvalidParameterCombinationException", message)
}

pub(super) fn missing(parameter: &str) -> ServiceError {
    let message = format!("The parameter {parameter} is required.");
    ServiceError::new("MissingRequiredParameterException", message)
}

pub(super) fn validation(message: impl Into<String>) -> ServiceError {
    ServiceError::new("ValidationException", message)
}

pub(super) fn exclusive(one: &str, other: &str) -> ServiceError {
    combination(format!("The parameters {one} and {other} are mutually exclusive and you have specified both."))
}
