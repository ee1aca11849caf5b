//! Streams as AWS shows them: shard ids of AWS's length, one open shard, iterators that name their stream.

use std::fmt;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};

use super::tables::Facts;
use super::{dispatch, names};
use crate::cloud::Cloud;
use crate::hash::md5_hex;
use crate::wire::{ServiceError, set_member};

/// A request as dynoxide takes it, and what of the original the answer depends on.
pub(super) struct Request {
    pub(super) input: Value,
    /// The table that has the stream.
    table: Value,
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

/// A place in the shard of a stream, as AWS writes one: the stream's ARN, a version, and what only the service reads
/// ([GetShardIterator](https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_GetShardIterator.html)).
pub(super) struct Cursor {
    stream: String,
    pub(super) theirs: String,
}

impl Cursor {
    pub(super) fn read(text: &str) -> Result<Self, ServiceError> {
        let parts = text.split_once("|1|").filter(|(stream, _)| stream.contains("/stream/"));
        let (stream, theirs) =
            parts.ok_or_else(|| ServiceError::new("ValidationException", "Invalid ShardIterator"))?;
        Ok(Self { stream: stream.to_owned(), theirs: theirs.to_owned() })
    }

    /// The name of the stream's table.
    pub(super) fn table(&self) -> &str {
        table_of(&self.stream)
    }

    /// The number before all those of the stream's records.
    pub(super) fn first_number(&self) -> u128 {
        let (_, label) = self.stream.rsplit_once("/stream/").unwrap_or_default();
        first_number(label)
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}|1|{}", self.stream, self.theirs)
    }
}

fn table_of(stream: &str) -> &str {
    stream.split('/').nth(1).unwrap_or_default()
}

/// When a stream was made, in microseconds.
fn made(label: &str) -> i64 {
    let time = label.parse::<DateTime>().ok().and_then(|time| time.to_zoned(TimeZone::UTC).ok());
    time.map_or(0, |time| time.timestamp().as_microsecond())
}

/// Dynoxide numbers records by the microsecond, from this number; a stream's label has milliseconds.
fn first_number(label: &str) -> u128 {
    const ORIGIN: u128 = 100_000_000_000_000_000_000;
    ORIGIN + u128::try_from(made(label) - 1000).unwrap_or_default()
}

/// The description of the table that has a stream.
fn table(cloud: &Cloud, stream: &str) -> Result<Value, ServiceError> {
    let database = cloud.dynamodb().database()?;
    let described = dispatch::run(database, "DescribeTable", json!({ "TableName": table_of(stream) }));
    let mut table = described.ok().and_then(|mut described| described.get_mut("Table").map(Value::take));
    if let Some(table) = &mut table {
        names::outward(cloud, table);
    }
    table.filter(|table| table.get("LatestStreamArn").and_then(Value::as_str) == Some(stream)).ok_or_else(|| {
        let message = format!("Requested resource not found: Stream: {stream} not found");
        ServiceError::new("ResourceNotFoundException", message)
    })
}

/// Makes a request one for dynoxide; its stream has to be there.
pub(super) fn inward(cloud: &Cloud, operation: &str, mut input: Value) -> Result<Request, ServiceError> {
    let mut request =
        Request { input: Value::Null, table: Value::Null, after_shard: None, after_stream: None, limit: None };
    if let Some(members) = input.as_object_mut() {
        match operation {
            "ListStreams" => {
                request.after_stream = take_text(members, "ExclusiveStartStreamArn");
                request.limit = members.remove("Limit").and_then(|v| v.as_u64()).and_then(|n| usize::try_from(n).ok());
            }
            "DescribeStream" => {
                request.table = table(cloud, stream_of(members))?;
                request.after_shard = take_text(members, "ExclusiveStartShardId");
            }
            "GetShardIterator" => {
                request.table = table(cloud, stream_of(members))?;
                own_shard(members)?;
            }
            _ => {}
        }
    }
    names::inward(cloud, &mut input);
    request.input = input;
    Ok(request)
}

fn stream_of(members: &Map<String, Value>) -> &str {
    members.get("StreamArn").and_then(Value::as_str).unwrap_or_default()
}

fn take_text(members: &mut Map<String, Value>, name: &str) -> Option<String> {
    members.remove(name).and_then(|v| v.as_str().map(str::to_owned))
}

fn own_shard(members: &mut Map<String, Value>) -> Result<(), ServiceError> {
    let stream = stream_of(members);
    let table = table_of(stream).to_owned();
    let shard = members.get("ShardId").and_then(Value::as_str).unwrap_or_default();
    if shard != public_shard(&table) {
        let message = format!("Requested resource not found: Shard: {shard} in Stream: {stream} not found");
        return Err(ServiceError::new("ResourceNotFoundException", message));
    }
    members.insert("ShardId".into(), dynoxide::streams::shard_id(&table).into());
    Ok(())
}

pub(super) fn outward(request: &Request, facts: Option<&Facts>, output: &mut Value) {
    if let Some(stream) = output.get_mut("StreamDescription") {
        describe(request, facts, stream);
    }
    if let Some(Value::String(theirs)) = output.get_mut("ShardIterator") {
        let stream = request.table.get("LatestStreamArn").and_then(Value::as_str).unwrap_or_default();
        *theirs = Cursor { stream: stream.to_owned(), theirs: theirs.clone() }.to_string();
    }
    if output.get("Streams").is_some() {
        page(request, output);
    }
}

/// The name of the table whose stream was asked for.
pub(super) fn asked_for(request: &Request) -> &str {
    request.table.get("TableName").and_then(Value::as_str).unwrap_or_default()
}

fn describe(request: &Request, facts: Option<&Facts>, stream: &mut Value) {
    let label = stream.get("StreamLabel").and_then(Value::as_str).unwrap_or_default().to_owned();
    #[expect(clippy::cast_precision_loss, reason = "AWS's times are seconds with a fraction")]
    set_member(stream, "CreationRequestDateTime", made(&label) as f64 / 1e6);
    set_member(stream, "KeySchema", request.table.get("KeySchema").cloned().unwrap_or_default());
    if let Some(facts) = facts {
        set_member(stream, "StreamViewType", facts.view().as_str());
    }
    let shard = public_shard(asked_for(request));
    let shards = match request.after_shard.as_deref() == Some(&shard) {
        true => json!([]),
        // An ending number would say that the shard is closed.
        false => {
            let range = json!({ "StartingSequenceNumber": first_number(&label).to_string() });
            json!([{ "ShardId": shard, "SequenceNumberRange": range }])
        }
    };
    set_member(stream, "Shards", shards);
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
