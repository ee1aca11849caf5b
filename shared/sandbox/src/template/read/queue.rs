//! `AWS::SQS::Queue`, `AWS::SQS::QueuePolicy`.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Resource;
use crate::template::reader::Reader;
use crate::template::topology::{QueuePolicyResource, QueueResource, Topology};

/// Properties that are attributes of the same name.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sqs-queue.html>
const ATTRIBUTES: [&str; 12] = [
    "ContentBasedDeduplication",
    "DeduplicationScope",
    "DelaySeconds",
    "FifoQueue",
    "FifoThroughputLimit",
    "KmsDataKeyReusePeriodSeconds",
    "KmsMasterKeyId",
    "MaximumMessageSize",
    "MessageRetentionPeriod",
    "ReceiveMessageWaitTimeSeconds",
    "SqsManagedSseEnabled",
    "VisibilityTimeout",
];

pub(super) fn queue(topology: &mut Topology, resource: &Resource<'_>, reader: Reader<'_>) {
    reader.no_effect(&["QueueName", "Tags"]);
    let mut attributes = BTreeMap::new();
    for name in ATTRIBUTES {
        if let Some(value) = reader.text(name) {
            attributes.insert(name.to_owned(), value);
        }
    }
    // CreateQueue takes FifoQueue only as true.
    if attributes.get("FifoQueue").is_some_and(|value| value == "false") {
        attributes.remove("FifoQueue");
    }
    let (mut dead_letter_arn, mut max_receive_count) = (None, None);
    if let Some(redrive) = reader.nested("RedrivePolicy") {
        dead_letter_arn = redrive.required_text("deadLetterTargetArn");
        redrive.require("maxReceiveCount");
        max_receive_count = redrive.number("maxReceiveCount");
        redrive.finish();
    }
    for name in ["RedrivePolicy", "RedriveAllowPolicy"] {
        if let Some(document) = reader.json(name) {
            attributes.insert(name.to_owned(), document.to_string());
        }
    }
    reader.finish();
    let identity = resource.identity;
    topology.queues.push(QueueResource {
        logical_id: resource.logical_id.to_owned(),
        name: identity.name.clone(),
        arn: identity.arn.clone(),
        url: identity.reference.clone().unwrap_or_default(),
        attributes,
        dead_letter_arn,
        max_receive_count,
        line: resource.place.line,
    });
}

pub(super) fn policy(topology: &mut Topology, resource: &Resource<'_>, reader: Reader<'_>) {
    reader.require("Queues");
    reader.require("PolicyDocument");
    let queues = reader.texts("Queues").unwrap_or_default();
    let policy = reader.json("PolicyDocument").unwrap_or(Value::Null);
    reader.finish();
    topology.queue_policies.push(QueuePolicyResource {
        logical_id: resource.logical_id.to_owned(),
        queues,
        policy,
        line: resource.place.line,
    });
}
