use aws_sdk_sqs::error::ProvideErrorMetadata;
use aws_sdk_sqs::types::QueueAttributeName;

use super::{pass, queue};
use crate::testing::cloud;

#[tokio::test(start_paused = true)]
async fn a_queue_is_made_once() {
    let cloud = cloud();
    let first = queue(&cloud, "q", &[(QueueAttributeName::VisibilityTimeout, "60")]).await;
    let second = queue(&cloud, "q", &[(QueueAttributeName::VisibilityTimeout, "60")]).await;
    assert_eq!(first.url, second.url);
    let request = first.client.create_queue().queue_name("q").attributes(QueueAttributeName::VisibilityTimeout, "61");
    let error = request.send().await.unwrap_err().into_service_error();
    assert!(error.is_queue_name_exists());
    assert_eq!(error.code(), Some("QueueAlreadyExists"));
    let request =
        first.client.create_queue().queue_name("r").attributes(QueueAttributeName::VisibilityTimeout, "43201");
    assert!(request.send().await.unwrap_err().into_service_error().is_invalid_attribute_value());
    let request = first.client.create_queue().queue_name("r").attributes("Colour".into(), "red");
    assert!(request.send().await.unwrap_err().into_service_error().is_invalid_attribute_name());
    let request = first.client.create_queue().queue_name("no.dots");
    assert_eq!(request.send().await.unwrap_err().code(), Some("InvalidParameterValue"));
}

#[tokio::test(start_paused = true)]
async fn a_deleted_queue_is_gone_and_its_name_free_after_a_minute() {
    let cloud = cloud();
    let queue = queue(&cloud, "q", &[]).await;
    queue.client.delete_queue().queue_url(&queue.url).send().await.unwrap();
    let error = queue.client.get_queue_url().queue_name("q").send().await.unwrap_err().into_service_error();
    assert!(error.is_queue_does_not_exist());
    assert_eq!(error.code(), Some("AWS.SimpleQueueService.NonExistentQueue"));
    let again = || queue.client.create_queue().queue_name("q").send();
    assert!(again().await.unwrap_err().into_service_error().is_queue_deleted_recently());
    pass(60).await;
    again().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_queue_is_found_whatever_host_its_url_names() {
    let queue = queue(&cloud(), "q", &[]).await;
    let elsewhere = "https://sqs.us-east-1.amazonaws.com/000000000000/q";
    queue.client.send_message().queue_url(elsewhere).message_body("x").send().await.unwrap();
    assert_eq!(queue.bodies().await, ["x"]);
    let other_account = "https://sqs.us-east-1.amazonaws.com/111111111111/q";
    let error = queue.client.send_message().queue_url(other_account).message_body("x").send().await.unwrap_err();
    assert!(error.into_service_error().is_queue_does_not_exist());
}

#[tokio::test(start_paused = true)]
async fn queues_are_listed_by_page() {
    let cloud = cloud();
    let mut last = None;
    for name in ["a1", "a2", "a3", "b1"] {
        last = Some(queue(&cloud, name, &[]).await);
    }
    let client = last.unwrap().client;
    let first = client.list_queues().queue_name_prefix("a").max_results(2).send().await.unwrap();
    assert_eq!(first.queue_urls().len(), 2);
    let request = client.list_queues().queue_name_prefix("a").max_results(2).next_token(first.next_token().unwrap());
    let second = request.send().await.unwrap();
    assert_eq!(second.queue_urls(), ["http://cloud.invalid/000000000000/a3"]);
    assert_eq!(second.next_token(), None);
}

#[tokio::test(start_paused = true)]
async fn a_queue_can_be_purged_tagged_and_opened_to_others() {
    let queue = queue(&cloud(), "q", &[]).await;
    queue.send("x").await;
    let purge = || queue.client.purge_queue().queue_url(&queue.url).send();
    purge().await.unwrap();
    assert!(queue.receive().await.is_empty());
    assert!(purge().await.unwrap_err().into_service_error().is_purge_queue_in_progress());

    queue.client.tag_queue().queue_url(&queue.url).tags("team", "orders").tags("x", "y").send().await.unwrap();
    queue.client.untag_queue().queue_url(&queue.url).tag_keys("x").send().await.unwrap();
    let tags = queue.client.list_queue_tags().queue_url(&queue.url).send().await.unwrap().tags.unwrap();
    assert_eq!((tags.len(), tags["team"].as_str()), (1, "orders"));

    let request = queue.client.add_permission().queue_url(&queue.url).label("them").aws_account_ids("111111111111");
    request.actions("SendMessage").send().await.unwrap();
    assert!(queue.attribute("Policy").await.contains("arn:aws:iam::111111111111:root"));
    queue.client.remove_permission().queue_url(&queue.url).label("them").send().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_key_of_its_own_takes_the_place_of_the_queues_encryption() {
    let cloud = cloud();
    let queue = queue(&cloud, "q", &[(QueueAttributeName::KmsMasterKeyId, "key")]).await;
    assert_eq!(queue.attribute("KmsDataKeyReusePeriodSeconds").await, "300");
    assert_eq!(queue.attribute("SqsManagedSseEnabled").await, "false");
    let set = queue.client.set_queue_attributes().queue_url(&queue.url);
    let set = set.attributes(QueueAttributeName::KmsMasterKeyId, "");
    set.attributes(QueueAttributeName::KmsDataKeyReusePeriodSeconds, "300").send().await.unwrap();
    let request = queue.client.get_queue_attributes().queue_url(&queue.url).attribute_names("All".into());
    let shown = request.send().await.unwrap().attributes.unwrap();
    assert_eq!(shown.get(&QueueAttributeName::KmsDataKeyReusePeriodSeconds), None);
}

#[tokio::test(start_paused = true)]
async fn a_permission_for_one_account_has_no_lists() {
    let cloud = cloud();
    let queue = queue(&cloud, "q", &[]).await;
    let add = queue.client.add_permission().queue_url(&queue.url).label("l").actions("ReceiveMessage");
    add.aws_account_ids("000000000000").send().await.unwrap();
    let policy: serde_json::Value = serde_json::from_str(&queue.attribute("Policy").await).unwrap();
    assert_eq!(policy["Version"], "2008-10-17");
    assert_eq!(policy["Statement"][0]["Action"], "SQS:ReceiveMessage");
    assert_eq!(policy["Statement"][0]["Principal"]["AWS"], "arn:aws:iam::000000000000:root");
}

#[tokio::test(start_paused = true)]
async fn a_star_asks_for_all_attributes() {
    let cloud = cloud();
    let queue = queue(&cloud, "q", &[]).await;
    let value =
        aws_sdk_sqs::types::MessageAttributeValue::builder().data_type("String").string_value("v").build().unwrap();
    let send = queue.client.send_message().queue_url(&queue.url).message_body("b").message_attributes("n", value);
    send.send().await.unwrap();
    let receive = queue.client.receive_message().queue_url(&queue.url).message_attribute_names("*");
    let messages = receive.send().await.unwrap().messages.unwrap();
    assert_eq!(messages[0].message_attributes().unwrap()["n"].string_value(), Some("v"));
}
