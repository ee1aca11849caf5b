//! Lambda's errors in AWS's words.

use serde_json::Value;

use crate::wire::ServiceError;

fn typed(code: &str, message: String, kind: &str, status: u16) -> ServiceError {
    let mut error = ServiceError::new(code, message).status(status);
    error.members.insert("Type".into(), kind.into());
    error
}

pub(super) fn no_function(arn: &str) -> ServiceError {
    typed("ResourceNotFoundException", format!("Function not found: {arn}"), "User", 404)
}

pub(super) fn not_found(message: impl Into<String>) -> ServiceError {
    typed("ResourceNotFoundException", message.into(), "User", 404)
}

pub(super) fn conflict(message: impl Into<String>) -> ServiceError {
    typed("ResourceConflictException", message.into(), "User", 409)
}

pub(super) fn invalid(message: impl Into<String>) -> ServiceError {
    typed("InvalidParameterValueException", message.into(), "User", 400)
}

/// A `RevisionId` that is not the current one, which `operation` tells.
pub(super) fn other_revision(operation: &str) -> ServiceError {
    let message = format!(
        "The Revision Id provided does not match the latest Revision Id. Call the {operation} API to retrieve the latest \
         Revision Id"
    );
    typed("PreconditionFailedException", message, "User", 412)
}

pub(super) fn validation(message: impl Into<String>) -> ServiceError {
    ServiceError::new("ValidationException", message)
}

/// What is wrong with the members of a request, each in AWS's words.
pub(super) fn violations(wrong: &[String]) -> ServiceError {
    let errors = if wrong.len() == 1 { "error" } else { "errors" };
    validation(format!("{} validation {errors} detected: {}", wrong.len(), wrong.join("; ")))
}

/// A request with more than Lambda takes.
pub(super) fn entity_too_large(message: impl Into<String>) -> ServiceError {
    ServiceError::new("RequestEntityTooLargeException", message).status(413)
}

pub(super) fn bad_payload(reason: &str) -> ServiceError {
    typed("InvalidRequestContentException", format!("Could not parse request body into json: {reason}"), "User", 400)
}

/// [Lambda quotas](https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html)
pub(super) fn too_large(size: usize, kind: &str, limit: usize) -> ServiceError {
    entity_too_large(format!("{size} byte payload is too large for the {kind} invocation type (limit {limit} bytes)"))
}

/// [Invoke](https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html), `TooManyRequestsException`.
pub(super) fn throttled(reserved: bool) -> ServiceError {
    let reason = if reserved {
        "ReservedFunctionConcurrentInvocationLimitExceeded"
    } else {
        "ConcurrentInvocationLimitExceeded"
    };
    let mut error = typed("TooManyRequestsException", "Rate Exceeded.".into(), "User", 429);
    error.members.insert("Reason".into(), reason.into());
    error
}

pub(super) fn is_throttle(error: &ServiceError) -> bool {
    error.code == "TooManyRequestsException"
}

/// Throttled, or Lambda itself failed: another attempt may help.
pub(super) fn is_passing(error: &ServiceError) -> bool {
    error.status == 429 || error.status >= 500
}

pub(super) fn internal(message: impl Into<String>) -> ServiceError {
    typed("ServiceException", message.into(), "Service", 500)
}

/// A member that the local cloud knows of but does not do.
pub(super) fn unsupported(member: &str, value: &Value) -> ServiceError {
    invalid(format!("{member} {value} is not supported by the local cloud; see docs/local-cloud.md for what is"))
}
