//! Step Functions' errors in AWS's words.
//! <https://docs.aws.amazon.com/step-functions/latest/apireference/CommonErrors.html>

use crate::wire::ServiceError;

pub(super) fn validation(member: &str, constraint: &str) -> ServiceError {
    ServiceError::new(
        "ValidationException",
        format!("1 validation error detected: Value at '{member}' failed to satisfy constraint: {constraint}"),
    )
}

/// A value that breaks a constraint of the API's model.
pub(super) fn constraint(member: &str, value: &str, constraint: &str) -> ServiceError {
    ServiceError::new(
        "ValidationException",
        format!(
            "1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: {constraint}"
        ),
    )
}

pub(super) fn invalid_arn(what: &str) -> ServiceError {
    ServiceError::new("InvalidArn", format!("Invalid Arn: '{what}'"))
}

pub(super) fn conflict(message: impl Into<String>) -> ServiceError {
    ServiceError::new("ConflictException", message)
}

pub(super) fn invalid_logging(what: &str) -> ServiceError {
    ServiceError::new("InvalidLoggingConfiguration", format!("Invalid Logging Configuration: {what}"))
}

pub(super) fn no_activity(arn: &str) -> ServiceError {
    ServiceError::new("ActivityDoesNotExist", format!("Activity Does Not Exist: '{arn}'"))
}

pub(super) fn wrong_type() -> ServiceError {
    ServiceError::new("StateMachineTypeNotSupported", "This operation is not supported by this type of state machine")
}

pub(super) fn invalid_name(name: &str) -> ServiceError {
    ServiceError::new("InvalidName", format!("Invalid Name: '{name}'"))
}

pub(super) fn invalid_definition(what: &str) -> ServiceError {
    ServiceError::new("InvalidDefinition", format!("Invalid State Machine Definition: '{what}'"))
}

pub(super) fn invalid_input(what: &str) -> ServiceError {
    ServiceError::new("InvalidExecutionInput", format!("Invalid State Machine Execution Input: '{what}'"))
}

pub(super) fn invalid_output(what: &str) -> ServiceError {
    ServiceError::new("InvalidOutput", format!("Invalid Output: '{what}'"))
}

pub(super) fn invalid_token() -> ServiceError {
    ServiceError::new("InvalidToken", "Invalid Token: 'Invalid token'")
}

pub(super) fn task_timed_out() -> ServiceError {
    ServiceError::new("TaskTimedOut", "Task Timed Out: 'Provided task does not exist anymore'")
}

pub(super) fn no_machine(arn: &str) -> ServiceError {
    ServiceError::new("StateMachineDoesNotExist", format!("State Machine Does Not Exist: '{arn}'"))
}

pub(super) fn machine_exists(arn: &str) -> ServiceError {
    ServiceError::new("StateMachineAlreadyExists", format!("State Machine Already Exists: '{arn}'"))
}

pub(super) fn no_execution(arn: &str) -> ServiceError {
    ServiceError::new("ExecutionDoesNotExist", format!("Execution Does Not Exist: '{arn}'"))
}

pub(super) fn execution_exists(arn: &str) -> ServiceError {
    ServiceError::new("ExecutionAlreadyExists", format!("Execution Already Exists: '{arn}'"))
}

pub(super) fn no_resource(arn: &str) -> ServiceError {
    ServiceError::new("ResourceNotFound", format!("Resource not found: '{arn}'"))
}

/// A member that the local cloud knows of but does not do.
pub(super) fn unsupported(member: &str) -> ServiceError {
    let message = format!("{member} is not supported by the local cloud; see docs/local-cloud.md for what is");
    ServiceError::new("ValidationException", message)
}
