//! Reading a queue
//! ([Using Lambda with Amazon SQS](https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html)).
//!
//! Long polling, a batch at a time; batches run beside each other up to a limit. A FIFO queue itself keeps further
//! messages of a group back while some are in flight.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value, json};
use tokio::sync::Semaphore;
use tokio::time::Instant;

use super::Mapping;
use super::response::{Verdict, read};
use super::settings::Settings;
use crate::cloud::{Cloud, Service};
use crate::faults::Trigger;
use crate::lambda::ask;
use crate::lambda::errors;
use crate::lambda::invoke::{Event, run};
use crate::wire::{ServiceError, json_text, set_member};

/// The batches that a new mapping runs beside each other
/// ([scaling](https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html)); Lambda adds more under load, this
/// machine does not.
const BATCHES: usize = 5;
/// The longest poll, in seconds.
const WAIT: u64 = 20;
/// The most messages of one receive.
const RECEIVE: usize = 10;
/// The most bytes of a batch.
const BYTES: usize = crate::lambda::limits::REQUEST;

pub(super) async fn poll(cloud: Cloud, mapping: Arc<Mapping>, url: Value) {
    let settings = mapping.settings();
    let gate = Arc::new(Semaphore::new(settings.maximum_concurrency.unwrap_or(BATCHES)));
    let reader = Reader { cloud: cloud.clone(), mapping: mapping.clone(), url };
    loop {
        let Ok(permit) = gate.clone().acquire_owned().await else { return };
        let settings = mapping.settings();
        match reader.gather(&settings).await {
            Ok(messages) => {
                let batch = Batch { reader: reader.clone(), settings, messages };
                cloud.lambda().tasks().start(async move {
                    batch.run().await;
                    drop(permit);
                });
            }
            Err(error) => {
                tracing::warn!(queue = mapping.source, %error, "a queue could not be read");
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }
    }
}

#[derive(Clone)]
struct Reader {
    cloud: Cloud,
    mapping: Arc<Mapping>,
    url: Value,
}

impl Reader {
    /// Waits for messages and collects a batch: until it is full, or the batching window since the first is over.
    async fn gather(&self, settings: &Settings) -> Result<Vec<Value>, ServiceError> {
        let mut messages = Vec::new();
        while messages.is_empty() {
            messages = self.receive(settings.batch_size, WAIT).await?;
        }
        let end = Instant::now() + settings.window;
        let mut bytes: usize = messages.iter().map(size).sum();
        loop {
            let room = settings.batch_size.saturating_sub(messages.len());
            let left = end.saturating_duration_since(Instant::now()).as_secs();
            let over = Instant::now() >= end;
            if room == 0 || bytes >= BYTES / 2 || over {
                return Ok(messages);
            }
            let more = self.receive(room, left.clamp(1, WAIT)).await?;
            bytes += more.iter().map(size).sum::<usize>();
            messages.extend(more);
        }
    }

    async fn receive(&self, most: usize, wait: u64) -> Result<Vec<Value>, ServiceError> {
        let input = json!({
            "QueueUrl": self.url,
            "MaxNumberOfMessages": most.min(RECEIVE),
            "WaitTimeSeconds": wait,
            "MessageSystemAttributeNames": ["All"],
            "MessageAttributeNames": ["All"],
        });
        let mut answer = ask(&self.cloud, Service::Sqs, "ReceiveMessage", input).await?;
        Ok(match answer.get_mut("Messages").map(Value::take) {
            Some(Value::Array(messages)) => messages,
            _ => Vec::new(),
        })
    }

    async fn delete(&self, messages: &[&Value]) {
        for messages in messages.chunks(RECEIVE) {
            let entries = messages.iter().enumerate().map(
                |(index, message)| json!({ "Id": index.to_string(), "ReceiptHandle": message.get("ReceiptHandle") }),
            );
            let input = json!({ "QueueUrl": self.url, "Entries": entries.collect::<Vec<_>>() });
            if let Err(error) = ask(&self.cloud, Service::Sqs, "DeleteMessageBatch", input).await {
                tracing::warn!(queue = self.mapping.source, %error, "messages could not be deleted");
            }
        }
    }
}

struct Batch {
    reader: Reader,
    settings: Arc<Settings>,
    messages: Vec<Value>,
}

impl Batch {
    async fn run(&self) {
        let Reader { cloud, mapping, .. } = &self.reader;
        let records: Vec<_> = self.messages.iter().map(|m| record(cloud, &mapping.source, m)).collect();
        let (passed, filtered): (Vec<_>, Vec<_>) =
            self.messages.iter().zip(&records).partition(|(_, record)| self.settings.filters.passes(record));
        // What the filters leave out is done with.
        let filtered: Vec<_> = filtered.into_iter().map(|(message, _)| message).collect();
        self.reader.delete(&filtered).await;
        if passed.is_empty() {
            return;
        }
        let (messages, records): (Vec<_>, Vec<_>) = passed.into_iter().unzip();
        let Some(answer) = self.invoke(&json!({ "Records": records })).await else { return };
        let ids: Vec<_> = messages.iter().filter_map(|message| message.get("MessageId")?.as_str()).collect();
        let done: Vec<_> = match self.verdict(&answer, &ids) {
            Verdict::Success => messages,
            // They come back when their visibility timeout is over.
            Verdict::Nonsense => return,
            Verdict::Failed(failed) => {
                let is_done = |message: &&Value| {
                    let id = message.get("MessageId").and_then(Value::as_str);
                    !failed.iter().any(|failed| Some(failed.as_str()) == id)
                };
                messages.into_iter().filter(is_done).collect()
            }
        };
        self.reader.delete(&done).await;
    }

    fn verdict(&self, answer: &str, ids: &[&str]) -> Verdict {
        if self.settings.item_failures { read(answer, ids) } else { Verdict::Success }
    }

    /// Runs the function. `None`: it failed. A throttled invocation is tried again as long as the messages are hidden.
    async fn invoke(&self, payload: &Value) -> Option<String> {
        let Reader { cloud, mapping, .. } = &self.reader;
        let begun = Instant::now();
        let mut hidden = None;
        let mut wait = Duration::from_secs(1);
        loop {
            let (function, arn) = match mapping.function(cloud) {
                Ok(function) => function,
                Err(error) => {
                    tracing::warn!(queue = mapping.source, %error, "a batch has no function to go to");
                    return None;
                }
            };
            let event = Event {
                payload: json_text(payload),
                request_id: cloud.uuid().to_string(),
                trace_id: None,
                client_context: None,
                arn,
                trigger: Trigger::Queue,
            };
            match run(cloud, &function, event).await {
                Ok(outcome) => return (!outcome.failed).then_some(outcome.payload),
                Err(error) if errors::is_throttle(&error) => {
                    let limit = match hidden {
                        Some(hidden) => hidden,
                        None => *hidden.insert(self.hidden().await),
                    };
                    if begun.elapsed() + wait >= limit {
                        return None;
                    }
                    tokio::time::sleep(wait).await;
                    wait *= 2;
                }
                Err(error) => {
                    tracing::warn!(function = function.name(), %error, "a batch could not be handled");
                    return None;
                }
            }
        }
    }

    /// The queue's visibility timeout.
    async fn hidden(&self) -> Duration {
        let input = json!({ "QueueUrl": self.reader.url, "AttributeNames": ["VisibilityTimeout"] });
        let answer = ask(&self.reader.cloud, Service::Sqs, "GetQueueAttributes", input).await.unwrap_or_default();
        let seconds = answer.pointer("/Attributes/VisibilityTimeout").and_then(Value::as_str);
        Duration::from_secs(seconds.and_then(|text| text.parse().ok()).unwrap_or(30))
    }
}

fn size(message: &Value) -> usize {
    message.get("Body").and_then(Value::as_str).map_or(0, str::len)
}

/// A message as the function gets it.
fn record(cloud: &Cloud, arn: &str, message: &Value) -> Value {
    let member = |name: &str| message.get(name).cloned().unwrap_or_default();
    let mut record = json!({
        "messageId": member("MessageId"),
        "receiptHandle": member("ReceiptHandle"),
        "body": member("Body"),
        "attributes": message.get("Attributes").cloned().unwrap_or_else(|| json!({})),
        "messageAttributes": attributes(message),
        "md5OfBody": member("MD5OfBody"),
        "eventSource": "aws:sqs",
        "eventSourceARN": arn,
        "awsRegion": cloud.region(),
    });
    if let Some(md5) = message.get("MD5OfMessageAttributes") {
        set_member(&mut record, "md5OfMessageAttributes", md5.clone());
    }
    record
}

fn attributes(message: &Value) -> Value {
    let attributes = message.get("MessageAttributes").and_then(Value::as_object);
    let shown = attributes.into_iter().flatten().map(|(name, attribute)| {
        let mut shown = Map::new();
        for (api, own) in [("StringValue", "stringValue"), ("BinaryValue", "binaryValue")] {
            if let Some(value) = attribute.get(api) {
                shown.insert(own.into(), value.clone());
            }
        }
        shown.insert("stringListValues".into(), json!([]));
        shown.insert("binaryListValues".into(), json!([]));
        shown.insert("dataType".into(), attribute.get("DataType").cloned().unwrap_or_default());
        (name.clone(), Value::Object(shown))
    });
    Value::Object(shown.collect())
}
