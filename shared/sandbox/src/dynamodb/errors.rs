//! Dynoxide's errors in AWS's words.

use dynoxide::DynoxideError;
use serde_json::Value;

use crate::wire::ServiceError;

/// The error that AWS answers with. `CancellationReasons` and `Item` are kept as members.
pub(super) fn convert(operation: &str, error: DynoxideError) -> ServiceError {
    let enveloped = matches!(operation, "PutItem" | "UpdateItem" | "DeleteItem");
    let message = match &error {
        DynoxideError::EnvelopedValidation(message) if enveloped => format!("1 validation error detected: {message}"),
        _ => error.to_string(),
    };
    let code = error.error_type().rsplit('#').next().unwrap_or_default();
    let mut answer = ServiceError::new(code, message).status(error.status_code());
    if let Ok(Value::Object(body)) = serde_json::from_str(&error.to_json()) {
        for (name, mut member) in body {
            if !matches!(name.as_str(), "__type" | "message" | "Message") {
                member.sort_all_objects();
                answer.members.insert(name, member);
            }
        }
    }
    answer
}

/// A request that does not have the operation's shape. Dynoxide's own parsers mark the class of error in the message.
pub(super) fn malformed(error: &serde_json::Error) -> DynoxideError {
    let message = error.to_string();
    if let Some(text) = message.strip_prefix("VALIDATION_REQUEST:") {
        return DynoxideError::EnvelopedValidation(text.to_owned());
    }
    for marker in ["VALIDATION:", "VALIDATION_AS_READ:"] {
        if let Some(text) = message.strip_prefix(marker) {
            return DynoxideError::ValidationException(text.to_owned());
        }
    }
    for marker in ["SERIALIZATION:", "SERIALIZATION_AS_READ:"] {
        if let Some(text) = message.strip_prefix(marker) {
            return DynoxideError::SerializationException(text.to_owned());
        }
    }
    let validation = ["missing field", "unknown variant", "invalid type: null", "AttributeValue"];
    if validation.iter().any(|part| message.contains(part)) {
        DynoxideError::ValidationException(message)
    } else {
        DynoxideError::SerializationException(message)
    }
}
