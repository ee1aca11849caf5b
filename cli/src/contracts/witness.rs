//! An event that one schema accepts and the other refuses.
//!
//! Samples are tried first, as they are and then changed in one place: such an event reads like a real one. What the prover
//! found comes last.

use std::path::Path;

use jsonschema::Validator;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::folder;
use super::spots::{self, Spot};
use crate::error::CliError;

/// An event that shows an incompatibility.
#[derive(Debug, Serialize)]
pub(super) struct Witness {
    /// The event.
    pub(super) event: Value,
    /// Why it is refused, one line for each place of its data.
    pub(super) refused: Vec<String>,
}

/// The registry's samples of the version whose schema is at `path`: whole events.
pub(super) fn samples(registry: &Path, path: &str) -> Result<Vec<Value>, CliError> {
    let Some((event_type, name)) = path.split_once('/') else { return Ok(Vec::new()) };
    let version = name.trim_start_matches('v').trim_end_matches(".schema.json").parse::<u32>().ok();
    let samples = registry.join(event_type).join("samples");
    let mut events = Vec::new();
    for name in folder::names(&samples)?.into_iter().filter(|name| name.ends_with(".json")) {
        events.extend(folder::json(&samples.join(name))?);
    }
    events.retain(|event| event.get("schemaversion").and_then(Value::as_u64) == version.map(u64::from));
    Ok(events)
}

/// An event that `accepts` accepts and `refuses` refuses.
pub(super) fn find(accepts: &Value, refuses: &Value, samples: &[Value], proved: Option<&Value>) -> Option<Witness> {
    let accepted = jsonschema::validator_for(accepts).ok()?;
    let refused = jsonschema::validator_for(refuses).ok()?;
    let shows = |data: &Value| accepted.is_valid(data) && !refused.is_valid(data);
    let (sample, data) = samples
        .iter()
        .filter_map(|sample| Some((sample, sample.get("data")?)))
        .flat_map(|(sample, data)| candidates(accepts, refuses, data).map(move |data| (Some(sample), data)))
        .find(|(_, data)| shows(data))
        .or_else(|| proved.filter(|data| shows(data)).map(|data| (samples.first(), data.clone())))?;
    Some(Witness { refused: reasons(&refused, &data), event: event(sample, data) })
}

fn event(sample: Option<&Value>, data: Value) -> Value {
    let mut event = sample.and_then(Value::as_object).cloned().unwrap_or_default();
    event.insert("data".to_owned(), data);
    Value::Object(event)
}

fn reasons(validator: &Validator, data: &Value) -> Vec<String> {
    let reason = |error: jsonschema::ValidationError<'_>| {
        let at = error.instance_path().to_string();
        if at.is_empty() { error.to_string() } else { format!("{at}: {error}") }
    };
    validator.iter_errors(data).map(reason).collect()
}

/// The data as it is, then changed in one place: members left out, then other values, then members added.
fn candidates(accepts: &Value, refuses: &Value, data: &Value) -> impl Iterator<Item = Value> {
    let spots = |schema| spots::of(schema, data);
    let (ours, theirs) = (spots(accepts), spots(refuses));
    let mut found = vec![data.clone()];
    found.extend(ours.iter().filter_map(|spot| without(data, &spot.pointer)));
    for spot in ours.iter().chain(&theirs) {
        let values = spot.schema.map(values).unwrap_or_default();
        found.extend(values.into_iter().filter_map(|value| with(data, &spot.pointer, value)));
    }
    found.extend(ours.iter().chain(&theirs).flat_map(|spot| added(accepts, refuses, data, spot)));
    found.into_iter()
}

/// The data without the member at `pointer`, or with a list's item left out.
fn without(data: &Value, pointer: &str) -> Option<Value> {
    let (parent, name) = pointer.rsplit_once('/')?;
    let mut data = data.clone();
    match data.pointer_mut(parent)? {
        Value::Object(members) => drop(members.shift_remove(&name.replace("~1", "/").replace("~0", "~"))?),
        Value::Array(items) => drop(items.remove(name.parse().ok().filter(|at| *at < items.len())?)),
        _ => return None,
    }
    Some(data)
}

fn with(data: &Value, pointer: &str, value: Value) -> Option<Value> {
    let mut data = data.clone();
    *data.pointer_mut(pointer)? = value;
    Some(data)
}

/// The data with a member that it lacks, of those that a schema names there.
fn added(accepts: &Value, refuses: &Value, data: &Value, spot: &Spot<'_>) -> Vec<Value> {
    let Some(Value::Object(members)) = data.pointer(&spot.pointer) else { return Vec::new() };
    let properties = spot.schema.and_then(|schema| schema.get("properties")?.as_object());
    let missing = properties.into_iter().flatten().filter(|(name, _)| !members.contains_key(*name));
    let root_of =
        |schema: &Value| [accepts, refuses].into_iter().find_map(|root| spots::follow(root, schema)).map(values);
    let with_member = |(name, schema): (&String, &Value)| {
        let values = root_of(schema).unwrap_or_default();
        values
            .into_iter()
            .filter_map(|value| {
                let mut members: Map<String, Value> = members.clone();
                members.insert(name.clone(), value);
                with(data, &spot.pointer, Value::Object(members))
            })
            .collect::<Vec<_>>()
    };
    missing.flat_map(with_member).collect()
}

/// Values at the edges of what a schema says, and of every JSON type.
fn values(schema: &Value) -> Vec<Value> {
    let mut values = Vec::new();
    values.extend(schema.get("const").cloned());
    values.extend(schema.get("enum").and_then(Value::as_array).cloned().unwrap_or_default());
    for key in ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"] {
        let edge = schema.get(key).and_then(Value::as_i64);
        values.extend(
            edge.into_iter().flat_map(|edge| [edge, edge.saturating_sub(1), edge.saturating_add(1)]).map(Value::from),
        );
    }
    for key in ["minLength", "maxLength"] {
        let edge = schema.get(key).and_then(Value::as_u64).and_then(|edge| usize::try_from(edge).ok());
        let edges =
            edge.filter(|edge| *edge < 10_000).into_iter().flat_map(|edge| [edge, edge.saturating_sub(1), edge + 1]);
        values.extend(edges.map(|length| Value::from("x".repeat(length))));
    }
    values.extend([
        json!("text"),
        json!(""),
        json!(1),
        json!(0),
        json!(-1),
        json!(0.5),
        json!(true),
        json!(null),
        json!([]),
        json!({}),
    ]);
    values
}
