//! Standard queues.

pub(crate) mod batches;
pub(crate) mod fifo;
pub(crate) mod redrive;

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_sqs::types::{MessageAttributeValue, MessageSystemAttributeName, QueueAttributeName};
use throughline_conformance::{Account, Case, case};

use crate::given::{code, eventually, queue};

const VISIBILITY: &str =
    "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html";
const DELAY: &str =
    "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-timers.html";
const POLLING: &str =
    "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-short-and-long-polling.html";
const METADATA: &str =
    "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html";
const SEND: &str = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html";
const CREATE: &str = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html";
const ATTRIBUTES: &str =
    "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueAttributes.html";
const URL: &str = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueUrl.html";
const PURGE: &str = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_PurgeQueue.html";

pub(crate) const CASES: &[Case] = &[
    case!(
        a_received_message_is_invisible_until_deleted,
        "A received message stays in the queue, invisible to others, until it is deleted.",
        VISIBILITY
    ),
    case!(
        the_visibility_timeout_brings_a_message_back,
        "A message that is not deleted within the visibility timeout is received again; its receive count grows.",
        VISIBILITY
    ),
    case!(
        visibility_zero_brings_a_message_back_at_once,
        "ChangeMessageVisibility with 0 makes a message visible at once.",
        VISIBILITY
    ),
    case!(
        a_longer_visibility_holds_a_message,
        "ChangeMessageVisibility starts a new timeout from the moment of the call.",
        VISIBILITY
    ),
    case!(a_delayed_message_comes_later, "A message with DelaySeconds is not received until they have passed.", DELAY),
    case!(
        a_delay_queue_delays_every_message,
        "A queue's DelaySeconds delays every message that has none of its own.",
        DELAY
    ),
    case!(
        a_long_poll_waits_for_a_message,
        "A receive with WaitTimeSeconds answers as soon as a message arrives.",
        POLLING
    ),
    case!(
        a_long_poll_ends_empty,
        "A receive with WaitTimeSeconds answers without messages when the time is over.",
        POLLING
    )
    .waits_long(),
    case!(
        md5_of_body_and_attributes,
        "SendMessage answers the MD5 digests of the body and of the message attributes.",
        METADATA
    ),
    case!(
        attributes_come_when_asked_for,
        "Message attributes are returned only when the receive names them; a prefix with .* names several.",
        METADATA
    ),
    case!(
        a_message_may_have_one_mebibyte,
        "A message, attributes included, may have 1,048,576 bytes and no more.",
        SEND
    ),
    case!(
        characters_outside_xml_are_refused,
        "A body with characters outside #x9, #xA, #xD, #x20 to #xD7FF, … is refused.",
        SEND
    ),
    case!(counts_by_state, "The approximate numbers count visible, invisible and delayed messages apart.", ATTRIBUTES),
    case!(
        defaults_of_a_queue,
        "A queue has 30 s visibility, 4 days retention, no delay and 1 MiB messages unless set.",
        CREATE
    ),
    case!(
        creating_a_queue_again,
        "CreateQueue with the same name and attributes answers the same queue; with others it is refused.",
        CREATE
    ),
    case!(a_queue_that_is_not_there, "Operations on a queue that does not exist fail with QueueDoesNotExist.", URL),
    case!(
        purging_deletes_everything,
        "PurgeQueue deletes every message; a second purge within 60 seconds is refused.",
        PURGE
    ),
    case!(messages_end_with_their_retention, "A message is deleted when MessageRetentionPeriod is over.", CREATE)
        .waits_long(),
];

async fn a_received_message_is_invisible_until_deleted(t: Account) {
    let queue = queue(&t, "q", &[]).await;
    let id = queue.send("hello").await;
    let message = queue.next(&t).await;
    assert_eq!(message.message_id(), Some(id.as_str()));
    assert_eq!(message.body(), Some("hello"));
    queue.stays_empty(&t).await;
    queue.delete(&message).await;
    queue.drained(&t).await;
}

async fn the_visibility_timeout_brings_a_message_back(t: Account) {
    let queue = queue(&t, "q", &[("VisibilityTimeout", "1")]).await;
    queue.send("hello").await;
    let first = queue.next(&t).await;
    let second = queue.next(&t).await;
    assert_eq!(first.message_id(), second.message_id());
    assert_ne!(first.receipt_handle(), second.receipt_handle());
    let count = &second.attributes().unwrap()[&MessageSystemAttributeName::ApproximateReceiveCount];
    assert_eq!(count, "2");
}

