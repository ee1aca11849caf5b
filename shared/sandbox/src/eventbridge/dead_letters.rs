//! Events that could not be delivered.

use serde_json::{Map, Value, json};

use super::delivery::{Delivery, Exhausted};
use super::send::queue_url;
use crate::cloud::{Cloud, Service};

/// Sends the event, as it was before any transformation, to the target's dead-letter queue. Without one it is dropped.
/// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html>
pub(super) async fn send(cloud: &Cloud, delivery: &Delivery, exhausted: &Exhausted) {
    let Delivery { rule, target, event } = delivery;
    let Exhausted { failure, .. } = exhausted;
    let Some(queue) = &target.dead_letters else {
        tracing::warn!(
            rule = rule.arn,
            target = target.arn,
            code = failure.code,
            message = failure.message,
            "event dropped"
        );
        return;
    };
    let request = json!({
        "QueueUrl": queue_url(cloud, queue),
        "MessageBody": event.value.to_string(),
        "MessageAttributes": attributes(delivery, exhausted),
    });
    if let Err(error) = cloud.of_arn(queue).call(Service::Sqs, "SendMessage", request).await {
        tracing::warn!(rule = rule.arn, queue, %error, "dead letter lost");
    }
}

fn attributes(delivery: &Delivery, exhausted: &Exhausted) -> Map<String, Value> {
    let retries = exhausted.retries.to_string();
    let all = [
        ("RULE_ARN", Some(delivery.rule.arn.as_str())),
        ("TARGET_ARN", Some(delivery.target.arn.as_str())),
        ("ERROR_CODE", Some(exhausted.failure.code)),
        ("ERROR_MESSAGE", Some(exhausted.failure.message.as_str()).filter(|message| !message.is_empty())),
        ("EXHAUSTED_RETRY_CONDITION", exhausted.condition),
        ("RETRY_ATTEMPTS", Some(retries.as_str())),
    ];
    let text = |value: &str| json!({ "DataType": "String", "StringValue": value });
    all.into_iter().filter_map(|(name, value)| Some((name.to_owned(), text(value?)))).collect()
}
