use aws_sdk_sqs::error::ProvideErrorMetadata;
use aws_sdk_sqs::primitives::Blob;
use aws_sdk_sqs::types::{
    DeleteMessageBatchRequestEntry, MessageAttributeValue, MessageSystemAttributeName, QueueAttributeName,
    SendMessageBatchRequestEntry,
};

use super::{pass, queue};
use crate::testing::cloud;

#[tokio::test(start_paused = true)]
async fn a_message_is_invisible_until_its_timeout_is_over() {
    let queue = queue(&cloud(), "q", &[]).await;
    queue.send("hello").await;
    let first = queue.receive().await;
    assert_eq!(first[0].body(), Some("hello"));
    assert_eq!(queue.attribute("ApproximateNumberOfMessagesNotVisible").await, "1");
    pass(29).await;
    assert!(queue.receive().await.is_empty());
    pass(2).await;
    let second = queue.receive().await;
    let count = &second[0].attributes().unwrap()[&MessageSystemAttributeName::ApproximateReceiveCount];
    assert_eq!(count, "2");
    assert_ne!(first[0].receipt_handle(), second[0].receipt_handle());
    queue.delete(&first[0]).await;
    assert_eq!(queue.attribute("ApproximateNumberOfMessagesNotVisible").await, "1", "an old handle deletes nothing");
    queue.delete(&second[0]).await;
    assert_eq!(queue.attribute("ApproximateNumberOfMessagesNotVisible").await, "0");
}

#[tokio::test(start_paused = true)]
async fn a_delayed_message_counts_as_delayed() {
    let queue = queue(&cloud(), "q", &[(QueueAttributeName::DelaySeconds, "5")]).await;
    queue.send("later").await;
    let now = queue.client.send_message().queue_url(&queue.url).message_body("now").delay_seconds(0);
    now.send().await.unwrap();
    assert_eq!(queue.attribute("ApproximateNumberOfMessagesDelayed").await, "1");
    assert_eq!(queue.bodies().await, ["now"]);
    pass(5).await;
    assert_eq!(queue.bodies().await, ["later"]);
}

#[tokio::test(start_paused = true)]
async fn a_receiver_waits_for_a_message_and_no_longer() {
    let cloud = cloud();
    let queue = queue(&cloud, "q", &[]).await;
    let start = tokio::time::Instant::now();
    let poll = || queue.client.receive_message().queue_url(&queue.url).wait_time_seconds(20).send();
    let sender = async {
        tokio::time::sleep(std::time::Duration::from_secs(3)).await;
        queue.send("hello").await;
    };
    let (received, ()) = tokio::join!(poll(), sender);
    assert_eq!(received.unwrap().messages().len(), 1);
    assert_eq!(start.elapsed().as_secs(), 3);
    // The message becomes visible again after 30 seconds: the second wait sees it, the first one is over before.
    assert_eq!(poll().await.unwrap().messages().len(), 0);
    assert_eq!(start.elapsed().as_secs(), 23);
    assert_eq!(poll().await.unwrap().messages().len(), 1);
    assert_eq!(start.elapsed().as_secs(), 33);
}

#[tokio::test(start_paused = true)]
async fn a_changed_visibility_counts_from_now() {
    let queue = queue(&cloud(), "q", &[]).await;
    queue.send("hello").await;
    let message = queue.receive().await.remove(0);
    let change = |seconds| {
        let request = queue.client.change_message_visibility().queue_url(&queue.url);
        request.receipt_handle(message.receipt_handle().unwrap()).visibility_timeout(seconds).send()
    };
    pass(20).await;
    change(60).await.unwrap();
    pass(50).await;
    assert!(queue.receive().await.is_empty());
    let error = change(43_200).await.unwrap_err();
    assert_eq!(error.code(), Some("InvalidParameterValue"));
    change(5).await.unwrap();
    pass(4).await;
    assert!(queue.receive().await.is_empty());
    change(0).await.unwrap();
    assert_eq!(queue.bodies().await, ["hello"]);
}

