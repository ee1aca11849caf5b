//! Destinations of records: a queue, a bus, a function.

use serde_json::{Value, json};

use crate::cloud::{Cloud, Service};
use crate::lambda::ask;
use crate::wire::{ServiceError, set_member};

/// Where a record comes from.
pub(in crate::lambda) struct Source<'a> {
    /// The function's ARN, with its qualifier.
    pub(in crate::lambda) arn: &'a str,
    /// X-Ray's header, which goes with the record.
    pub(in crate::lambda) trace: Option<&'a str>,
}

/// Sends a record. As on AWS a record that cannot be sent is lost; here the log of the local cloud says so.
pub(in crate::lambda) async fn send(
    cloud: &Cloud,
    target: &str,
    source: &Source<'_>,
    detail_type: &str,
    record: &Value,
) {
    let parts: Vec<&str> = target.split(':').collect();
    match parts.as_slice() {
        [_, _, "sqs", ..] => {
            let mut message = json!({ "MessageBody": record.to_string() });
            if let Some(trace) = source.trace {
                let header = json!({ "AWSTraceHeader": { "DataType": "String", "StringValue": trace } });
                set_member(&mut message, "MessageSystemAttributes", header);
            }
            send_to_queue(cloud, target, message).await;
        }
        [_, _, "events", ..] => {
            let mut entry = json!({
                "EventBusName": target,
                "Source": "lambda",
                "DetailType": detail_type,
                "Detail": record.to_string(),
                "Resources": [target, source.arn],
            });
            if let Some(trace) = source.trace {
                set_member(&mut entry, "TraceHeader", trace);
            }
            let answer = ask(cloud, Service::EventBridge, "PutEvents", json!({ "Entries": [entry] })).await;
            let failed = answer.map(|answer| answer.get("FailedEntryCount").and_then(Value::as_u64).unwrap_or(0));
            match failed {
                Ok(0) => {}
                Ok(_) => lost(target, "the bus refused it"),
                Err(error) => lost(target, &error.to_string()),
            }
        }
        [_, _, "lambda", ..] => {
            let mut input = json!({ "FunctionName": target, "InvocationType": "Event", "Payload": record.to_string() });
            if let Some(trace) = source.trace {
                set_member(&mut input, "TraceHeader", trace);
            }
            if let Err(error) = ask(cloud, Service::Lambda, "Invoke", input).await {
                lost(target, &error.to_string());
            }
        }
        _ => lost(target, "the local cloud has no such kind of destination"),
    }
}

/// Sends a message to the queue with this ARN.
pub(in crate::lambda) async fn send_message(cloud: &Cloud, queue: &str, body: &str, attributes: Option<Value>) {
    let mut message = json!({ "MessageBody": body });
    if let Some(attributes) = attributes {
        set_member(&mut message, "MessageAttributes", attributes);
    }
    send_to_queue(cloud, queue, message).await;
}

async fn send_to_queue(cloud: &Cloud, queue: &str, mut message: Value) {
    let sent = async {
        set_member(&mut message, "QueueUrl", queue_url(cloud, queue).await?);
        ask(cloud, Service::Sqs, "SendMessage", message).await
    };
    if let Err(error) = sent.await {
        lost(queue, &error.to_string());
    }
}

/// The URL of the queue with this ARN.
pub(in crate::lambda) async fn queue_url(cloud: &Cloud, arn: &str) -> Result<Value, ServiceError> {
    let name = arn.rsplit(':').next().unwrap_or_default();
    let answer = ask(cloud, Service::Sqs, "GetQueueUrl", json!({ "QueueName": name })).await?;
    Ok(answer.get("QueueUrl").cloned().unwrap_or_default())
}

fn lost(target: &str, reason: &str) {
    tracing::error!(target_arn = target, reason, "a record could not be sent to its destination");
}
