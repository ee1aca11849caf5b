//! Sending.

use serde_json::{Value, json};

use super::attributes::LARGEST;
use super::batch;
use super::errors::{invalid, missing};
use super::input::Input;
use super::message::{self, Message};
use super::queue::{Queue, Taken};
use crate::cloud::Cloud;
use crate::hash::{md5_hex, sha256_hex};
use crate::wire::{Answer, ServiceError, set_member};

/// [Exactly-once processing](https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/FIFO-queues-exactly-once-processing.html):
/// a message sent again within five minutes is taken, and not delivered again.
const DEDUPLICATION: i64 = 300_000;

const WRONG_QUEUE: &str = "The request include parameter that is not valid for this queue type";

pub(super) fn send(cloud: &Cloud, input: Input<'_>) -> Answer {
    let mut state = cloud.sqs().state();
    take(cloud, state.queue(cloud, input)?, input)
}

pub(super) fn send_batch(cloud: &Cloud, input: Input<'_>) -> Answer {
    let mut state = cloud.sqs().state();
    let queue = state.queue(cloud, input)?;
    let entries = batch::entries(input)?;
    let mut size = 0;
    for (_, entry) in &entries {
        size += entry.optional_text("MessageBody").unwrap_or_default().len();
        size += message::parse_attributes(entry.map("MessageAttributes")).map_or(0, |a| message::attributes_size(&a));
    }
    if size > LARGEST {
        let message = format!("Batch requests cannot be longer than {LARGEST} bytes. You have sent {size} bytes.");
        return Err(ServiceError::new("BatchRequestTooLong", message));
    }
    Ok(batch::run(entries, |entry| take(cloud, queue, entry)))
}

fn take(cloud: &Cloud, queue: &mut Queue, input: Input<'_>) -> Answer {
    let message = read(cloud, queue, input)?;
    let mut answer = json!({ "MD5OfMessageBody": md5_hex(message.body.as_bytes()) });
    if !message.attributes.is_empty() {
        set_member(&mut answer, "MD5OfMessageAttributes", message::attributes_md5(&message.attributes));
    }
    if let Some(header) = &message.trace_header {
        set_member(&mut answer, "MD5OfMessageSystemAttributes", message::trace_header_md5(header));
    }
    let (id, sequence) = accept(queue, message);
    set_member(&mut answer, "MessageId", id);
    if let Some(sequence) = sequence {
        set_member(&mut answer, "SequenceNumber", sequence);
    }
    Ok(answer)
}

/// Puts the message into the queue, unless it is one that the queue has taken already: the id and sequence number.
fn accept(queue: &mut Queue, message: Message) -> (String, Option<String>) {
    let Some(key) = deduplication_key(queue, &message) else {
        let id = message.id.clone();
        return (id, queue.push(message));
    };
    if let Some(taken) = queue.taken.get(&key) {
        return (taken.id.clone(), taken.sequence.clone());
    }
    let (id, until) = (message.id.clone(), message.sent_at + DEDUPLICATION);
    let sequence = queue.push(message);
    queue.taken.insert(key, Taken { until, id: id.clone(), sequence: sequence.clone() });
    (id, sequence)
}

fn deduplication_key(queue: &Queue, message: &Message) -> Option<String> {
    let id = message.deduplication.as_deref().filter(|_| queue.is_fifo())?;
    let group = message.group.as_deref().filter(|_| queue.settings.is("DeduplicationScope", "messageGroup"));
    Some(format!("{} {id}", group.unwrap_or_default()))
}

fn read(cloud: &Cloud, queue: &Queue, input: Input<'_>) -> Result<Message, ServiceError> {
    let now = cloud.clock().now_millis();
    let body = input.text("MessageBody")?;
    check_characters(body)?;
    let delay = delay(queue, input)?;
    let group = group(queue, input)?;
    let deduplication = deduplication(queue, input, body)?;
    let trace = input.map("MessageSystemAttributes").and_then(|map| map.get("AWSTraceHeader"));
    let message = Message {
        id: cloud.uuid().to_string(),
        body: body.to_owned(),
        attributes: message::parse_attributes(input.map("MessageAttributes"))?,
        trace_header: trace.and_then(|value| value.get("StringValue")).and_then(Value::as_str).map(str::to_owned),
        group,
        deduplication,
        sequence: None,
        sent_at: now,
        enqueued_at: now,
        visible_at: now + delay * 1000,
        received_at: None,
        first_received_at: None,
        receives: 0,
        receives_here: 0,
        died_in: None,
    };
    let largest = queue.settings.seconds("MaximumMessageSize");
    if i64::try_from(message.size()).unwrap_or(i64::MAX) > largest {
        let text = format!("One or more parameters are invalid. Reason: Message must be shorter than {largest} bytes.");
        return Err(ServiceError::new("InvalidParameterValue", text));
    }
    Ok(message)
}

fn delay(queue: &Queue, input: Input<'_>) -> Result<i64, ServiceError> {
    let given = input.number("DelaySeconds", 0, 900)?;
    if queue.is_fifo() && given.is_some_and(|delay| delay > 0) {
        return Err(invalid("DelaySeconds", given.unwrap_or_default(), WRONG_QUEUE));
    }
    Ok(given.filter(|_| !queue.is_fifo()).unwrap_or_else(|| queue.settings.seconds("DelaySeconds")))
}

fn group(queue: &Queue, input: Input<'_>) -> Result<Option<String>, ServiceError> {
    let group = input.optional_text("MessageGroupId");
    match group {
        None if queue.is_fifo() => Err(missing("MessageGroupId")),
        Some(group) if !is_id(group) => Err(invalid("MessageGroupId", group, ID_RULE)),
        group => Ok(group.map(str::to_owned)),
    }
}

fn deduplication(queue: &Queue, input: Input<'_>, body: &str) -> Result<Option<String>, ServiceError> {
    match input.optional_text("MessageDeduplicationId") {
        Some(id) if !queue.is_fifo() => Err(invalid("MessageDeduplicationId", id, WRONG_QUEUE)),
        Some(id) if !is_id(id) => Err(invalid("MessageDeduplicationId", id, ID_RULE)),
        Some(id) => Ok(Some(id.to_owned())),
        None if !queue.is_fifo() => Ok(None),
        None if queue.settings.is("ContentBasedDeduplication", "true") => Ok(Some(sha256_hex(body.as_bytes()))),
        None => Err(ServiceError::new(
            "InvalidParameterValue",
            "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly",
        )),
    }
}

const ID_RULE: &str = "It can only include alphanumeric and punctuation characters. 1 to 128 in length.";

fn is_id(text: &str) -> bool {
    (1..=128).contains(&text.len()) && text.chars().all(|c| c.is_ascii_graphic())
}

/// The characters that [SendMessage](https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html)
/// allows.
fn check_characters(body: &str) -> Result<(), ServiceError> {
    let allowed = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..='\u{10ffff}');
    body.chars().all(allowed).then_some(()).ok_or_else(|| {
        ServiceError::new("InvalidMessageContents", "The message contains characters outside the allowed set.")
    })
}
