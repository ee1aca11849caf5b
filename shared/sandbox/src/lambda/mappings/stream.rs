//! Reading a table's stream
//! ([Using Lambda with DynamoDB](https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html)).
//!
//! The poller wakes up when something was written to the table, and reads until nothing is left; AWS polls four times a
//! second instead.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::time::Instant;

use super::Mapping;
use super::settings::{Settings, Start};
use super::stream_batch::Batch;
use crate::cloud::{Cloud, Service};
use crate::faults::{Delivery, DeliveryFault, Hop};
use crate::lambda::ask;
use crate::wire::{ServiceError, set_member};

/// How often expired items are deleted when nothing else happens, so that their deletions are read.
const SWEEP: Duration = Duration::from_secs(60);
/// The most records of one read
/// ([GetRecords](https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_GetRecords.html)).
const READ: usize = 1000;

/// A shard, and the place in it that is read next.
#[derive(Debug, Clone)]
pub(super) struct Shard {
    pub(super) id: String,
    iterator: Option<String>,
    /// The last record that was done with.
    last: Option<String>,
}

/// Opens the shards where reading begins, so that nothing is missed between now and the first read.
pub(super) async fn open(cloud: &Cloud, stream: &str, settings: &Settings) -> Result<Vec<Shard>, ServiceError> {
    let start = settings.start.unwrap_or(Start::TrimHorizon);
    let mut shards = Vec::new();
    let mut after: Option<String> = None;
    loop {
        let mut input = json!({ "StreamArn": stream });
        if let Some(after) = &after {
            set_member(&mut input, "ExclusiveStartShardId", after.clone());
        }
        let answer = ask(cloud, Service::DynamoDbStreams, "DescribeStream", input).await?;
        let described = answer.pointer("/StreamDescription/Shards").and_then(Value::as_array);
        for id in described.into_iter().flatten().filter_map(|shard| shard.get("ShardId")?.as_str()) {
            let mut shard = Shard { id: id.to_owned(), iterator: None, last: None };
            shard.seek(cloud, stream, start).await?;
            shards.push(shard);
        }
        let last = answer.pointer("/StreamDescription/LastEvaluatedShardId").and_then(Value::as_str);
        match last {
            Some(last) => after = Some(last.to_owned()),
            None => return Ok(shards),
        }
    }
}

/// The writes to the table of a stream.
pub(super) fn changes(cloud: &Cloud, stream: &str) -> watch::Receiver<u64> {
    cloud.dynamodb().changes(stream.split('/').nth(1).unwrap_or_default())
}

impl Shard {
    /// Gets an iterator: after the last record that was done with, or at the start.
    async fn seek(&mut self, cloud: &Cloud, stream: &str, start: Start) -> Result<(), ServiceError> {
        let mut input = json!({ "StreamArn": stream, "ShardId": self.id, "ShardIteratorType": start.as_str() });
        if let Some(last) = &self.last {
            set_member(&mut input, "ShardIteratorType", "AFTER_SEQUENCE_NUMBER");
            set_member(&mut input, "SequenceNumber", last.clone());
        }
        let answer = ask(cloud, Service::DynamoDbStreams, "GetShardIterator", input).await?;
        self.iterator = answer.get("ShardIterator").and_then(Value::as_str).map(str::to_owned);
        Ok(())
    }

    async fn read(&mut self, cloud: &Cloud, most: usize) -> Result<Vec<Value>, ServiceError> {
        let Some(iterator) = &self.iterator else { return Ok(Vec::new()) };
        let input = json!({ "ShardIterator": iterator, "Limit": most.min(READ) });
        let mut answer = ask(cloud, Service::DynamoDbStreams, "GetRecords", input).await?;
        self.iterator = answer.get("NextShardIterator").and_then(Value::as_str).map(str::to_owned);
        Ok(match answer.get_mut("Records").map(Value::take) {
            Some(Value::Array(records)) => records,
            _ => Vec::new(),
        })
    }

