//! Making, finding and describing queues.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::attributes::{self, Settings};
use super::errors::{self, invalid};
use super::input::Input;
use super::queue::Queue;
use super::{State, queue_of_arn, tags, url};
use crate::cloud::Cloud;
use crate::wire::{Answer, ServiceError};

/// A deleted queue's name is free again after this many milliseconds, and a queue can be purged again.
/// ([DeleteQueue](https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_DeleteQueue.html),
/// [PurgeQueue](https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_PurgeQueue.html))
const MINUTE: i64 = 60_000;

pub(super) fn create(cloud: &Cloud, input: Input<'_>) -> Answer {
    let name = input.text("QueueName")?;
    let fifo = input.map("Attributes").and_then(|map| map.get("FifoQueue")).and_then(Value::as_str);
    let fifo = fifo.is_some_and(|text| text.eq_ignore_ascii_case("true"));
    check_name(name, fifo)?;
    let given = attributes::parse(input.map("Attributes"), fifo)?;
    attributes::check_throughput(&given, &Settings::new(fifo, &BTreeMap::new()))?;
    let now = cloud.clock().now_millis();
    let arn = cloud.arn("sqs", name);
    let mut state = cloud.sqs().state();
    let answer = json!({ "QueueUrl": url(cloud, name) });
    if let Some(queue) = state.queues.get(name) {
        return same(queue, &given).map(|()| answer);
    }
    if state.deleted.get(name).is_some_and(|at| now - at < MINUTE) {
        let message =
            "You must wait 60 seconds after deleting a queue before you can create another with the same name.";
        return Err(ServiceError::new("QueueDeletedRecently", message));
    }
    check_redrive(&state, &arn, &given)?;
    let mut queue = Queue::new(name, arn, Settings::new(fifo, &given), now);
    queue.tags = tags::given(input.map("tags").or_else(|| input.map("Tags")));
    state.queues.insert(name.to_owned(), queue);
    Ok(answer)
}

fn check_name(name: &str, fifo: bool) -> Result<(), ServiceError> {
    let stem = if fifo { name.strip_suffix(".fifo") } else { Some(name) };
    let good = |stem: &str| {
        !stem.is_empty()
            && stem.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
            && name.len() <= 80
    };
    if stem.is_some_and(good) {
        return Ok(());
    }
    let message = if fifo {
        "The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with .fifo \
         suffix and be 1 to 80 in length."
    } else {
        "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length"
    };
    Err(ServiceError::new("InvalidParameterValue", message))
}

fn same(queue: &Queue, given: &BTreeMap<String, String>) -> Result<(), ServiceError> {
    let other = given.iter().find(|(name, value)| !queue.settings.is(name, value));
    other.map_or(Ok(()), |(name, _)| {
        let message = format!("A queue already exists with the same name and a different value for attribute {name}");
        Err(ServiceError::new("QueueNameExists", message))
    })
}

fn check_redrive(state: &State, source: &str, given: &BTreeMap<String, String>) -> Result<(), ServiceError> {
    let Some((policy, redrive)) =
        given.get("RedrivePolicy").and_then(|policy| Some((policy, attributes::redrive(policy)?)))
    else {
        return Ok(());
    };
    let reject = |reason: &str| Err(invalid("RedrivePolicy", policy, reason));
    let Some(target) = state.queues.get(queue_of_arn(&redrive.target)) else {
        return reject("Dead letter target does not exist.");
    };
    if target.is_fifo() != source.ends_with(".fifo") {
        return reject("Dead-letter queue must be same type of queue as the source.");
    }
    if !target.settings.allows_source(source) {
        return reject("Dead letter target does not allow this queue to be its source.");
    }
    Ok(())
}

pub(super) fn delete(cloud: &Cloud, input: Input<'_>) -> Answer {
    let mut state = cloud.sqs().state();
    let queue = state.queue(cloud, input)?;
    let name = queue.name.clone();
    queue.wake.notify_waiters();
    state.queues.remove(&name);
    state.deleted.insert(name, cloud.clock().now_millis());
    Ok(json!({}))
}

pub(super) fn get_url(cloud: &Cloud, input: Input<'_>) -> Answer {
    let name = input.text("QueueName")?;
    let owner = input.optional_text("QueueOwnerAWSAccountId").unwrap_or(cloud.account());
    let known = owner == cloud.account() && cloud.sqs().state().queues.contains_key(name);
    known.then(|| json!({ "QueueUrl": url(cloud, name) })).ok_or_else(errors::no_queue)
}

pub(super) fn list(cloud: &Cloud, input: Input<'_>) -> Answer {
    let prefix = input.optional_text("QueueNamePrefix").unwrap_or_default();
    let state = cloud.sqs().state();
    let names = state.queues.keys().filter(|name| name.starts_with(prefix)).map(String::as_str);
    page(cloud, input, "QueueUrls", names.collect())
}

