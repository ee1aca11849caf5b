//! Receiving: what is visible, and waiting for it.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::errors::invalid;
use super::input::Input;
use super::message::{self, Attributes, Message};
use super::queue::{Given, Queue};
use super::{State, fates, queue_of_arn, receipts, send};
use crate::cloud::Cloud;
use crate::hash::md5_hex;
use crate::wire::{Answer, ServiceError, set_member};

/// [Quotas](https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html)
const MOST_IN_FLIGHT: usize = 120_000;

struct Request<'a> {
    input: Input<'a>,
    most: usize,
    timeout: Option<i64>,
    system: Vec<&'a str>,
    attributes: Vec<&'a str>,
    attempt: Option<String>,
}

/// For how long an attempt is known by its id, in milliseconds.
const ATTEMPT: i64 = 300_000;

/// `ReceiveMessage`.
pub(super) async fn receive(cloud: &Cloud, input: Input<'_>) -> Answer {
    let request = Request {
        input,
        most: usize::try_from(input.number("MaxNumberOfMessages", 1, 10)?.unwrap_or(1)).unwrap_or(1),
        timeout: input.number("VisibilityTimeout", 0, 43_200)?,
        system: input.texts("AttributeNames").chain(input.texts("MessageSystemAttributeNames")).collect(),
        attributes: input.texts("MessageAttributeNames").collect(),
        attempt: attempt_id(input)?,
    };
    check_system_names(&request.system)?;
    let wait = input.number("WaitTimeSeconds", 0, 20)?;
    let wait = match wait {
        Some(wait) => wait,
        None => cloud.sqs().state().queue(cloud, input)?.settings.seconds("ReceiveMessageWaitTimeSeconds"),
    };
    let messages = wait_for_messages(cloud, &request, wait * 1000).await?;
    Ok(if messages.is_empty() { json!({}) } else { json!({ "Messages": messages }) })
}

fn attempt_id(input: Input<'_>) -> Result<Option<String>, ServiceError> {
    let name = "ReceiveRequestAttemptId";
    input.optional_text(name).map(|text| send::id(name, text)).transpose()
}

async fn wait_for_messages(cloud: &Cloud, request: &Request<'_>, wait: i64) -> Result<Vec<Value>, ServiceError> {
    let end = cloud.clock().now_millis() + wait;
    loop {
        let wake = cloud.sqs().state().queue(cloud, request.input)?.wake.clone();
        let mut woken = std::pin::pin!(wake.notified());
        woken.as_mut().enable();
        let now = cloud.clock().now_millis();
        let (messages, next) = attempt(cloud, request, now)?;
        if !messages.is_empty() || now >= end {
            return Ok(messages);
        }
        let until = next.map_or(end, |next| next.min(end));
        let left = Duration::from_millis(u64::try_from(until - now).unwrap_or_default());
        let _ = tokio::time::timeout(left, woken).await;
    }
}

/// What is there now, and else when something may be there.
fn attempt(cloud: &Cloud, request: &Request<'_>, now: i64) -> Result<(Vec<Value>, Option<i64>), ServiceError> {
    let mut state = cloud.sqs().state();
    bury(&mut state, cloud, request.input, now)?;
    let queue = state.queue(cloud, request.input)?;
    if queue.messages.in_flight() >= MOST_IN_FLIGHT {
        let message = format!("Too many messages in flight for queue {}.", queue.name);
        return Err(ServiceError::new("OverLimit", message));
    }
    let timeout = request.timeout.unwrap_or_else(|| queue.settings.seconds("VisibilityTimeout")) * 1000;
    if let Some(messages) = again(cloud, queue, request, now, timeout) {
        return Ok((messages, None));
    }
    let (mut messages, mut given) = (Vec::new(), Given::new());
    for number in fates::receivable(cloud, queue, request.most, now) {
        queue.messages.update(number, |message| message.receive(now, timeout));
        fates::fulfil(queue, number, now);
        let Some(message) = queue.messages.get(number) else { continue };
        given.push((number, message.receives));
        messages.push(show(cloud, queue, number, message, request));
    }
    if let Some(id) = request.attempt.clone().filter(|_| queue.is_fifo() && !given.is_empty()) {
        queue.attempts.insert(id, now + ATTEMPT, given);
    }
    Ok((messages, queue.messages.next_visible_at()))
}

