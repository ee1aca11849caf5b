//! What is refused, in AWS's words.

use aws_sdk_sqs::error::ProvideErrorMetadata;
use aws_sdk_sqs::types::{MessageAttributeValue, MessageSystemAttributeValue, QueueAttributeName};

use super::{Queue, fifo, pass, queue};
use crate::testing::cloud;

fn words(error: &impl ProvideErrorMetadata) -> (String, String) {
    (error.code().unwrap_or_default().to_owned(), error.message().unwrap_or_default().to_owned())
}

async fn set(queue: &Queue, name: QueueAttributeName, value: &str) -> (String, String) {
    let request = queue.client.set_queue_attributes().queue_url(&queue.url).attributes(name, value);
    words(&request.send().await.unwrap_err())
}

#[tokio::test(start_paused = true)]
async fn a_redrive_policy_says_what_is_wrong_with_it() {
    let queue = queue(&cloud(), "q", &[]).await;
    let (code, message) = set(&queue, QueueAttributeName::RedrivePolicy, "x").await;
    assert_eq!(code, "InvalidAttributeValue");
    let reason = "Redrive policy is not a valid JSON map.";
    assert_eq!(message, format!("Invalid value for the parameter RedrivePolicy. Reason: {reason}"));
    for (policy, reason) in [
        (r#"{"deadLetterTargetArn":"a"}"#, "Redrive policy does not contain mandatory attribute: maxReceiveCount."),
        (r#"{"maxReceiveCount":1}"#, "Redrive policy does not contain mandatory attribute: deadLetterTargetArn."),
        (
            r#"{"maxReceiveCount":"1001","deadLetterTargetArn":"a"}"#,
            "Invalid value for maxReceiveCount: 1001, valid values are from 1 to 1000 both inclusive.",
        ),
    ] {
        let (code, message) = set(&queue, QueueAttributeName::RedrivePolicy, policy).await;
        assert_eq!(code, "InvalidParameterValue");
        assert_eq!(message, format!("Value {policy} for parameter RedrivePolicy is invalid. Reason: {reason}"));
    }
}

#[tokio::test(start_paused = true)]
async fn other_policies_are_checked_too() {
    let queue = queue(&cloud(), "q", &[]).await;
    let (code, message) = set(&queue, QueueAttributeName::Policy, "x").await;
    assert_eq!((code.as_str(), message.as_str()), ("InvalidAttributeValue", "Invalid value for the parameter Policy."));
    for policy in [r#"{"redrivePermission":"some"}"#, r#"{"redrivePermission":"byQueue"}"#] {
        let (code, _) = set(&queue, QueueAttributeName::RedriveAllowPolicy, policy).await;
        assert_eq!(code, "InvalidParameterValue", "{policy}");
    }
}

#[tokio::test(start_paused = true)]
async fn throughput_by_group_needs_deduplication_by_group() {
    let queue = fifo(&cloud(), "q.fifo", &[]).await;
    let (code, _) = set(&queue, QueueAttributeName::FifoThroughputLimit, "perMessageGroupId").await;
    assert_eq!(code, "InvalidAttributeValue");
    let request = queue.client.set_queue_attributes().queue_url(&queue.url);
    let request = request.attributes(QueueAttributeName::DeduplicationScope, "messageGroup");
    request.attributes(QueueAttributeName::FifoThroughputLimit, "perMessageGroupId").send().await.unwrap();
    let (code, _) = set(&queue, QueueAttributeName::DeduplicationScope, "queue").await;
    assert_eq!(code, "InvalidAttributeValue");
}

#[tokio::test(start_paused = true)]
async fn what_is_wrong_with_a_message() {
    let queue = queue(&cloud(), "q", &[]).await;
    let send = || queue.client.send_message().queue_url(&queue.url).message_body("x");
    let attribute = |kind: &str| MessageAttributeValue::builder().data_type(kind).string_value("x").build().unwrap();
    let delayed = words(&send().delay_seconds(901).send().await.unwrap_err()).1;
    let range = "DelaySeconds must be >= 0 and <= 900.";
    assert_eq!(delayed, format!("Value 901 for parameter DelaySeconds is invalid. Reason: {range}"));
    let hidden = queue.client.change_message_visibility().queue_url(&queue.url).receipt_handle("x");
    let hidden = words(&hidden.visibility_timeout(43_201).send().await.unwrap_err()).1;
    let range = "VisibilityTimeout must be an integer between 0 and 43200.";
    assert_eq!(hidden, format!("Value 43201 for parameter VisibilityTimeout is invalid. Reason: {range}"));
    let number = words(&send().message_attributes("n", attribute("Number")).send().await.unwrap_err()).1;
    assert_eq!(number, "Can't cast the value of message (user) attribute 'n' to a number.");
    let kind = words(&send().message_attributes("n", attribute("Text")).send().await.unwrap_err()).1;
    assert!(kind.starts_with("The type of message (user) attribute 'n' is invalid."), "{kind}");
    let system = MessageSystemAttributeValue::builder().data_type("String").string_value("x").build().unwrap();
    let system = send().message_system_attributes("SenderId".into(), system).send().await.unwrap_err();
    assert_eq!(words(&system).0, "InvalidParameterValue");
}

#[tokio::test(start_paused = true)]
async fn an_empty_batch_is_named_by_its_operation() {
    let queue = queue(&cloud(), "q", &[]).await;
    let (client, url) = (&queue.client, &queue.url);
    let none = Some(Vec::new());
    let send = client.send_message_batch().queue_url(url).set_entries(none).send().await.unwrap_err();
    let delete = client.delete_message_batch().queue_url(url).set_entries(Some(Vec::new())).send().await.unwrap_err();
    for (operation, error) in [("SendMessageBatch", words(&send)), ("DeleteMessageBatch", words(&delete))] {
        assert_eq!(error.0, "AWS.SimpleQueueService.EmptyBatchRequest");
        assert_eq!(error.1, format!("There should be at least one {operation}RequestEntry in the request."));
    }
}

#[tokio::test(start_paused = true)]
async fn only_some_actions_can_be_shared() {
    let queue = queue(&cloud(), "q", &[]).await;
    let share = |action: &str| {
        let request = queue.client.add_permission().queue_url(&queue.url).label(action);
        request.aws_account_ids("111111111111").actions(action).send()
    };
    share("SendMessage").await.unwrap();
    let message = words(&share("DeleteQueue").await.unwrap_err()).1;
    let reason = "Only the queue owner is allowed to invoke this action.";
    assert_eq!(message, format!("Value SQS:DeleteQueue for parameter ActionName is invalid. Reason: {reason}"));
}

#[tokio::test(start_paused = true)]
async fn a_handle_whose_timeout_is_over_hides_nothing() {
    let queue = queue(&cloud(), "q", &[(QueueAttributeName::VisibilityTimeout, "5")]).await;
    queue.send("x").await;
    let message = queue.receive().await.remove(0);
    pass(6).await;
    let request = queue.client.change_message_visibility().queue_url(&queue.url).visibility_timeout(60);
    request.receipt_handle(message.receipt_handle.unwrap()).send().await.unwrap();
    assert_eq!(queue.bodies().await, ["x"]);
}
