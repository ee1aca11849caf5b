//! An event that one schema accepts and the other refuses.
//!
//! Samples are tried first, as they are and then changed in one place: such an event reads like a real one. What the prover
//! found comes last.

use std::path::Path;

use jsonschema::Validator;
use serde::Serialize;
use serde_json::{Value, json};

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

/// Two schemas of which one accepts what the other refuses.
#[derive(Clone, Copy)]
pub(super) struct Pair<'a> {
    /// The schema that the event is of.
    pub(super) accepts: &'a Value,
    /// The schema of its consumer.
    pub(super) refuses: &'a Value,
    /// The event has only members that its schema names, as stored events do.
    pub(super) named: bool,
}

/// The registry's samples of the version whose schema is at `path`: whole events.
pub(super) fn samples(registry: &Path, path: &str) -> Result<Vec<Value>, CliError> {
    let Some((event_type, name)) = path.split_once('/') else { return Ok(Vec::new()) };
    let version = name.trim_start_matches('v').trim_end_matches(".schema.json").parse::<u32>().ok();
    let samples = registry.join(event_type).join("samples");
    let mut events = Vec::new();
    let mut names = folder::names(&samples)?;
    // The generated one first: the others tell stories of their own.
    names.sort_by_key(|of| name.strip_suffix("schema.json") != of.strip_suffix("json"));
    for name in names.into_iter().filter(|name| name.ends_with(".json")) {
        events.extend(folder::json(&samples.join(name))?);
    }
    events.retain(|event| event.get("schemaversion").and_then(Value::as_u64) == version.map(u64::from));
    Ok(events)
}

/// An event that `accepts` accepts and `refuses` refuses.
pub(super) fn find(pair: Pair<'_>, samples: &[Value], proved: Option<&Value>) -> Option<Witness> {
    let accepted = jsonschema::validator_for(pair.accepts).ok()?;
    let refused = jsonschema::validator_for(pair.refuses).ok()?;
    let shows = |data: &Value| accepted.is_valid(data) && !refused.is_valid(data);
    let with_data = samples.iter().filter_map(|sample| Some((sample, sample.get("data")?)));
    let found = with_data
        .flat_map(|(sample, data)| candidates(pair, data, proved).into_iter().map(move |data| (Some(sample), data)))
        .find(|(_, data)| shows(data));
    let proved = proved.filter(|data| shows(data)).map(|data| (samples.first(), data.clone()));
    let (sample, data) = found.or(proved)?;
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

/// The data as it is, then changed in one place: members left out, then other values, then members added, then values of
/// what the prover found.
fn candidates(pair: Pair<'_>, data: &Value, proved: Option<&Value>) -> Vec<Value> {
    let data = &if pair.named { only_named(pair.accepts, data) } else { data.clone() };
    let (of, by) = (spots::of(pair.accepts, data), spots::of(pair.refuses, data));
    let mut found = vec![data.clone()];
    found.extend(of.iter().filter_map(|spot| without(data, &spot.pointer)));
    for spot in of.iter().chain(&by) {
        let values = spot.schema.map(values).unwrap_or_default();
        found.extend(values.into_iter().filter_map(|value| with(data, &spot.pointer, value)));
    }
    // Both have a spot for each place of the data, in the same order.
    found.extend(of.iter().zip(&by).flat_map(|(of, by)| added(pair, data, of, by)));
    found.extend(proved.into_iter().flat_map(|proved| taken_over(pair, data, &of, proved)));
    found
}

/// The data with one value taken over from the same place of `proved`; all items of a list are the same place.
fn taken_over(pair: Pair<'_>, data: &Value, spots: &[Spot<'_>], proved: &Value) -> Vec<Value> {
    let place = |pointer: &str| pointer.replace(|digit: char| digit.is_ascii_digit(), "");
    let mut found = Vec::new();
    for theirs in spots::of(pair.accepts, proved) {
        let same = spots.iter().filter(|ours| place(&ours.pointer) == place(&theirs.pointer));
        let value = proved.pointer(&theirs.pointer);
        found.extend(same.filter_map(|ours| with(data, &ours.pointer, value?.clone())));
    }
    // The smallest change first: a value inside of others comes after them.
    found.reverse();
    found
}

/// The data without the members that the schema does not name.
fn only_named(schema: &Value, data: &Value) -> Value {
    let spots = spots::of(schema, data);
    let unnamed = spots.iter().rev().filter(|spot| spot.unnamed);
    unnamed.fold(data.clone(), |data, spot| without(&data, &spot.pointer).unwrap_or(data))
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

/// The data with a member that it lacks, of those that the consumer's schema names there.
fn added(pair: Pair<'_>, data: &Value, of: &Spot<'_>, by: &Spot<'_>) -> Vec<Value> {
    let Some(Value::Object(members)) = data.pointer(&by.pointer) else { return Vec::new() };
    let missing = by.properties().filter(|(name, _)| !members.contains_key(*name));
    let missing = missing.filter(|(name, _)| !pair.named || of.properties().any(|(named, _)| named == *name));
    let mut found = Vec::new();
    for (name, schema) in missing {
        for value in spots::follow(pair.refuses, schema).map(values).unwrap_or_default() {
            let mut members = members.clone();
            members.insert(name.clone(), value);
            found.extend(with(data, &by.pointer, Value::Object(members)));
        }
    }
    found
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
