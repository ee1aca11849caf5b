//! One concern at a time
//! ([UpdateTable](https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTable.html): "you can only
//! perform one of the following operations at once").

use serde_json::Value;

use crate::wire::ServiceError;

/// The changes that stand alone, in the order in which a request is refused for them.
const ALONE: &[(&str, &str)] = &[
    ("SSESpecification", "Server-Side Encryption modification must be the only operation in the request"),
    ("TableClass", "TableClass modification must be the only operation in the request"),
    ("DeletionProtectionEnabled", "DeletionProtection modification must be the only operation in the request"),
    ("WarmThroughput", "WarmThroughput must be the only operation in the request"),
];

pub(super) fn check(input: &Value) -> Result<(), ServiceError> {
    let Some(members) = input.as_object() else { return Ok(()) };
    let asked = members
        .iter()
        .filter(|(name, value)| !matches!(name.as_str(), "TableName" | "AttributeDefinitions") && !value.is_null());
    if asked.count() < 2 {
        return Ok(());
    }
    match ALONE.iter().find(|(name, _)| members.get(*name).is_some_and(|value| !value.is_null())) {
        Some((_, message)) => Err(ServiceError::new("ValidationException", *message)),
        None => Ok(()),
    }
}
