//! Errors in CloudFormation's words
//! ([common errors](https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/CommonErrors.html)).

use crate::wire::ServiceError;

pub(super) fn invalid(message: impl Into<String>) -> ServiceError {
    ServiceError::new("ValidationError", message)
}

pub(super) fn format(message: impl std::fmt::Display) -> ServiceError {
    invalid(format!("Template format error: {message}"))
}

pub(super) fn no_stack(name: &str) -> ServiceError {
    invalid(format!("Stack with id {name} does not exist"))
}

/// The same, as most operations say it.
pub(super) fn no_such_stack(name: &str) -> ServiceError {
    invalid(format!("Stack [{name}] does not exist"))
}

pub(super) fn no_change_set(name: &str) -> ServiceError {
    ServiceError::new("ChangeSetNotFound", format!("ChangeSet [{name}] does not exist")).status(404)
}

pub(super) fn capabilities(needed: &[&str]) -> ServiceError {
    ServiceError::new("InsufficientCapabilitiesException", format!("Requires capabilities : [{}]", needed.join(", ")))
}

/// Nothing differs: what UpdateStack says.
pub(super) fn no_updates() -> ServiceError {
    invalid("No updates are to be performed.")
}