pub(super) fn list_sources(cloud: &Cloud, input: Input<'_>) -> Answer {
    let mut state = cloud.sqs().state();
    let target = state.queue(cloud, input)?.arn.clone();
    let names = sources(&state, &target).map(|queue| queue.name.as_str()).collect();
    page(cloud, input, "queueUrls", names)
}

/// The queues whose dead messages go to the queue with the ARN `target`.
pub(super) fn sources<'a>(state: &'a State, target: &'a str) -> impl Iterator<Item = &'a Queue> {
    state.queues.values().filter(move |queue| queue.settings.redrive().is_some_and(|r| r.target == target))
}

/// One page of queue URLs; the token is the last name of the page before.
fn page(cloud: &Cloud, input: Input<'_>, member: &str, mut names: Vec<&str>) -> Answer {
    let most = input.number("MaxResults", 1, 1000)?;
    if let Some(after) = input.optional_text("NextToken") {
        names.retain(|name| *name > after);
    }
    let size = most.and_then(|most| usize::try_from(most).ok()).unwrap_or(1000);
    let rest = names.len() > size;
    names.truncate(size);
    let mut answer = Map::new();
    // `ListQueues` leaves an empty list out; `ListDeadLetterSourceQueues`, whose list is required, does not.
    if !names.is_empty() || member == "queueUrls" {
        answer.insert(member.into(), names.iter().map(|name| url(cloud, name)).collect());
    }
    if let Some(last) = names.last().filter(|_| rest && most.is_some()) {
        answer.insert("NextToken".into(), (*last).into());
    }
    Ok(answer.into())
}

pub(super) fn get_attributes(cloud: &Cloud, input: Input<'_>) -> Answer {
    let mut state = cloud.sqs().state();
    let queue = state.queue(cloud, input)?;
    let all = describe(queue);
    let mut wanted = Map::new();
    for name in input.texts("AttributeNames") {
        if name == "All" {
            wanted = all;
            break;
        }
        match all.get(name) {
            Some(value) => drop(wanted.insert(name.to_owned(), value.clone())),
            None => known_but_unset(name)?,
        }
    }
    Ok(if wanted.is_empty() { json!({}) } else { json!({ "Attributes": wanted }) })
}

fn known_but_unset(name: &str) -> Result<(), ServiceError> {
    const KNOWN: &[&str] = &[
        "Policy",
        "RedrivePolicy",
        "RedriveAllowPolicy",
        "KmsMasterKeyId",
        "KmsDataKeyReusePeriodSeconds",
        "FifoQueue",
        "ContentBasedDeduplication",
        "DeduplicationScope",
        "FifoThroughputLimit",
    ];
    KNOWN.contains(&name).then_some(()).ok_or_else(|| attributes::unknown(name))
}

fn describe(queue: &Queue) -> Map<String, Value> {
    let mut all: Map<String, Value> = queue.settings.iter().map(|(k, v)| (k.clone(), v.clone().into())).collect();
    let (in_flight, delayed) = (queue.messages.in_flight(), queue.messages.delayed());
    for (name, value) in [
        ("QueueArn", queue.arn.clone()),
        ("CreatedTimestamp", (queue.created_at / 1000).to_string()),
        ("LastModifiedTimestamp", (queue.modified_at / 1000).to_string()),
        ("ApproximateNumberOfMessages", (queue.len() - in_flight - delayed).to_string()),
        ("ApproximateNumberOfMessagesNotVisible", in_flight.to_string()),
        ("ApproximateNumberOfMessagesDelayed", delayed.to_string()),
    ] {
        all.insert(name.into(), value.into());
    }
    all
}

pub(super) fn set_attributes(cloud: &Cloud, input: Input<'_>) -> Answer {
    let mut state = cloud.sqs().state();
    let (arn, fifo) = {
        let queue = state.queue(cloud, input)?;
        (queue.arn.clone(), queue.is_fifo())
    };
    let given = attributes::parse(input.map("Attributes"), fifo)?;
    check_redrive(&state, &arn, &given)?;
    let queue = state.queue(cloud, input)?;
    attributes::check_throughput(&given, &queue.settings)?;
    let now = cloud.clock().now_millis();
    queue.change(&given, now);
    queue.modified_at = now;
    Ok(json!({}))
}

pub(super) fn purge(cloud: &Cloud, input: Input<'_>) -> Answer {
    let now = cloud.clock().now_millis();
    let mut state = cloud.sqs().state();
    let queue = state.queue(cloud, input)?;
    if queue.purged_at.is_some_and(|at| now - at < MINUTE) {
        let message = format!("Only one PurgeQueue operation on {} is allowed every 60 seconds.", queue.name);
        return Err(ServiceError::new("PurgeQueueInProgress", message).status(403));
    }
    queue.messages.clear();
    queue.purged_at = Some(now);
    Ok(json!({}))
}
