//! Destinations of records: a queue, a bus, a function.

use serde_json::{Value, json};

use crate::cloud::{Cloud, Service};
use crate::lambda::ask;
use crate::wire::{ServiceError, set_member};

/// Sends a record. As on AWS a record that cannot be sent is lost; here the log of the local cloud says so.
pub(in crate::lambda) async fn send(cloud: &Cloud, target: &str, source: &str, detail_type: &str, record: &Value) {
    let parts: Vec<&str> = target.split(':').collect();
    match parts.as_slice() {
        [_, _, "sqs", ..] => return send_message(cloud, target, &record.to_string(), None).await,
        [_, _, "events", ..] => {
            let entry = json!({
                "EventBusName": target,
                "Source": "lambda",
                "DetailType": detail_type,
                "Detail": record.to_string(),
                "Resources": [target, source],
            });
            let answer = ask(cloud, Service::EventBridge, "PutEvents", json!({ "Entries": [entry] })).await;
            let failed = answer.map(|answer| answer.get("FailedEntryCount").and_then(Value::as_u64).unwrap_or(0));
            match failed {
                Ok(0) => {}
                Ok(_) => lost(target, "the bus refused it"),
                Err(error) => lost(target, &error.to_string()),
            }
        }
        [_, _, "lambda", ..] => {
            let input = json!({ "FunctionName": target, "InvocationType": "Event", "Payload": record.to_string() });
            if let Err(error) = ask(cloud, Service::Lambda, "Invoke", input).await {
                lost(target, &error.to_string());
            }
        }
        _ => lost(target, "the local cloud has no such kind of destination"),
    }
}

/// Sends a message to the queue with this ARN.
pub(in crate::lambda) async fn send_message(cloud: &Cloud, queue: &str, body: &str, attributes: Option<Value>) {
    let sent = async {
        let url = queue_url(cloud, queue).await?;
        let mut input = json!({ "QueueUrl": url, "MessageBody": body });
        if let Some(attributes) = attributes {
            set_member(&mut input, "MessageAttributes", attributes);
        }
        ask(cloud, Service::Sqs, "SendMessage", input).await
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
