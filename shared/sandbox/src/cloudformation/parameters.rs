//! A template's parameters and the values that a request gives them
//! ([parameters](https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html)).

use std::collections::BTreeMap;

use indexmap::IndexMap;
use regex::Regex;
use serde_json::{Map, Value, json};

use super::errors;
use crate::wire::ServiceError;

/// A value that a request gives.
#[derive(Debug, Clone)]
pub(super) struct Given {
    pub(super) key: String,
    pub(super) value: Option<String>,
    pub(super) previous: bool,
}

/// The types that there are. AWS's own types of ids are text here: nothing has them.
const TYPES: [&str; 4] = ["String", "Number", "List<Number>", "CommaDelimitedList"];

/// Shown in place of a value that nobody should see.
const HIDDEN: &str = "****";

fn declared(document: &Value) -> impl Iterator<Item = (&String, &Value)> {
    document.get("Parameters").and_then(Value::as_object).into_iter().flatten()
}

fn text(declaration: &Value, name: &str) -> Option<String> {
    match declaration.get(name)? {
        Value::String(text) => Some(text.clone()),
        Value::Null => None,
        other => Some(other.to_string()),
    }
}

fn flag(declaration: &Value, name: &str) -> bool {
    text(declaration, name).is_some_and(|text| text.eq_ignore_ascii_case("true"))
}

/// Every parameter's value: given, the one that it had, or its default.
pub(super) fn values(
    document: &Value,
    given: &[Given],
    before: Option<&IndexMap<String, String>>,
) -> Result<IndexMap<String, String>, ServiceError> {
    let names: Vec<&String> = declared(document).map(|(name, _)| name).collect();
    let unknown: Vec<&str> =
        given.iter().map(|g| g.key.as_str()).filter(|key| !names.iter().any(|n| n == key)).collect();
    if !unknown.is_empty() {
        return Err(errors::invalid(format!("Parameters: [{}] do not exist in the template", unknown.join(", "))));
    }
    let given: BTreeMap<&str, &Given> = given.iter().map(|given| (given.key.as_str(), given)).collect();
    let (mut values, mut missing) = (IndexMap::new(), Vec::new());
    for (name, declaration) in declared(document) {
        let kind = text(declaration, "Type").unwrap_or_default();
        if !TYPES.contains(&kind.as_str()) {
            let message = format!("parameter {name}: the type {kind} is not supported by the local cloud");
            return Err(errors::format(message));
        }
        let value = match given.get(name.as_str()) {
            Some(given) if given.previous => match before.and_then(|before| before.get(name)) {
                Some(value) => Some(value.clone()),
                None => return Err(errors::invalid(format!("Parameters: [{name}] must have values"))),
            },
            Some(given) => given.value.clone().or_else(|| text(declaration, "Default")),
            None => text(declaration, "Default"),
        };
        match value {
            Some(value) => {
                check(name, declaration, &kind, &value)?;
                values.insert(name.clone(), value);
            }
            None => missing.push(name.as_str()),
        }
    }
    if missing.is_empty() {
        Ok(values)
    } else {
        Err(errors::invalid(format!("Parameters: [{}] must have values", missing.join(", "))))
    }
}

fn check(name: &str, declaration: &Value, kind: &str, value: &str) -> Result<(), ServiceError> {
    let items: Vec<&str> = match kind {
        "String" | "Number" => vec![value],
        _ => value.split(',').map(str::trim).collect(),
    };
    for item in items {
        if let Some(refusal) = refusal(name, declaration, kind, item) {
            let own = text(declaration, "ConstraintDescription");
            let message = own.map(|own| format!("Parameter {name} failed to satisfy constraint: {own}"));
            return Err(errors::invalid(message.unwrap_or(refusal)));
        }
    }
    Ok(())
}

fn refusal(name: &str, declaration: &Value, kind: &str, value: &str) -> Option<String> {
    let allowed = declaration.get("AllowedValues").and_then(Value::as_array);
    let is = |item: &Value| item.as_str().map_or_else(|| item.to_string(), str::to_owned) == value;
    if allowed.is_some_and(|allowed| !allowed.iter().any(is)) {
        return Some(format!("Parameter '{name}' must be one of AllowedValues"));
    }
    let limit = |limit: &str| text(declaration, limit)?.parse::<f64>().ok();
    if kind.contains("Number") {
        let Ok(number) = value.parse::<f64>() else { return Some(format!("Parameter '{name}' must be a number.")) };
        if let Some(least) = limit("MinValue").filter(|least| number < *least) {
            return Some(format!("Parameter '{name}' must be a number not less than {least}"));
        }
        if let Some(most) = limit("MaxValue").filter(|most| number > *most) {
            return Some(format!("Parameter '{name}' must be a number not greater than {most}"));
        }
    }
    let length = u32::try_from(value.chars().count()).map_or(f64::MAX, f64::from);
    if let Some(least) = limit("MinLength").filter(|least| length < *least) {
        return Some(format!("Parameter '{name}' must contain at least {least} characters"));
    }
    if let Some(most) = limit("MaxLength").filter(|most| length > *most) {
        return Some(format!("Parameter '{name}' must contain at most {most} characters"));
    }
    let pattern = text(declaration, "AllowedPattern")?;
    let matches = Regex::new(&format!("^(?:{pattern})$")).is_ok_and(|regex| regex.is_match(value));
    (!matches).then(|| format!("Parameter '{name}' must match pattern {pattern}"))
}

/// Values as answers show them.
pub(super) fn shown(document: &Value, values: &IndexMap<String, String>) -> Vec<Value> {
    let hidden =
        |name: &str| declared(document).any(|(other, declaration)| other == name && flag(declaration, "NoEcho"));
    let show = |(name, value): (&String, &String)| {
        let value = if hidden(name) { HIDDEN } else { value };
        json!({ "ParameterKey": name, "ParameterValue": value })
    };
    values.iter().map(show).collect()
}

/// The parameters that a template declares.
pub(super) fn declarations(document: &Value, with_constraints: bool) -> Vec<Value> {
    let show = |(name, declaration): (&String, &Value)| {
        let mut shown = Map::from_iter([("ParameterKey".to_owned(), Value::from(name.as_str()))]);
        for (member, property) in [("DefaultValue", "Default"), ("Description", "Description")] {
            if let Some(text) = text(declaration, property) {
                shown.insert(member.to_owned(), text.into());
            }
        }
        shown.insert("NoEcho".into(), flag(declaration, "NoEcho").into());
        if with_constraints {
            shown.insert("ParameterType".into(), text(declaration, "Type").unwrap_or_default().into());
            let allowed = declaration.get("AllowedValues").and_then(Value::as_array);
            let allowed =
                allowed.map(|items| items.iter().map(|i| i.as_str().map_or_else(|| i.to_string(), str::to_owned)));
            let constraints =
                allowed.map_or_else(|| json!({}), |allowed| json!({ "AllowedValues": allowed.collect::<Vec<_>>() }));
            shown.insert("ParameterConstraints".into(), constraints);
        }
        Value::Object(shown)
    };
    declared(document).map(show).collect()
}