async fn visibility_zero_brings_a_message_back_at_once(t: Account) {
    let queue = queue(&t, "q", &[]).await;
    queue.send("hello").await;
    let message = queue.next(&t).await;
    let request = t.sqs.change_message_visibility().queue_url(&queue.url).visibility_timeout(0);
    request.receipt_handle(message.receipt_handle().unwrap()).send().await.unwrap();
    assert_eq!(queue.next(&t).await.message_id(), message.message_id());
}

async fn a_longer_visibility_holds_a_message(t: Account) {
    let queue = queue(&t, "q", &[("VisibilityTimeout", "5")]).await;
    queue.send("hello").await;
    let message = queue.next(&t).await;
    let request = t.sqs.change_message_visibility().queue_url(&queue.url).visibility_timeout(600);
    request.receipt_handle(message.receipt_handle().unwrap()).send().await.unwrap();
    t.pass(Duration::from_millis(5500)).await;
    assert!(queue.receive().await.is_empty());
}

async fn a_delayed_message_comes_later(t: Account) {
    let queue = queue(&t, "q", &[]).await;
    t.sqs.send_message().queue_url(&queue.url).message_body("later").delay_seconds(2).send().await.unwrap();
    assert!(queue.receive().await.is_empty());
    assert_eq!(queue.next(&t).await.body(), Some("later"));
}

async fn a_delay_queue_delays_every_message(t: Account) {
    let queue = queue(&t, "q", &[("DelaySeconds", "2")]).await;
    queue.send("later").await;
    let now = t.sqs.send_message().queue_url(&queue.url).message_body("now").delay_seconds(0);
    now.send().await.unwrap();
    assert_eq!(queue.take(&t, 2).await, ["now", "later"]);
}

async fn a_long_poll_waits_for_a_message(t: Account) {
    let queue = queue(&t, "q", &[]).await;
    let poll = t.sqs.receive_message().queue_url(&queue.url).wait_time_seconds(20).send();
    let send = async {
        t.pass(Duration::from_millis(500)).await;
        queue.send("hello").await;
    };
    let start = tokio::time::Instant::now();
    let (answer, ()) = tokio::join!(poll, send);
    assert_eq!(answer.unwrap().messages()[0].body(), Some("hello"));
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
}

async fn a_long_poll_ends_empty(t: Account) {
    let queue = queue(&t, "q", &[]).await;
    let start = tokio::time::Instant::now();
    let answer = t.sqs.receive_message().queue_url(&queue.url).wait_time_seconds(20).send().await.unwrap();
    assert!(answer.messages().is_empty());
    assert_eq!(start.elapsed().as_secs(), 20);
}

fn attribute(kind: &str, value: &str) -> MessageAttributeValue {
    MessageAttributeValue::builder().data_type(kind).string_value(value).build().unwrap()
}

async fn md5_of_body_and_attributes(t: Account) {
    let queue = queue(&t, "q", &[]).await;
    let request = t.sqs.send_message().queue_url(&queue.url).message_body("hello");
    let request = request.message_attributes("colour", attribute("String", "blue"));
    let sent = request.message_attributes("amount", attribute("Number", "12")).send().await.unwrap();
    assert_eq!(sent.md5_of_message_body(), Some("5d41402abc4b2a76b9719d911017c592"));
    let own = sent.md5_of_message_attributes().unwrap().to_owned();
    assert_eq!(own, "28e0c94dd8efd80265cf81be23ae5351");
    let message = queue.next(&t).await;
    assert_eq!(message.md5_of_body(), Some("5d41402abc4b2a76b9719d911017c592"));
    assert_eq!(message.md5_of_message_attributes(), Some(own.as_str()));
}

