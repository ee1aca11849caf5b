//! FIFO queues.

use std::time::Duration;

use aws_sdk_sqs::types::MessageSystemAttributeName;
use throughline_conformance::{Account, Case, case};

use crate::given::{code, fifo};

const LOGIC: &str =
    "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/FIFO-queues-understanding-logic.html";
const ONCE: &str = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/FIFO-queues-exactly-once-processing.html";
const SEND: &str = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html";
const CREATE: &str = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html";

pub(crate) const CASES: &[Case] = &[
    case!(
        a_group_keeps_its_order,
        "Messages of a group are received in the order they were sent; sequence numbers grow.",
        LOGIC
    ),
    case!(
        a_group_waits_for_its_first_message,
        "While a message of a group is in flight, no other of that group is received; other groups are.",
        LOGIC
    ),
    case!(
        a_returned_message_is_first_again,
        "A message whose visibility ends comes back before the later ones of its group.",
        LOGIC
    ),
    case!(
        the_same_id_is_sent_once,
        "A message with the deduplication id of an earlier one is accepted and not delivered.",
        ONCE
    ),
    case!(an_id_is_kept_after_the_delete, "Deduplication goes on after the message was received and deleted.", ONCE),
    case!(
        an_id_is_free_after_five_minutes,
        "After the five minutes of the deduplication interval the same id is a new message.",
        ONCE
    )
    .waits_long(),
    case!(content_can_be_the_id, "With ContentBasedDeduplication the body's SHA-256 is the id.", ONCE),
    case!(a_group_is_required, "A message to a FIFO queue needs a MessageGroupId.", SEND),
    case!(an_id_is_required, "Without ContentBasedDeduplication a message needs a MessageDeduplicationId.", SEND),
    case!(no_delay_of_its_own, "DelaySeconds on a single message is refused by FIFO queues.", SEND),
    case!(names_end_in_fifo, "The name of a FIFO queue ends in .fifo.", CREATE),
];

async fn a_group_keeps_its_order(t: Account) {
    let queue = fifo(&t, "q", &[]).await;
    let mut numbers = Vec::new();
    for body in ["1", "2", "3", "4"] {
        numbers.push(queue.send_in("g", body, body).await.1);
    }
    assert!(numbers.is_sorted_by(|a, b| a.parse::<u128>().unwrap() < b.parse::<u128>().unwrap()), "{numbers:?}");
    assert_eq!(queue.take(&t, 4).await, ["1", "2", "3", "4"]);
}

async fn a_group_waits_for_its_first_message(t: Account) {
    let queue = fifo(&t, "q", &[]).await;
    queue.send_in("a", "1", "a1").await;
    queue.send_in("a", "2", "a2").await;
    queue.send_in("b", "3", "b1").await;
    let first = queue.next(&t).await;
    assert_eq!(first.body(), Some("a1"));
    let second = queue.next(&t).await;
    assert_eq!(second.body(), Some("b1"));
    queue.stays_empty(&t).await;
    queue.delete(&first).await;
    assert_eq!(queue.next(&t).await.body(), Some("a2"));
}

async fn a_returned_message_is_first_again(t: Account) {
    let queue = fifo(&t, "q", &[]).await;
    queue.send_in("g", "1", "one").await;
    queue.send_in("g", "2", "two").await;
    let first = queue.next(&t).await;
    assert_eq!(first.body(), Some("one"));
    let request = t.sqs.change_message_visibility().queue_url(&queue.url).visibility_timeout(1);
    request.receipt_handle(first.receipt_handle().unwrap()).send().await.unwrap();
    assert_eq!(queue.take(&t, 2).await, ["one", "two"]);
}

async fn the_same_id_is_sent_once(t: Account) {
    let queue = fifo(&t, "q", &[]).await;
    let first = queue.send_in("g", "id", "hello").await;
    queue.send_in("g", "id", "other").await;
    let message = queue.next(&t).await;
    assert_eq!(message.body(), Some("hello"));
    let attributes = message.attributes().unwrap();
    assert_eq!(attributes[&MessageSystemAttributeName::MessageDeduplicationId], "id");
    assert_eq!(attributes[&MessageSystemAttributeName::MessageGroupId], "g");
    assert_eq!(attributes[&MessageSystemAttributeName::SequenceNumber], first.1);
    queue.delete(&message).await;
    queue.stays_empty(&t).await;
}

async fn an_id_is_kept_after_the_delete(t: Account) {
    let queue = fifo(&t, "q", &[]).await;
    queue.send_in("g", "id", "hello").await;
    queue.take(&t, 1).await;
    queue.send_in("g", "id", "hello").await;
    queue.stays_empty(&t).await;
}

async fn an_id_is_free_after_five_minutes(t: Account) {
    let queue = fifo(&t, "q", &[]).await;
    queue.send_in("g", "id", "first").await;
    t.pass(Duration::from_secs(299)).await;
    queue.send_in("g", "id", "second").await;
    t.pass(Duration::from_secs(2)).await;
    queue.send_in("g", "id", "third").await;
    assert_eq!(queue.take(&t, 2).await, ["first", "third"]);
}

async fn content_can_be_the_id(t: Account) {
    let queue = fifo(&t, "q", &[("ContentBasedDeduplication", "true")]).await;
    for body in ["one", "one", "two"] {
        let request = t.sqs.send_message().queue_url(&queue.url).message_body(body).message_group_id("g");
        request.send().await.unwrap();
    }
    let first = queue.next(&t).await;
    // SHA-256 of `one`.
    let id = &first.attributes().unwrap()[&MessageSystemAttributeName::MessageDeduplicationId];
    assert_eq!(id, "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed");
    queue.delete(&first).await;
    assert_eq!(queue.take(&t, 1).await, ["two"]);
    queue.stays_empty(&t).await;
}

async fn a_group_is_required(t: Account) {
    let queue = fifo(&t, "q", &[]).await;
    let request = t.sqs.send_message().queue_url(&queue.url).message_body("x").message_deduplication_id("x");
    let refused = code(request.send().await);
    assert!(refused.starts_with("MissingParameter"), "{refused}");
}

async fn an_id_is_required(t: Account) {
    let queue = fifo(&t, "q", &[]).await;
    let request = t.sqs.send_message().queue_url(&queue.url).message_body("x").message_group_id("g");
    let refused = code(request.send().await);
    assert!(refused.starts_with("InvalidParameterValue"), "{refused}");
}

async fn no_delay_of_its_own(t: Account) {
    let queue = fifo(&t, "q", &[]).await;
    let request = t.sqs.send_message().queue_url(&queue.url).message_body("x").message_group_id("g");
    let refused = code(request.message_deduplication_id("x").delay_seconds(5).send().await);
    assert!(refused.starts_with("InvalidParameterValue"), "{refused}");
}

async fn names_end_in_fifo(t: Account) {
    let request = t.sqs.create_queue().queue_name(t.name("q")).attributes("FifoQueue".into(), "true");
    let refused = code(request.send().await);
    assert!(refused.starts_with("InvalidParameterValue"), "{refused}");
}
