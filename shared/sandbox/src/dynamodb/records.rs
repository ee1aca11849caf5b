//! The records of a stream: those that changed something, with the images that the stream shows.

use serde_json::{Value, json};

use super::shards::Cursor;
use super::tables::View;
use super::{dispatch, names};
use crate::cloud::Cloud;
use crate::hash::md5_hex;
use crate::wire::{Answer, ServiceError, set_member};

/// Reads on from an iterator. A page is empty only when nothing is left.
pub(super) fn read(cloud: &Cloud, input: &Value) -> Answer {
    let service = cloud.dynamodb();
    let text = input.get("ShardIterator").and_then(Value::as_str).unwrap_or_default();
    let mut iterator = Cursor::read(text)?;
    let view = service.state().tables.get(iterator.table()).map(super::tables::Facts::view).unwrap_or_default();
    let first = iterator.first_number();
    loop {
        let mut request = json!({ "ShardIterator": iterator.theirs });
        if let Some(limit) = input.get("Limit") {
            set_member(&mut request, "Limit", limit.clone());
        }
        let mut answer = dispatch::run_streams(service.database()?, "GetRecords", request)?;
        let Some(Value::Array(mut records)) = answer.get_mut("Records").map(Value::take) else { return Ok(answer) };
        answer.get("NextShardIterator").and_then(Value::as_str).unwrap_or_default().clone_into(&mut iterator.theirs);
        let end = records.is_empty();
        // Dynoxide has one shard for all streams that a table ever had.
        records.retain(|record| number(record) >= first && changed(record));
        if end || !records.is_empty() {
            records.iter_mut().try_for_each(|record| show(record, view))?;
            let mut page = json!({ "Records": records, "NextShardIterator": iterator.to_string() });
            names::outward(cloud, &mut page);
            return Ok(page);
        }
    }
}

fn number(record: &Value) -> u128 {
    let number = record.pointer("/dynamodb/SequenceNumber").and_then(Value::as_str);
    number.and_then(|number| number.parse().ok()).unwrap_or_default()
}

/// [A write that does not change an item](https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html)
/// leaves no record.
fn changed(record: &Value) -> bool {
    let image = |name| record.get("dynamodb").and_then(|change| change.get(name));
    match (image("OldImage"), image("NewImage")) {
        (Some(old), Some(new)) => !same(old, new),
        _ => true,
    }
}

/// Whether two items, or two values in them, are the same. Sets have no order.
fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one.iter().all(|(name, value)| {
                    other.get(name).is_some_and(|other| match (name.as_str(), value, other) {
                        ("SS" | "NS" | "BS", Value::Array(one), Value::Array(other)) => same_set(one, other),
                        _ => same(value, other),
                    })
                })
        }
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
        }
        _ => one == other,
    }
}

fn same_set(one: &[Value], other: &[Value]) -> bool {
    one.len() == other.len() && one.iter().all(|value| other.contains(value))
}

fn show(record: &mut Value, view: View) -> Result<(), ServiceError> {
    name(record);
    let Some(change) = record.get_mut("dynamodb").and_then(Value::as_object_mut) else { return Ok(()) };
    if !view.shows_old() {
        change.shift_remove("OldImage");
    }
    if !view.shows_new() {
        change.shift_remove("NewImage");
    }
    change.insert("StreamViewType".into(), view.as_str().into());
    let shown = ["Keys", "NewImage", "OldImage"].into_iter().filter_map(|part| change.get(part));
    let size = shown.map(size).sum::<Result<usize, _>>()?;
    change.insert("SizeBytes".into(), size.into());
    Ok(())
}

fn size(item: &Value) -> Result<usize, ServiceError> {
    if let Some(size) = super::direct::size(item) {
        return Ok(size);
    }
    let item: dynoxide::Item = serde_json::from_value(item.clone())
        .map_err(|error| ServiceError::new("InternalServerError", error.to_string()).status(500))?;
    Ok(dynoxide::types::item_size(&item))
}

/// Dynoxide's ids of records are random; these come from what the record is.
fn name(record: &mut Value) {
    let keys = record.pointer("/dynamodb/Keys").map(|keys| {
        let mut keys = keys.clone();
        keys.sort_all_objects();
        keys.to_string()
    });
    let sequence = record.pointer("/dynamodb/SequenceNumber").and_then(Value::as_str).unwrap_or_default();
    let id = md5_hex(format!("{sequence} {}", keys.unwrap_or_default()).as_bytes());
    if let Some(members) = record.as_object_mut() {
        members.insert("eventID".into(), id.into());
        // The API's members are capitalised; in what Lambda is given they are not.
        if let Some(Value::Object(identity)) = members.get_mut("userIdentity") {
            for (own, api) in [("type", "Type"), ("principalId", "PrincipalId")] {
                if let Some(value) = identity.remove(own) {
                    identity.insert(api.into(), value);
                }
            }
        }
    }
}
