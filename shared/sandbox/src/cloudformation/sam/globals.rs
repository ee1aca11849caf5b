//! The section `Globals`
//! ([AWS](https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-template-anatomy-globals.html)).

use serde_json::{Map, Value};

use super::is_intrinsic;

/// Sections that SAM knows. Those of resources that the local cloud lacks do nothing: the resources are refused.
const SECTIONS: [&str; 8] =
    ["Api", "CapacityProvider", "Function", "HttpApi", "LayerVersion", "SimpleTable", "StateMachine", "WebSocketApi"];

pub(super) fn check(globals: Option<&Value>) -> Result<(), String> {
    for name in globals.and_then(Value::as_object).into_iter().flatten().map(|(name, _)| name) {
        if !SECTIONS.contains(&name.as_str()) {
            return Err(format!(
                "'Globals' section is invalid. '{name}' is not supported. Must be one of the following values - {SECTIONS:?}"
            ));
        }
    }
    Ok(())
}

/// A resource's own properties with the globals of its type.
pub(super) fn merged(globals: Option<&Value>, kind: &str, own: Option<&Value>) -> Map<String, Value> {
    let own = own.and_then(Value::as_object).cloned().unwrap_or_default();
    let section = kind.trim_start_matches("AWS::Serverless::");
    match globals.and_then(|globals| globals.get(section)).and_then(Value::as_object) {
        Some(global) => members(global, own),
        None => own,
    }
}

fn members(global: &Map<String, Value>, own: Map<String, Value>) -> Map<String, Value> {
    let mut merged = global.clone();
    for (name, value) in own {
        let value = match merged.get(&name) {
            Some(global) => both(global, value),
            None => value,
        };
        merged.insert(name, value);
    }
    merged
}

/// Maps are merged, lists put one after the other, everything else is the resource's own.
fn both(global: &Value, own: Value) -> Value {
    if is_intrinsic(global) || is_intrinsic(&own) {
        return own;
    }
    match (global, own) {
        (Value::Object(global), Value::Object(own)) => members(global, own).into(),
        (Value::Array(global), Value::Array(own)) => global.iter().cloned().chain(own).collect(),
        (_, own) => own,
    }
}
