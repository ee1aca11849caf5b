//! Point-in-time recovery: the setting is kept, so that a template can be applied and looked at. Nothing is backed up.

use serde_json::{Value, json};

use super::DynamoDb;
use crate::wire::{Answer, ServiceError};

pub(super) fn update(service: &DynamoDb, input: &Value) -> Answer {
    let on = input
        .pointer("/PointInTimeRecoverySpecification/PointInTimeRecoveryEnabled")
        .and_then(Value::as_bool)
        .ok_or_else(|| ServiceError::new("ValidationException", "PointInTimeRecoveryEnabled must not be null"))?;
    let mut state = service.state();
    let table = name(input);
    state.tables.get_mut(table).ok_or_else(|| missing(table))?.recovery = on;
    Ok(description(on))
}

pub(super) fn describe(service: &DynamoDb, input: &Value) -> Answer {
    let table = name(input);
    let state = service.state();
    Ok(description(state.tables.get(table).ok_or_else(|| missing(table))?.recovery))
}

fn name(input: &Value) -> &str {
    input.get("TableName").and_then(Value::as_str).unwrap_or_default()
}

fn missing(table: &str) -> ServiceError {
    ServiceError::new("TableNotFoundException", format!("Table not found: {table}"))
}

fn description(on: bool) -> Value {
    json!({ "ContinuousBackupsDescription": {
        "ContinuousBackupsStatus": "ENABLED",
        "PointInTimeRecoveryDescription": { "PointInTimeRecoveryStatus": if on { "ENABLED" } else { "DISABLED" } },
    } })
}