    fn passed(&mut self, records: &[Value]) {
        let last = records.last().and_then(|record| record.pointer("/dynamodb/SequenceNumber")?.as_str());
        self.last = last.map(str::to_owned).or(self.last.take());
    }
}

pub(super) async fn poll(cloud: Cloud, mapping: Arc<Mapping>, shards: Vec<Shard>, mut changes: watch::Receiver<u64>) {
    let mut poller = Poller { cloud, mapping, shards };
    loop {
        let written = *changes.borrow_and_update();
        poller.mapping.progress.busy.store(true, Ordering::Release);
        let read = poller.drain().await;
        if read.is_ok() {
            poller.mapping.progress.done.store(written, Ordering::Release);
        }
        poller.mapping.progress.busy.store(false, Ordering::Release);
        if let Err(error) = read {
            tracing::warn!(stream = poller.mapping.source, %error, "a stream could not be read");
            tokio::time::sleep(Duration::from_secs(1)).await;
            continue;
        }
        match tokio::time::timeout(SWEEP, changes.changed()).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) => return,
            Err(_) => poller.cloud.dynamodb().sweep(),
        }
    }
}

struct Poller {
    cloud: Cloud,
    mapping: Arc<Mapping>,
    shards: Vec<Shard>,
}

impl Poller {
    /// Reads all shards until nothing is left.
    async fn drain(&mut self) -> Result<(), ServiceError> {
        let Self { cloud, mapping, shards } = self;
        for shard in shards {
            loop {
                let settings = mapping.settings();
                let records = gather(cloud, mapping, shard, &settings).await?;
                if records.is_empty() {
                    break;
                }
                let batch = Batch { cloud, mapping: mapping.as_ref(), shard: &shard.id, settings: &settings };
                deliver(&batch, &records).await;
                shard.passed(&records);
            }
        }
        Ok(())
    }
}

/// Hands a batch over, as often as it comes.
async fn deliver(batch: &Batch<'_>, records: &[Value]) {
    let arn = batch.mapping.target().arn(batch.cloud);
    let first = records.first().and_then(|record| record.pointer("/dynamodb/SequenceNumber")?.as_str());
    // Only read by who decides on faults.
    let payload = batch.cloud.faults().map(|_| json!({ "Records": records }).to_string()).unwrap_or_default();
    let fault = batch.cloud.delivery_fault(|at| Delivery {
        hop: Hop::Records,
        from: &batch.mapping.source,
        to: &arn,
        id: first.unwrap_or_default(),
        group: None,
        payload: &payload,
        at,
    });
    if let Some(DeliveryFault::Late(time)) = fault {
        tokio::time::sleep(time).await;
    }
    batch.run(records).await;
    if let Some(DeliveryFault::Twice { after }) = fault {
        tokio::time::sleep(after).await;
        batch.run(records).await;
    }
}

/// Collects a batch: until it is full, or the batching window since the first record is over.
async fn gather(
    cloud: &Cloud,
    mapping: &Mapping,
    shard: &mut Shard,
    settings: &Settings,
) -> Result<Vec<Value>, ServiceError> {
    let mut changes = changes(cloud, &mapping.source);
    let mut records: Vec<Value> = Vec::new();
    let mut end = None;
    loop {
        changes.mark_unchanged();
        let room = settings.batch_size.saturating_sub(records.len());
        let more = match shard.read(cloud, room).await {
            Ok(more) => more,
            // Iterators live for fifteen minutes.
            Err(error) if error.code == "ExpiredIteratorException" => {
                shard.passed(&records);
                shard.seek(cloud, &mapping.source, settings.start.unwrap_or(Start::TrimHorizon)).await?;
                continue;
            }
            Err(error) => return Err(error),
        };
        let idle = more.is_empty();
        records.extend(more);
        if records.is_empty() || records.len() >= settings.batch_size {
            return Ok(records);
        }
        let end = *end.get_or_insert_with(|| Instant::now() + settings.window);
        if Instant::now() >= end {
            return Ok(records);
        }
        if idle {
            let _ = tokio::time::timeout_at(end, changes.changed()).await;
        }
    }
}
