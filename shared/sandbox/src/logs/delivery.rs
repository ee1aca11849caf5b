//! Taking matching events to a function
//! ([Subscription filters with Lambda](https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html#LambdaFunctionExample)).

use std::io::Write;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use super::State;
use super::streams::Event;
use super::subscriptions::Filter;
use crate::cloud::{Cloud, Service};
use crate::faults::{Delivery, DeliveryFault, Hop};

/// How long events of a stream are collected for one call, and how many at most.
const WINDOW: Duration = Duration::from_millis(100);
const MOST_EVENTS: usize = 500;
const MOST_BYTES: usize = 512 * 1024;

/// How often a call that cannot be taken now is tried, a second apart and then twice as long each time.
const ATTEMPTS: u32 = 6;

/// Events are collected by stream and filter.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    pub(super) destination: String,
    pub(super) group: String,
    pub(super) stream: String,
    pub(super) filter: String,
}

pub(super) struct Batch {
    number: u64,
    bytes: usize,
    events: Vec<Event>,
}

/// Adds events to the batch of their stream; the first one starts the wait for more.
pub(super) fn enqueue(
    cloud: &Cloud,
    state: &mut State,
    group: &str,
    stream: &str,
    filter: &Filter,
    events: Vec<Event>,
) {
    if events.is_empty() {
        return;
    }
    let key = Key {
        destination: filter.destination.clone(),
        group: group.to_owned(),
        stream: stream.to_owned(),
        filter: filter.name.clone(),
    };
    for event in events {
        let batch = state.batches.entry(key.clone()).or_insert_with(|| {
            tokio::spawn(deliver_later(cloud.clone(), key.clone(), event.number));
            Batch { number: event.number, bytes: 0, events: Vec::new() }
        });
        batch.bytes += event.message.len();
        batch.events.push(event);
        let full = batch.events.len() >= MOST_EVENTS || batch.bytes >= MOST_BYTES;
        if full && let Some(batch) = take(state, &key) {
            tokio::spawn(deliver(cloud.clone(), key.clone(), batch));
        }
    }
}

/// Takes a batch out; until it is delivered it counts as under way.
fn take(state: &mut State, key: &Key) -> Option<Batch> {
    let batch = state.batches.remove(key)?;
    state.delivering.insert(batch.number, key.destination.clone());
    Some(batch)
}

async fn deliver_later(cloud: Cloud, key: Key, number: u64) {
    tokio::time::sleep(WINDOW).await;
    let batch = {
        let mut state = cloud.logs().state();
        let same = state.batches.get(&key).is_some_and(|batch| batch.number == number);
        if same { take(&mut state, &key) } else { None }
    };
    if let Some(batch) = batch {
        deliver(cloud, key, batch).await;
    }
}

async fn deliver(cloud: Cloud, key: Key, batch: Batch) {
    let payload = payload(&cloud, &key, &batch.events);
    if let Some(DeliveryFault::Late(time)) = fault(&cloud, &key, &payload) {
        tokio::time::sleep(time).await;
    }
    let input = json!({ "FunctionName": key.destination, "InvocationType": "Event", "Payload": payload });
    let mut wait = Duration::from_secs(1);
    for attempt in 1..=ATTEMPTS {
        match cloud.call(Service::Lambda, "Invoke", input.clone()).await {
            Ok(_) => break,
            Err(error) if attempt < ATTEMPTS && (error.status == 429 || error.status >= 500 && error.status != 501) => {
                tokio::time::sleep(wait).await;
                wait *= 2;
            }
            Err(error) => {
                let lines = batch.events.len();
                tracing::error!(%error, filter = key.filter, function = key.destination, lines, "log lines were not delivered");
                break;
            }
        }
    }
    cloud.logs().state().delivering.remove(&batch.number);
}

fn fault(cloud: &Cloud, key: &Key, payload: &str) -> Option<DeliveryFault> {
    cloud.faults()?;
    let group = cloud.arn("logs", &format!("log-group:{}", key.group));
    cloud.delivery_fault(|at| Delivery {
        hop: Hop::LogLines,
        from: &group,
        to: &key.destination,
        id: &key.stream,
        group: None,
        payload,
        at,
    })
}

/// What the function is invoked with.
pub(super) fn payload(cloud: &Cloud, key: &Key, events: &[Event]) -> String {
    let events: Vec<Value> = events
        .iter()
        .map(|event| json!({ "id": event.id(), "timestamp": event.time, "message": event.message }))
        .collect();
    let message = json!({
        "messageType": "DATA_MESSAGE",
        "owner": cloud.account(),
        "logGroup": key.group,
        "logStream": key.stream,
        "subscriptionFilters": [key.filter],
        "logEvents": events,
    });
    json!({ "awslogs": { "data": STANDARD.encode(compress(message.to_string().as_bytes())) } }).to_string()
}

fn compress(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    // Writing to a vector does not fail.
    let _ = encoder.write_all(bytes);
    encoder.finish().unwrap_or_default()
}