/// A receive from a FIFO queue that comes again with the id of its attempt, because the answer was lost: the same
/// messages and handles, with a new visibility timeout, while all of them are as they were given
/// ([ReceiveMessage](https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html)).
fn again(cloud: &Cloud, queue: &mut Queue, request: &Request<'_>, now: i64, timeout: i64) -> Option<Vec<Value>> {
    let given = queue.attempts.get(request.attempt.as_deref()?)?.clone();
    let same = |(number, receives): &(u64, u32)| {
        queue.messages.get(*number).is_some_and(|m| m.receives == *receives && m.is_in_flight(now))
    };
    if !given.iter().all(same) {
        return None;
    }
    let mut messages = Vec::new();
    for (number, _) in given {
        queue.messages.update(number, |message| message.visible_at = now + timeout);
        let Some(message) = queue.messages.get(number) else { continue };
        messages.push(show(cloud, queue, number, message, request));
    }
    Some(messages)
}

/// Moves what was received often enough to the dead-letter queue
/// ([Using dead-letter queues](https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html)):
/// its id and receive count stay, and so does, in a standard queue, the age that retention counts.
fn bury(state: &mut State, cloud: &Cloud, input: Input<'_>, now: i64) -> Result<(), ServiceError> {
    let queue = state.queue(cloud, input)?;
    let Some(redrive) = queue.settings.redrive() else { return Ok(()) };
    let (name, source) = (queue.name.clone(), queue.arn.clone());
    let spent = queue.messages.spent(redrive.receives);
    if !state.queues.contains_key(queue_of_arn(&redrive.target)) {
        return Ok(());
    }
    for number in spent {
        let queue = state.queues.get_mut(&name);
        let Some(mut message) = queue.and_then(|queue| queue.messages.remove(number)) else { continue };
        message.receives_here = 0;
        message.received_at = None;
        message.visible_at = now;
        message.died_in = Some(source.clone());
        if let Some(target) = state.queues.get_mut(queue_of_arn(&redrive.target)) {
            if target.is_fifo() {
                message.enqueued_at = now;
            }
            target.push(message);
        }
    }
    Ok(())
}

fn show(cloud: &Cloud, queue: &Queue, number: u64, message: &Message, request: &Request<'_>) -> Value {
    let mut shown = json!({
        "MessageId": message.id,
        "ReceiptHandle": receipts::handle(queue, number, message),
        "MD5OfBody": md5_hex(message.body.as_bytes()),
        "Body": message.body,
    });
    let system = system_attributes(cloud, message, &request.system);
    if !system.is_empty() {
        set_member(&mut shown, "Attributes", system);
    }
    let attributes: Attributes = message
        .attributes
        .iter()
        .filter(|(name, _)| request.attributes.iter().any(|wanted| selects(wanted, name)))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    if !attributes.is_empty() {
        set_member(&mut shown, "MD5OfMessageAttributes", message::attributes_md5(&attributes));
        set_member(&mut shown, "MessageAttributes", message::attributes_json(&attributes));
    }
    shown
}

/// `All`, `*`, `.*`, `prefix.*`, or the name itself.
fn selects(wanted: &str, name: &str) -> bool {
    match wanted.strip_suffix(".*") {
        Some(prefix) => name.starts_with(prefix),
        None => matches!(wanted, "All" | "*") || wanted == name,
    }
}

const SYSTEM_NAMES: &[&str] = &[
    "All",
    "SenderId",
    "SentTimestamp",
    "ApproximateReceiveCount",
    "ApproximateFirstReceiveTimestamp",
    "SequenceNumber",
    "MessageDeduplicationId",
    "MessageGroupId",
    "AWSTraceHeader",
    "DeadLetterQueueSourceArn",
];

fn check_system_names(names: &[&str]) -> Result<(), ServiceError> {
    let unknown = names.iter().find(|name| !SYSTEM_NAMES.contains(name));
    unknown.map_or(Ok(()), |name| Err(invalid("AttributeName", name, "Unknown Attribute.")))
}

fn system_attributes(cloud: &Cloud, message: &Message, wanted: &[&str]) -> Map<String, Value> {
    [
        ("SenderId", Some(cloud.account().to_owned())),
        ("SentTimestamp", Some(message.sent_at.to_string())),
        ("ApproximateReceiveCount", Some(message.receives.to_string())),
        ("ApproximateFirstReceiveTimestamp", message.first_received_at.map(|at| at.to_string())),
        ("SequenceNumber", message.sequence.clone()),
        ("MessageDeduplicationId", message.deduplication.clone()),
        ("MessageGroupId", message.group.clone()),
        ("AWSTraceHeader", message.trace_header.clone()),
        ("DeadLetterQueueSourceArn", message.died_in.clone()),
    ]
    .into_iter()
    .filter(|(name, _)| wanted.iter().any(|w| w == name || *w == "All"))
    .filter_map(|(name, value)| Some((name.to_owned(), value?.into())))
    .collect()
}
