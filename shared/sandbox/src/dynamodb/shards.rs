//! Streams as AWS shows them: shard ids of AWS's length, one open shard, ids of records that repeat with the seed.

use serde_json::{Map, Value, json};

use crate::hash::md5_hex;
use crate::wire::ServiceError;

/// A request as dynoxide takes it, and what of the original the answer depends on.
pub(super) struct Request {
    pub(super) input: Value,
    after_shard: Option<String>,
    after_stream: Option<String>,
    limit: Option<usize>,
}

/// The one shard of a table's stream. AWS's ids are at least 28 characters
/// ([Shard](https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_Shard.html)).
fn public_shard(table: &str) -> String {
    let suffix: String = md5_hex(table.as_bytes()).chars().take(8).collect();
    format!("shardId-00000000000000000001-{suffix}")
}

pub(super) fn inward(operation: &str, mut input: Value) -> Result<Request, ServiceError> {
    let mut request = Request { input: Value::Null, after_shard: None, after_stream: None, limit: None };
    if let Some(members) = input.as_object_mut() {
        match operation {
            "ListStreams" => {
                request.after_stream = take_text(members, "ExclusiveStartStreamArn");
                request.limit = members.remove("Limit").and_then(|v| v.as_u64()).and_then(|n| usize::try_from(n).ok());
            }
            "DescribeStream" => request.after_shard = take_text(members, "ExclusiveStartShardId"),
            "GetShardIterator" => own_shard(members)?,
            _ => {}
        }
    }
    request.input = input;
    Ok(request)
}

fn take_text(members: &mut Map<String, Value>, name: &str) -> Option<String> {
    members.remove(name).and_then(|v| v.as_str().map(str::to_owned))
}

fn own_shard(members: &mut Map<String, Value>) -> Result<(), ServiceError> {
    let stream = members.get("StreamArn").and_then(Value::as_str).unwrap_or_default();
    let table = stream.split('/').nth(1).unwrap_or_default().to_owned();
    let shard = members.get("ShardId").and_then(Value::as_str).unwrap_or_default();
    if shard != public_shard(&table) {
        let message = format!("Requested resource not found: Shard: {shard} in Stream: {stream} not found");
        return Err(ServiceError::new("ResourceNotFoundException", message));
    }
    members.insert("ShardId".into(), dynoxide::streams::shard_id(&table).into());
    Ok(())
}

pub(super) fn outward(request: &Request, output: &mut Value) {
    if let Some(stream) = output.get_mut("StreamDescription") {
        describe(request, stream);
    }
    if let Some(Value::Array(records)) = output.get_mut("Records") {
        records.iter_mut().for_each(name_record);
    }
    if output.get("Streams").is_some() {
        page(request, output);
    }
}

fn describe(request: &Request, stream: &mut Value) {
    let shard = public_shard(stream.get("TableName").and_then(Value::as_str).unwrap_or_default());
    if request.after_shard.as_deref() == Some(&shard) {
        if let Some(members) = stream.as_object_mut() {
            members.insert("Shards".into(), json!([]));
        }
        return;
    }
    for entry in stream.get_mut("Shards").and_then(Value::as_array_mut).into_iter().flatten() {
        if let Some(members) = entry.as_object_mut() {
            members.insert("ShardId".into(), shard.clone().into());
            // An ending number would say that the shard is closed.
            if let Some(range) = members.get_mut("SequenceNumberRange").and_then(Value::as_object_mut) {
                range.remove("EndingSequenceNumber");
            }
        }
    }
}

/// Dynoxide's ids of records are random; these come from what the record is.
fn name_record(record: &mut Value) {
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

fn page(request: &Request, output: &mut Value) {
    let Some(Value::Array(streams)) = output.get_mut("Streams") else { return };
    if let Some(after) = &request.after_stream {
        let position = streams.iter().position(|s| s.get("StreamArn").and_then(Value::as_str) == Some(after));
        streams.drain(..position.map_or(0, |p| p + 1));
    }
    let limit = request.limit.unwrap_or(100);
    if streams.len() > limit {
        streams.truncate(limit);
        let last = streams.last().and_then(|s| s.get("StreamArn")).cloned().unwrap_or_default();
        if let Some(members) = output.as_object_mut() {
            members.insert("LastEvaluatedStreamArn".into(), last);
        }
    }
}
