//! `AWS::SQS::Queue`, `AWS::SQS::QueuePolicy`.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::properties::{as_text, document, flag, tag_changes, tags, text, texts};
use super::{At, Kind, Made, Refused};
use crate::cloud::Service;

/// Attributes and what they are when a template does not say
/// ([SetQueueAttributes](https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html)).
const ATTRIBUTES: [(&str, &str); 13] = [
    ("ContentBasedDeduplication", "false"),
    ("DeduplicationScope", "queue"),
    ("DelaySeconds", "0"),
    ("FifoThroughputLimit", "perQueue"),
    ("KmsDataKeyReusePeriodSeconds", "300"),
    ("KmsMasterKeyId", ""),
    ("MaximumMessageSize", "1048576"),
    ("MessageRetentionPeriod", "345600"),
    ("ReceiveMessageWaitTimeSeconds", "0"),
    ("RedriveAllowPolicy", ""),
    ("RedrivePolicy", ""),
    ("SqsManagedSseEnabled", "true"),
    ("VisibilityTimeout", "30"),
];

fn attribute(properties: &Value, name: &str) -> Option<String> {
    let value = properties.get(name)?;
    Some(as_text(value).unwrap_or_else(|| document(value)))
}

fn attributes(properties: &Value) -> BTreeMap<&'static str, String> {
    ATTRIBUTES.iter().filter_map(|(name, _)| Some((*name, attribute(properties, name)?))).collect()
}

pub(super) async fn create(at: &At<'_>, kind: &Kind, properties: &Value) -> Result<Made, Refused> {
    let name = at.name(kind, properties);
    // CreateQueue takes a queue that is there for the same one.
    if at.call(Service::Sqs, "GetQueueUrl", json!({ "QueueName": name })).await.is_ok() {
        return Err(Refused::exists("CreateQueue", kind.of, &name));
    }
    let mut attributes = attributes(properties);
    if flag(properties, "FifoQueue") {
        attributes.insert("FifoQueue", "true".into());
    }
    let input = json!({ "QueueName": name, "Attributes": attributes, "tags": tags(properties) });
    let answer = match at.call(Service::Sqs, "CreateQueue", input.clone()).await {
        // A name is free a minute after its queue was deleted.
        Err(refused) if refused.source.code.contains("DeletedRecently") => {
            at.cloud.clock().sleep(std::time::Duration::from_secs(61)).await;
            at.call(Service::Sqs, "CreateQueue", input).await?
        }
        answer => answer?,
    };
    let url = text(&answer, "QueueUrl").unwrap_or_default();
    Ok(Made::new(url.clone()).with("Arn", at.cloud.arn("sqs", &name)).with("QueueName", name).with("QueueUrl", url))
}

pub(super) async fn update(at: &At<'_>, made: &Made, old: &Value, new: &Value) -> Result<Made, Refused> {
    let changed: BTreeMap<&str, String> = ATTRIBUTES
        .iter()
        .filter(|(name, _)| old.get(*name) != new.get(*name))
        .map(|(name, default)| (*name, attribute(new, name).unwrap_or_else(|| (*default).to_owned())))
        .collect();
    if !changed.is_empty() {
        let input = json!({ "QueueUrl": made.id, "Attributes": changed });
        at.call(Service::Sqs, "SetQueueAttributes", input).await?;
    }
    let (set, gone) = tag_changes(old, new);
    if !set.is_empty() {
        at.call(Service::Sqs, "TagQueue", json!({ "QueueUrl": made.id, "Tags": set })).await?;
    }
    if !gone.is_empty() {
        at.call(Service::Sqs, "UntagQueue", json!({ "QueueUrl": made.id, "TagKeys": gone })).await?;
    }
    Ok(made.clone())
}

/// Gives the queues the policy, and takes it from those that it no longer names.
pub(super) async fn put_policy(at: &At<'_>, id: &str, old: &Value, new: &Value) -> Result<Made, Refused> {
    let policy = document(new.get("PolicyDocument").unwrap_or(&Value::Null));
    let queues = texts(new, "Queues");
    for queue in &queues {
        let input = json!({ "QueueUrl": queue, "Attributes": { "Policy": policy } });
        at.call(Service::Sqs, "SetQueueAttributes", input).await?;
    }
    for queue in texts(old, "Queues").iter().filter(|queue| !queues.contains(queue)) {
        let input = json!({ "QueueUrl": queue, "Attributes": { "Policy": "" } });
        at.remove(Service::Sqs, "SetQueueAttributes", input).await?;
    }
    Ok(Made::new(id).with("Id", id))
}

pub(super) async fn drop_policy(at: &At<'_>, properties: &Value) -> Result<(), Refused> {
    for queue in texts(properties, "Queues") {
        let input = json!({ "QueueUrl": queue, "Attributes": { "Policy": "" } });
        at.remove(Service::Sqs, "SetQueueAttributes", input).await?;
    }
    Ok(())
}
