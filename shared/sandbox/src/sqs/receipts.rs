//! Receipt handles, and what is done with them: deleting, changing the visibility timeout.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::batch;
use super::errors::{self, invalid};
use super::input::Input;
use super::message::Message;
use super::queue::Queue;
use crate::cloud::Cloud;
use crate::wire::{Answer, ServiceError};

/// The longest that a message can be invisible after one receive, in milliseconds
/// ([ChangeMessageVisibility](https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ChangeMessageVisibility.html)).
const LONGEST: i64 = 43_200_000;

/// The handle of a message's last receive. Every receive gives another one.
pub(super) fn handle(queue: &Queue, number: u64, message: &Message) -> String {
    STANDARD.encode(format!("{} {} {number} {} {}", queue.name, queue.created_at, message.id, message.receives))
}

struct Receipt {
    number: u64,
    id: String,
    receives: u32,
}

impl Receipt {
    fn parse(queue: &Queue, handle: &str) -> Option<Self> {
        let text = String::from_utf8(STANDARD.decode(handle).ok()?).ok()?;
        let mut parts = text.split(' ');
        let own = parts.next()? == queue.name && parts.next()? == queue.created_at.to_string();
        let number = parts.next()?.parse().ok()?;
        let id = parts.next()?.to_owned();
        let receives = parts.next()?.parse().ok()?;
        own.then_some(Self { number, id, receives })
    }

    /// The message, if it is there and was not received again since.
    fn message<'a>(&self, queue: &'a Queue) -> Option<&'a Message> {
        queue.messages.get(self.number).filter(|m| m.id == self.id && m.receives == self.receives)
    }
}

fn receipt(queue: &Queue, handle: &str) -> Result<Receipt, ServiceError> {
    Receipt::parse(queue, handle).ok_or_else(|| {
        let message = format!("The input receipt handle \"{handle}\" is not a valid receipt handle.");
        ServiceError::new("ReceiptHandleIsInvalid", message)
    })
}

pub(super) fn delete(cloud: &Cloud, input: Input<'_>) -> Answer {
    let mut state = cloud.sqs().state();
    delete_one(cloud, state.queue(cloud, input)?, input)
}

pub(super) fn delete_batch(cloud: &Cloud, input: Input<'_>) -> Answer {
    let mut state = cloud.sqs().state();
    let queue = state.queue(cloud, input)?;
    let entries = batch::entries("DeleteMessageBatch", input)?;
    Ok(batch::run(entries, |entry| delete_one(cloud, queue, entry)))
}

/// A handle of an earlier receive deletes nothing and is no error. In a FIFO queue a handle is good only while the message
/// is in flight ([DeleteMessage](https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_DeleteMessage.html)).
fn delete_one(cloud: &Cloud, queue: &mut Queue, input: Input<'_>) -> Answer {
    let handle = input.text("ReceiptHandle")?;
    let receipt = receipt(queue, handle)?;
    let now = cloud.clock().now_millis();
    let fifo = queue.is_fifo();
    if fifo && queue.messages.get(receipt.number).is_some() {
        let in_flight = receipt.message(queue).is_some_and(|m| m.is_in_flight(now));
        if !in_flight {
            return Err(invalid("ReceiptHandle", handle, "The receipt handle has expired."));
        }
    }
    if receipt.message(queue).is_some() {
        queue.messages.remove(receipt.number);
        queue.wake.notify_waiters();
    }
    Ok(json!({}))
}

pub(super) fn change(cloud: &Cloud, input: Input<'_>) -> Answer {
    let mut state = cloud.sqs().state();
    change_one(cloud, state.queue(cloud, input)?, input)
}

pub(super) fn change_batch(cloud: &Cloud, input: Input<'_>) -> Answer {
    let mut state = cloud.sqs().state();
    let queue = state.queue(cloud, input)?;
    let entries = batch::entries("ChangeMessageVisibilityBatch", input)?;
    Ok(batch::run(entries, |entry| change_one(cloud, queue, entry)))
}

/// In a standard queue, the handle of a receive whose timeout is over is taken, and changes nothing: whoever comes next has the message.
fn change_one(cloud: &Cloud, queue: &mut Queue, input: Input<'_>) -> Answer {
    let handle = input.text("ReceiptHandle")?;
    let range = "VisibilityTimeout must be an integer between 0 and 43200.";
    let timeout = input.number_or("VisibilityTimeout", 0, 43_200, range)?;
    let timeout = timeout.ok_or_else(|| errors::missing("VisibilityTimeout"))?;
    let receipt = receipt(queue, handle)?;
    let now = cloud.clock().now_millis();
    let fifo = queue.is_fifo();
    let Some(message) = receipt.message(queue) else {
        let reason = "Message does not exist or is not available for visibility timeout change.";
        return Err(invalid("ReceiptHandle", handle, reason));
    };
    if !message.is_in_flight(now) {
        let error = || ServiceError::new("MessageNotInflight", "The message referred to isn't in flight.");
        return if fifo { Err(error()) } else { Ok(json!({})) };
    }
    let visible_at = now + timeout * 1000;
    if visible_at - message.received_at.unwrap_or(now) > LONGEST {
        let reason = "Total VisibilityTimeout for the message is beyond the limit [43200 seconds]";
        return Err(invalid("VisibilityTimeout", timeout, reason));
    }
    queue.messages.update(receipt.number, |message| message.visible_at = visible_at);
    queue.wake.notify_waiters();
    Ok(json!({}))
}
