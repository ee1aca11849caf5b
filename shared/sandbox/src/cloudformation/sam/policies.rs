//! `Policies`: names, ARNs, documents, policy templates, and choices between them.

use serde_json::Value;

use super::{Source, is_intrinsic, templates};

/// One entry.
#[derive(Debug)]
pub(super) enum Policy {
    /// The ARN of a managed policy.
    Managed(Value),
    /// A document.
    Inline(Value),
    /// A condition's name and the document for each of its outcomes.
    Conditional(Value, Option<Value>, Option<Value>),
}

pub(super) fn read(source: &Source<'_>) -> Result<Vec<Policy>, String> {
    let entries: Vec<&Value> = match source.get("Policies") {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(entries)) => entries.iter().collect(),
        Some(entry) => vec![entry],
    };
    let mut found = Vec::new();
    for entry in entries {
        // One entry may hold several policy templates.
        match entry.as_object().filter(|members| is_template(members) && members.len() > 1) {
            Some(members) => {
                for (name, values) in members {
                    let document = templates::document(name, values).map_err(|message| source.error(message))?;
                    found.push(Policy::Inline(document));
                }
            }
            None => found.push(one(source, entry)?),
        }
    }
    Ok(found)
}

fn is_template(members: &serde_json::Map<String, Value>) -> bool {
    !members.is_empty() && members.keys().all(|name| name.ends_with("Policy") || name.ends_with("Policy_v2"))
}

fn one(source: &Source<'_>, entry: &Value) -> Result<Policy, String> {
    match entry {
        Value::String(name) => Ok(Policy::Managed(managed(name))),
        Value::Object(members) => {
            if let Some(choice) = members.get("Fn::If").and_then(Value::as_array) {
                let [condition, yes, no] = choice.as_slice() else {
                    return Err(source.error("Fn::If takes a condition's name and two values"));
                };
                return conditional(source, condition, yes, no);
            }
            if is_intrinsic(entry) {
                return Ok(Policy::Managed(entry.clone()));
            }
            document(source, entry).map(Policy::Inline)
        }
        _ => Err(source.error("a policy must be a name, an ARN, a document or a policy template")),
    }
}

fn document(source: &Source<'_>, entry: &Value) -> Result<Value, String> {
    match entry.as_object().filter(|members| is_template(members)).and_then(|members| members.iter().next()) {
        Some((name, values)) => templates::document(name, values).map_err(|message| source.error(message)),
        None if entry.get("Statement").is_some() => Ok(entry.clone()),
        None => Err(source.error("a policy document must have a Statement")),
    }
}

fn conditional(source: &Source<'_>, condition: &Value, yes: &Value, no: &Value) -> Result<Policy, String> {
    let nothing = |value: &Value| value.get("Ref").and_then(Value::as_str) == Some("AWS::NoValue");
    // A choice of managed policies stays a choice of ARNs.
    let plain = |value: &Value| value.is_string() || (is_intrinsic(value) && !nothing(value));
    if plain(yes) || plain(no) {
        let arn = |value: &Value| value.as_str().map_or_else(|| value.clone(), managed);
        return Ok(Policy::Managed(serde_json::json!({ "Fn::If": [condition, arn(yes), arn(no)] })));
    }
    let branch = |value: &Value| if nothing(value) { Ok(None) } else { document(source, value).map(Some) };
    Ok(Policy::Conditional(condition.clone(), branch(yes)?, branch(no)?))
}

/// Names of AWS's managed policies stand for their ARNs.
fn managed(name: &str) -> Value {
    if name.starts_with("arn:") {
        return name.into();
    }
    let service = name.starts_with("AWSLambda") && name.ends_with("Role");
    let path = if service { "service-role/" } else { "" };
    format!("arn:aws:iam::aws:policy/{path}{name}").into()
}