async fn attributes_come_when_asked_for(t: Account) {
    let queue = queue(&t, "q", &[("VisibilityTimeout", "0")]).await;
    let request = t.sqs.send_message().queue_url(&queue.url).message_body("hello");
    let request = request.message_attributes("order.id", attribute("String", "7"));
    request.message_attributes("colour", attribute("String", "blue")).send().await.unwrap();
    let names = async |asked: Option<&str>| {
        eventually(&t, "the message", async || {
            let request = t.sqs.receive_message().queue_url(&queue.url);
            let request = request.set_message_attribute_names(asked.map(|name| vec![name.to_owned()]));
            let message = request.send().await.unwrap().messages.unwrap_or_default().pop()?;
            let attributes: HashMap<_, _> = message.message_attributes.unwrap_or_default();
            let mut names: Vec<String> = attributes.into_keys().collect();
            names.sort();
            Some(names)
        })
        .await
    };
    assert_eq!(names(None).await, Vec::<String>::new());
    assert_eq!(names(Some("colour")).await, ["colour"]);
    assert_eq!(names(Some("order.*")).await, ["order.id"]);
    assert_eq!(names(Some("All")).await, ["colour", "order.id"]);
}

async fn a_message_may_have_one_mebibyte(t: Account) {
    let queue = queue(&t, "q", &[]).await;
    let largest = "x".repeat(1_048_576);
    queue.send(&largest).await;
    let longer = t.sqs.send_message().queue_url(&queue.url).message_body(format!("{largest}x"));
    let refused = code(longer.send().await);
    assert!(refused.starts_with("InvalidParameterValue"), "{refused}");
}

async fn characters_outside_xml_are_refused(t: Account) {
    let queue = queue(&t, "q", &[]).await;
    let refused = code(t.sqs.send_message().queue_url(&queue.url).message_body("a\u{1}b").send().await);
    assert_eq!(refused, "InvalidMessageContents");
}

async fn counts_by_state(t: Account) {
    let queue = queue(&t, "q", &[]).await;
    queue.send("one").await;
    queue.send("two").await;
    t.sqs.send_message().queue_url(&queue.url).message_body("three").delay_seconds(900).send().await.unwrap();
    queue.next(&t).await;
    eventually(&t, "the counts", async || {
        let mut counts = Vec::new();
        for name in ["", "NotVisible", "Delayed"] {
            counts.push(queue.attribute(&format!("ApproximateNumberOfMessages{name}")).await);
        }
        (counts == ["1", "1", "1"]).then_some(())
    })
    .await;
}

async fn defaults_of_a_queue(t: Account) {
    let queue = queue(&t, "q", &[]).await;
    for (name, value) in [
        ("VisibilityTimeout", "30"),
        ("MessageRetentionPeriod", "345600"),
        ("DelaySeconds", "0"),
        ("MaximumMessageSize", "1048576"),
        ("ReceiveMessageWaitTimeSeconds", "0"),
    ] {
        assert_eq!(queue.attribute(name).await, value, "{name}");
    }
}

async fn creating_a_queue_again(t: Account) {
    let queue = queue(&t, "q", &[("VisibilityTimeout", "40")]).await;
    let again = async |seconds: &str| {
        let request = t.sqs.create_queue().queue_name(t.name("q"));
        request.attributes(QueueAttributeName::VisibilityTimeout, seconds).send().await
    };
    assert_eq!(again("40").await.unwrap().queue_url(), Some(queue.url.as_str()));
    let error = again("50").await.unwrap_err().into_service_error();
    assert!(error.is_queue_name_exists(), "{error:?}");
}

async fn a_queue_that_is_not_there(t: Account) {
    let error = t.sqs.get_queue_url().queue_name(t.name("none")).send().await.unwrap_err().into_service_error();
    assert!(error.is_queue_does_not_exist(), "{error:?}");
}

async fn purging_deletes_everything(t: Account) {
    let queue = queue(&t, "q", &[]).await;
    queue.send("one").await;
    queue.send("two").await;
    queue.next(&t).await;
    t.sqs.purge_queue().queue_url(&queue.url).send().await.unwrap();
    queue.drained(&t).await;
    let error = t.sqs.purge_queue().queue_url(&queue.url).send().await.unwrap_err().into_service_error();
    assert!(error.is_purge_queue_in_progress(), "{error:?}");
}

async fn messages_end_with_their_retention(t: Account) {
    let queue = queue(&t, "q", &[("MessageRetentionPeriod", "3600")]).await;
    queue.send("hello").await;
    t.pass(Duration::from_secs(3590)).await;
    assert_eq!(queue.attribute("ApproximateNumberOfMessages").await, "1");
    t.pass(Duration::from_secs(20)).await;
    assert!(queue.receive().await.is_empty());
    queue.drained(&t).await;
}
