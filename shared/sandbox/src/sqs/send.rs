//! Sending.

use serde_json::{Value, json};

use super::attributes::LARGEST;
use super::batch;
use super::errors::{invalid, missing};
use super::input::Input;
use super::message::{self, Fate, Message};
use super::queue::{Queue, Taken};
use crate::cloud::Cloud;
use crate::hash::{md5_hex, sha256_hex};
use crate::wire::{Answer, ServiceError, TRACE_HEADER, set_member};

/// [Exactly-once processing](https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/FIFO-queues-exactly-once-processing.html):
/// a message sent again within five minutes is taken, and not delivered again.
const DEDUPLICATION: i64 = 300_000;

const WRONG_QUEUE: &str = "The request include parameter that is not valid for this queue type.";

pub(super) fn send(cloud: &Cloud, input: Input<'_>) -> Answer {
    let mut state = cloud.sqs().state();
    take(cloud, state.queue(cloud, input)?, input, input.optional_text(TRACE_HEADER))
}

pub(super) fn send_batch(cloud: &Cloud, input: Input<'_>) -> Answer {
    let mut state = cloud.sqs().state();
    let queue = state.queue(cloud, input)?;
    let entries = batch::entries("SendMessageBatch", input)?;
    let mut size = 0;
    for (_, entry) in &entries {
        size += entry.optional_text("MessageBody").unwrap_or_default().len();
        size += message::parse_attributes(entry.map("MessageAttributes")).map_or(0, |a| message::attributes_size(&a));
    }
    if size > LARGEST {
        let message = format!("Batch requests cannot be longer than {LARGEST} bytes. You have sent {size} bytes.");
        return Err(ServiceError::new("BatchRequestTooLong", message));
    }
    for (_, entry) in &entries {
        check_order(queue, *entry)?;
    }
    let trace = input.optional_text(TRACE_HEADER);
    Ok(batch::run(entries, |entry| take(cloud, queue, entry, trace).map_err(in_batch)))
}

/// An entry without what a FIFO queue needs fails the whole batch, and so does not leave a gap in the order.
fn check_order(queue: &Queue, entry: Input<'_>) -> Result<(), ServiceError> {
    if !queue.is_fifo() {
        return Ok(());
    }
    if entry.optional_text("MessageGroupId").is_none() {
        return Err(ServiceError::new("InvalidParameterValue", missing("MessageGroupId").message));
    }
    let known = entry.optional_text("MessageDeduplicationId").is_some();
    let by_content = queue.settings.is("ContentBasedDeduplication", "true");
    (known || by_content).then_some(()).ok_or_else(no_deduplication)
}

/// AWS words it otherwise in the entries of a batch.
fn in_batch(mut error: ServiceError) -> ServiceError {
    error.message = error.message.replace(
        "parameters are invalid. Reason: Message must",
        "parameters cannot be validated. Reason: Message must",
    );
    error
}

fn take(cloud: &Cloud, queue: &mut Queue, input: Input<'_>, trace: Option<&str>) -> Answer {
    let mut message = read(cloud, queue, input)?;
    let mut answer = json!({ "MD5OfMessageBody": md5_hex(message.body.as_bytes()) });
    if !message.attributes.is_empty() {
        set_member(&mut answer, "MD5OfMessageAttributes", message::attributes_md5(&message.attributes));
    }
    if let Some(header) = &message.trace_header {
        set_member(&mut answer, "MD5OfMessageSystemAttributes", message::trace_header_md5(header));
    }
    message.trace_header = message.trace_header.or_else(|| trace.map(str::to_owned));
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
    queue.taken.insert(key, until, Taken { id: id.clone(), sequence: sequence.clone() });
    (id, sequence)
}

fn deduplication_key(queue: &Queue, message: &Message) -> Option<String> {
    let id = message.deduplication.as_deref().filter(|_| queue.is_fifo())?;
    let group = message.group.as_deref().filter(|_| queue.deduplicates_by_group(message.sent_at));
    Some(format!("{} {id}", group.unwrap_or_default()))
}

fn read(cloud: &Cloud, queue: &Queue, input: Input<'_>) -> Result<Message, ServiceError> {
    let now = cloud.clock().now_millis();
    let body = input.text("MessageBody")?;
    check_characters(body)?;
    let delay = delay(queue, input)?;
    let group = group(queue, input)?;
    let deduplication = deduplication(queue, input, body)?;
    let system = input.map("MessageSystemAttributes");
    if let Some(name) = system.and_then(|map| map.keys().find(|name| *name != "AWSTraceHeader")) {
        let reason = "the only message system attribute that can be sent is AWSTraceHeader.";
        return Err(invalid("MessageSystemAttributeName", name, reason));
    }
    let trace = system.and_then(|map| map.get("AWSTraceHeader"));
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
        fate: Fate::Open,
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
        Some(group) => id("MessageGroupId", group).map(Some),
        None => Ok(None),
    }
}

fn deduplication(queue: &Queue, input: Input<'_>, body: &str) -> Result<Option<String>, ServiceError> {
    match input.optional_text("MessageDeduplicationId") {
        Some(id) if !queue.is_fifo() => Err(invalid("MessageDeduplicationId", id, WRONG_QUEUE)),
        Some(text) => id("MessageDeduplicationId", text).map(Some),
        None if !queue.is_fifo() => Ok(None),
        None if queue.settings.is("ContentBasedDeduplication", "true") => Ok(Some(sha256_hex(body.as_bytes()))),
        None => Err(no_deduplication()),
    }
}

fn no_deduplication() -> ServiceError {
    ServiceError::new(
        "InvalidParameterValue",
        "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly",
    )
}

/// The text of an id as [SendMessage](https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html)
/// allows it.
pub(super) fn id(name: &str, text: &str) -> Result<String, ServiceError> {
    let good = (1..=128).contains(&text.len()) && text.chars().all(|c| c.is_ascii_graphic());
    let rule = format!("{name} can only include alphanumeric and punctuation characters. 1 to 128 in length.");
    good.then(|| text.to_owned()).ok_or_else(|| invalid(name, text, &rule))
}

/// The characters that [SendMessage](https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html)
/// allows.
fn check_characters(body: &str) -> Result<(), ServiceError> {
    let allowed = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..='\u{10ffff}');
    body.chars().all(allowed).then_some(()).ok_or_else(|| {
        ServiceError::new("InvalidMessageContents", "The message contains characters outside the allowed set.")
    })
}