#[tokio::test(start_paused = true)]
async fn attributes_come_back_with_the_digests_that_aws_computes() {
    let queue = queue(&cloud(), "q", &[]).await;
    let text = MessageAttributeValue::builder().data_type("String").string_value("value").build().unwrap();
    let bytes = MessageAttributeValue::builder().data_type("Binary").binary_value(Blob::new([1, 2])).build().unwrap();
    let sent = queue.client.send_message().queue_url(&queue.url).message_body("hello");
    let sent = sent.message_attributes("a.text", text).message_attributes("b.bytes", bytes).send().await.unwrap();
    assert_eq!(sent.md5_of_message_body(), Some("5d41402abc4b2a76b9719d911017c592"));
    let all = queue.client.receive_message().queue_url(&queue.url).visibility_timeout(0).message_attribute_names("All");
    let all = all.send().await.unwrap().messages.unwrap().remove(0);
    assert_eq!(all.md5_of_message_attributes(), sent.md5_of_message_attributes());
    assert_eq!(all.message_attributes().unwrap()["b.bytes"].binary_value().unwrap().as_ref(), [1, 2]);
    let some =
        queue.client.receive_message().queue_url(&queue.url).message_attribute_names("a.*").send().await.unwrap();
    assert_eq!(some.messages()[0].message_attributes().unwrap().len(), 1);
    assert_eq!(some.messages()[0].attributes(), None, "system attributes come only when asked for");
}

#[tokio::test(start_paused = true)]
async fn a_batch_answers_for_each_entry() {
    let queue = queue(&cloud(), "q", &[(QueueAttributeName::MaximumMessageSize, "1024")]).await;
    let entry =
        |id: &str, body: &str| SendMessageBatchRequestEntry::builder().id(id).message_body(body).build().unwrap();
    let batch = queue.client.send_message_batch().queue_url(&queue.url);
    let sent = batch.entries(entry("a", "one")).entries(entry("b", &"x".repeat(1025))).send().await.unwrap();
    assert_eq!(sent.successful()[0].id(), "a");
    assert_eq!((sent.failed()[0].id(), sent.failed()[0].code()), ("b", "InvalidParameterValue"));
    let batch = queue.client.send_message_batch().queue_url(&queue.url);
    let error = batch.entries(entry("a", "1")).entries(entry("a", "2")).send().await.unwrap_err().into_service_error();
    assert!(error.is_batch_entry_ids_not_distinct());
    assert_eq!(error.code(), Some("AWS.SimpleQueueService.BatchEntryIdsNotDistinct"));
    let received = queue.receive().await;
    let entry = DeleteMessageBatchRequestEntry::builder().id("x").receipt_handle(received[0].receipt_handle().unwrap());
    let wrong = DeleteMessageBatchRequestEntry::builder().id("y").receipt_handle("nonsense").build().unwrap();
    let batch = queue.client.delete_message_batch().queue_url(&queue.url).entries(entry.build().unwrap());
    let deleted = batch.entries(wrong).send().await.unwrap();
    assert_eq!(deleted.successful()[0].id(), "x");
    assert_eq!(deleted.failed()[0].code(), "ReceiptHandleIsInvalid");
}

#[tokio::test(start_paused = true)]
async fn a_message_is_kept_as_long_as_the_queue_says() {
    let queue = queue(&cloud(), "q", &[(QueueAttributeName::MessageRetentionPeriod, "60")]).await;
    queue.send("hello").await;
    pass(60).await;
    assert!(queue.receive().await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn the_largest_message_is_one_mebibyte() {
    let queue = queue(&cloud(), "q", &[]).await;
    queue.send(&"x".repeat(1_048_576)).await;
    let request = queue.client.send_message().queue_url(&queue.url).message_body("x".repeat(1_048_577));
    assert_eq!(request.send().await.unwrap_err().code(), Some("InvalidParameterValue"));
    let request = queue.client.send_message().queue_url(&queue.url).message_body("\u{1}");
    assert!(request.send().await.unwrap_err().into_service_error().is_invalid_message_contents());
}
