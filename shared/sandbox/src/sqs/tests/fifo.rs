use aws_sdk_sqs::error::ProvideErrorMetadata;
use aws_sdk_sqs::types::{MessageSystemAttributeName, QueueAttributeName};

use super::{fifo, pass};
use crate::testing::cloud;

#[tokio::test(start_paused = true)]
async fn a_group_is_closed_while_one_of_its_messages_is_in_flight() {
    let queue = fifo(&cloud(), "q.fifo", &[]).await;
    queue.send_in("a", "1", "a1").await;
    let first = queue.receive().await;
    queue.send_in("a", "2", "a2").await;
    queue.send_in("b", "3", "b1").await;
    assert_eq!(queue.bodies().await, ["b1"]);
    queue.delete(&first[0]).await;
    assert_eq!(queue.bodies().await, ["a2"]);
}

#[tokio::test(start_paused = true)]
async fn messages_that_are_not_deleted_come_again_in_order() {
    let queue = fifo(&cloud(), "q.fifo", &[]).await;
    for (id, body) in [("1", "a1"), ("2", "a2")] {
        queue.send_in("a", id, body).await;
    }
    let received = queue.receive().await;
    let sequence = |i: usize| received[i].attributes().unwrap()[&MessageSystemAttributeName::SequenceNumber].clone();
    assert!(sequence(0) < sequence(1));
    let request = queue.client.change_message_visibility().queue_url(&queue.url).visibility_timeout(0);
    request.receipt_handle(received[0].receipt_handle().unwrap()).send().await.unwrap();
    assert_eq!(queue.bodies().await, ["a1"], "a2 is in flight, and behind it");
    pass(30).await;
    assert_eq!(queue.bodies().await, ["a1", "a2"]);
    let request = queue.client.delete_message().queue_url(&queue.url);
    let error = request.receipt_handle(received[1].receipt_handle().unwrap()).send().await.unwrap_err();
    assert_eq!(error.code(), Some("InvalidParameterValue"), "the handle has expired");
}

#[tokio::test(start_paused = true)]
async fn a_message_sent_again_within_five_minutes_is_not_delivered_again() {
    let queue = fifo(&cloud(), "q.fifo", &[]).await;
    let first = queue.send_in("a", "same", "one").await;
    assert_eq!(queue.send_in("b", "same", "two").await, first);
    queue.delete(&queue.receive().await[0]).await;
    pass(299).await;
    queue.send_in("a", "same", "three").await;
    assert!(queue.receive().await.is_empty());
    pass(1).await;
    queue.send_in("a", "same", "four").await;
    assert_eq!(queue.bodies().await, ["four"]);
}

#[tokio::test(start_paused = true)]
async fn deduplication_can_be_by_content_and_by_group() {
    let queue = fifo(
        &cloud(),
        "q.fifo",
        &[
            (QueueAttributeName::ContentBasedDeduplication, "true"),
            (QueueAttributeName::DeduplicationScope, "messageGroup"),
            (QueueAttributeName::FifoThroughputLimit, "perMessageGroupId"),
        ],
    )
    .await;
    for group in ["a", "a", "b"] {
        let request = queue.client.send_message().queue_url(&queue.url).message_body("same").message_group_id(group);
        request.send().await.unwrap();
    }
    assert_eq!(queue.bodies().await, ["same", "same"]);
}

#[tokio::test(start_paused = true)]
async fn what_a_fifo_queue_wants_and_refuses() {
    let queue = fifo(&cloud(), "q.fifo", &[]).await;
    let request = || queue.client.send_message().queue_url(&queue.url).message_body("x");
    assert_eq!(request().send().await.unwrap_err().code(), Some("MissingParameter"));
    let error = request().message_group_id("a").send().await.unwrap_err();
    assert_eq!(error.code(), Some("InvalidParameterValue"));
    let error =
        request().message_group_id("a").message_deduplication_id("1").delay_seconds(5).send().await.unwrap_err();
    assert_eq!(error.code(), Some("InvalidParameterValue"));
}

#[tokio::test(start_paused = true)]
async fn nothing_passes_a_message_in_flight_and_the_longest_waiting_group_is_first() {
    let queue = fifo(&cloud(), "q.fifo", &[]).await;
    for (group, id) in [("a", "a1"), ("a", "a2"), ("b", "b1")] {
        queue.send_in(group, id, id).await;
    }
    let request = queue.client.receive_message().queue_url(&queue.url).max_number_of_messages(2);
    let first = request.send().await.unwrap().messages.unwrap();
    assert_eq!(first[1].body(), Some("a2"));
    let request = queue.client.change_message_visibility().queue_url(&queue.url).visibility_timeout(1);
    request.receipt_handle(first[0].receipt_handle().unwrap()).send().await.unwrap();
    pass(2).await;
    assert_eq!(queue.bodies().await, ["b1", "a1"]);
}

#[tokio::test(start_paused = true)]
async fn a_lost_receive_can_be_had_again_by_its_attempts_id() {
    let queue = fifo(&cloud(), "q.fifo", &[]).await;
    queue.send_in("a", "1", "a1").await;
    let receive = || queue.client.receive_message().queue_url(&queue.url).receive_request_attempt_id("try").send();
    let first = receive().await.unwrap().messages.unwrap();
    pass(20).await;
    let again = receive().await.unwrap().messages.unwrap();
    assert_eq!(again[0].receipt_handle(), first[0].receipt_handle());
    pass(20).await;
    assert!(queue.receive().await.is_empty(), "the timeout began again");
    queue.delete(&first[0]).await;
    assert!(receive().await.unwrap().messages.is_none());
}

#[tokio::test(start_paused = true)]
async fn another_way_of_deduplication_begins_a_minute_later() {
    let queue = fifo(&cloud(), "q.fifo", &[]).await;
    let request = queue.client.set_queue_attributes().queue_url(&queue.url);
    let request = request.attributes(QueueAttributeName::DeduplicationScope, "messageGroup");
    request.attributes(QueueAttributeName::FifoThroughputLimit, "perMessageGroupId").send().await.unwrap();
    let first = queue.send_in("a", "same", "one").await;
    assert_eq!(queue.send_in("b", "same", "two").await, first);
    pass(60).await;
    assert_ne!(queue.send_in("c", "same", "three").await, first);
}

#[tokio::test(start_paused = true)]
async fn an_entry_without_a_group_fails_the_batch() {
    use aws_sdk_sqs::types::SendMessageBatchRequestEntry as Entry;
    let queue = fifo(&cloud(), "q.fifo", &[]).await;
    let entry = |id: &str| Entry::builder().id(id).message_body(id).message_deduplication_id(id);
    let request = queue.client.send_message_batch().queue_url(&queue.url);
    let request =
        request.entries(entry("1").message_group_id("a").build().unwrap()).entries(entry("2").build().unwrap());
    assert_eq!(request.send().await.unwrap_err().code(), Some("InvalidParameterValue"));
    assert!(queue.receive().await.is_empty());
}
