//! Queues.

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::{Message, QueueAttributeName};
use serde_json::{Value, json};
use throughline_conformance::Account;

use super::eventually;

/// A queue of a case.
#[derive(Clone)]
pub(crate) struct Queue {
    pub(crate) sqs: Client,
    pub(crate) url: String,
    pub(crate) arn: String,
}

/// A standard queue.
pub(crate) async fn queue(t: &Account, label: &str, attributes: &[(&str, &str)]) -> Queue {
    create(t, &t.name(label), attributes).await
}

/// A FIFO queue.
pub(crate) async fn fifo(t: &Account, label: &str, attributes: &[(&str, &str)]) -> Queue {
    let mut all = vec![("FifoQueue", "true")];
    all.extend_from_slice(attributes);
    create(t, &t.name(&format!("{label}.fifo")), &all).await
}

/// The `RedrivePolicy` that parks messages in `queue` after `receives`.
pub(crate) fn redrive_policy(queue: &Queue, receives: u32) -> String {
    json!({ "deadLetterTargetArn": queue.arn, "maxReceiveCount": receives }).to_string()
}

/// A queue that parks messages in a second one after `receives`, and that one.
pub(crate) async fn dead_letters(t: &Account, receives: u32, attributes: &[(&str, &str)]) -> (Queue, Queue) {
    let parked = queue(t, "parked", &[]).await;
    let policy = redrive_policy(&parked, receives);
    let mut all = vec![("RedrivePolicy", policy.as_str())];
    all.extend_from_slice(attributes);
    (queue(t, "source", &all).await, parked)
}

async fn create(t: &Account, name: &str, attributes: &[(&str, &str)]) -> Queue {
    let mut request = t.sqs.create_queue().queue_name(name);
    for (name, value) in attributes {
        request = request.attributes(QueueAttributeName::from(*name), *value);
    }
    let url = request.send().await.unwrap().queue_url.unwrap();
    t.at_end(t.sqs.delete_queue().queue_url(&url).send());
    let mut queue = Queue { sqs: t.sqs.clone(), url, arn: String::new() };
    queue.arn = queue.attribute("QueueArn").await;
    queue
}

impl Queue {
    pub(crate) async fn attribute(&self, name: &str) -> String {
        let name = QueueAttributeName::from(name);
        let request = self.sqs.get_queue_attributes().queue_url(&self.url).attribute_names(name.clone());
        let attributes = request.send().await.unwrap().attributes.unwrap_or_default();
        attributes.get(&name).unwrap_or_else(|| panic!("no attribute {name:?}")).clone()
    }

    pub(crate) async fn set(&self, name: &str, value: &str) {
        let request = self.sqs.set_queue_attributes().queue_url(&self.url);
        request.attributes(QueueAttributeName::from(name), value).send().await.unwrap();
    }

    pub(crate) async fn send(&self, body: &str) -> String {
        let request = self.sqs.send_message().queue_url(&self.url).message_body(body);
        request.send().await.unwrap().message_id.unwrap()
    }

    /// Sends into a group of a FIFO queue; answers message id and sequence number.
    pub(crate) async fn send_in(&self, group: &str, deduplication: &str, body: &str) -> (String, String) {
        let request = self.sqs.send_message().queue_url(&self.url).message_body(body).message_group_id(group);
        let sent = request.message_deduplication_id(deduplication).send().await.unwrap();
        (sent.message_id.unwrap(), sent.sequence_number.unwrap())
    }

    /// What can be received now, with all attributes.
    pub(crate) async fn receive(&self) -> Vec<Message> {
        let request = self.sqs.receive_message().queue_url(&self.url).max_number_of_messages(10);
        let request = request.message_system_attribute_names("All".into()).message_attribute_names("All");
        request.send().await.unwrap().messages.unwrap_or_default()
    }

    /// The next message. Waits for it.
    pub(crate) async fn next(&self, t: &Account) -> Message {
        eventually(t, "a message", async || {
            let request = self.sqs.receive_message().queue_url(&self.url).max_number_of_messages(1);
            let request = request.message_system_attribute_names("All".into()).message_attribute_names("All");
            request.send().await.unwrap().messages.unwrap_or_default().pop()
        })
        .await
    }

    /// The next message's body as JSON. Waits for it, and deletes it.
    pub(crate) async fn next_json(&self, t: &Account) -> Value {
        let message = self.next(t).await;
        self.delete(&message).await;
        serde_json::from_str(message.body().unwrap()).unwrap()
    }

    /// The bodies of the next `count` messages, in order of arrival. Waits for them, and deletes them.
    pub(crate) async fn take(&self, t: &Account, count: usize) -> Vec<String> {
        let mut bodies = Vec::new();
        while bodies.len() < count {
            let message = self.next(t).await;
            self.delete(&message).await;
            bodies.push(message.body.unwrap());
        }
        bodies
    }

    pub(crate) async fn delete(&self, message: &Message) {
        let handle = message.receipt_handle().unwrap();
        self.sqs.delete_message().queue_url(&self.url).receipt_handle(handle).send().await.unwrap();
    }

    /// That nothing comes.
    pub(crate) async fn stays_empty(&self, t: &Account) {
        t.quiet().await;
        let messages = self.receive().await;
        assert!(messages.is_empty(), "{messages:?}");
    }

    /// Waits until nothing is in the queue, seen or not.
    pub(crate) async fn drained(&self, t: &Account) {
        eventually(t, "an empty queue", async || {
            let mut left = 0;
            for name in ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"] {
                left += self.attribute(name).await.parse::<u32>().unwrap();
            }
            (left == 0).then_some(())
        })
        .await;
    }
}
