use std::time::Duration;

use aws_sdk_sqs::error::ProvideErrorMetadata;
use aws_sdk_sqs::types::{MessageSystemAttributeName, QueueAttributeName};

use super::{Queue, fifo, pass, queue};
use crate::testing::cloud;

const DEAD: &str = r#"{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:dead","maxReceiveCount":2}"#;

async fn die(queue: &Queue) {
    queue.send("poison").await;
    for _ in 0..2 {
        assert_eq!(queue.bodies().await, ["poison"]);
        pass(30).await;
    }
    assert!(queue.receive().await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_message_received_too_often_goes_to_the_dead_letter_queue_and_back() {
    let cloud = cloud();
    let dead = queue(&cloud, "dead", &[]).await;
    let source = queue(&cloud, "source", &[(QueueAttributeName::RedrivePolicy, DEAD)]).await;
    die(&source).await;
    let message = dead.receive().await.remove(0);
    let attributes = message.attributes().unwrap();
    let arn = "arn:aws:sqs:us-east-1:000000000000:source";
    assert_eq!(attributes[&MessageSystemAttributeName::DeadLetterQueueSourceArn], arn);
    assert_eq!(attributes[&MessageSystemAttributeName::ApproximateReceiveCount], "3");
    let sources = dead.client.list_dead_letter_source_queues().queue_url(&dead.url).send().await.unwrap();
    assert_eq!(sources.queue_urls()[0], source.url);

    pass(30).await;
    let dead_arn = "arn:aws:sqs:us-east-1:000000000000:dead";
    dead.client.start_message_move_task().source_arn(dead_arn).send().await.unwrap();
    assert_eq!(cloud.pending().as_deref(), Some(format!("messages on their way out of {dead_arn}").as_str()));
    cloud.settle(Duration::from_secs(5)).await.unwrap();
    let tasks = dead.client.list_message_move_tasks().source_arn(dead_arn).send().await.unwrap();
    assert_eq!(tasks.results()[0].status(), Some("COMPLETED"));
    assert_eq!(tasks.results()[0].approximate_number_of_messages_moved(), 1);
    assert_eq!(source.bodies().await, ["poison"]);
}

#[tokio::test(start_paused = true)]
async fn a_move_keeps_to_its_rate_and_can_be_cancelled() {
    let cloud = cloud();
    let dead = queue(&cloud, "dead", &[]).await;
    queue(&cloud, "source", &[(QueueAttributeName::RedrivePolicy, DEAD)]).await;
    let other = queue(&cloud, "other", &[]).await;
    for body in ["1", "2", "3", "4"] {
        dead.send(body).await;
    }
    let arn = |name: &str| format!("arn:aws:sqs:us-east-1:000000000000:{name}");
    let request = dead.client.start_message_move_task().source_arn(arn("dead")).destination_arn(arn("other"));
    let task = request.max_number_of_messages_per_second(1).send().await.unwrap().task_handle.unwrap();
    tokio::time::sleep(Duration::from_millis(2500)).await;
    let cancelled = dead.client.cancel_message_move_task().task_handle(task).send().await.unwrap();
    assert_eq!(cancelled.approximate_number_of_messages_moved(), 2);
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(other.bodies().await, ["1", "2"]);
    assert_eq!(dead.bodies().await, ["3", "4"]);
}

#[tokio::test(start_paused = true)]
async fn a_redrive_policy_is_checked() {
    let cloud = cloud();
    let source = queue(&cloud, "source", &[]).await;
    let set = || {
        let request = source.client.set_queue_attributes().queue_url(&source.url);
        request.attributes(QueueAttributeName::RedrivePolicy, DEAD).send()
    };
    assert_eq!(set().await.unwrap_err().code(), Some("InvalidParameterValue"), "there is no such queue");
    let dead =
        queue(&cloud, "dead", &[(QueueAttributeName::RedriveAllowPolicy, r#"{"redrivePermission":"denyAll"}"#)]).await;
    assert_eq!(set().await.unwrap_err().code(), Some("InvalidParameterValue"), "the target does not allow it");
    let request = dead.client.set_queue_attributes().queue_url(&dead.url);
    request.attributes(QueueAttributeName::RedriveAllowPolicy, "").send().await.unwrap();
    set().await.unwrap();
    let fifo = fifo(&cloud, "source.fifo", &[]).await;
    let request = fifo.client.set_queue_attributes().queue_url(&fifo.url);
    let error = request.attributes(QueueAttributeName::RedrivePolicy, DEAD).send().await.unwrap_err();
    assert_eq!(error.code(), Some("InvalidParameterValue"), "a FIFO queue needs a FIFO queue");
}
