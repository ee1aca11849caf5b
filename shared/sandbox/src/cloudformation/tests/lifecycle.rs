//! A stack from its creation to its end.

use serde_json::json;

use super::{ask, attribute, call, create, described, events, ok, output, physical_id, refused, status};
use crate::Service;
use crate::testing::cloud;

const TEMPLATE: &str = r#"
Description: Two queues.
Parameters:
  Secret: { Type: String, NoEcho: true, Default: hush }
  Seconds: { Type: Number, Default: 45 }
Resources:
  Work:
    Type: AWS::SQS::Queue
    Properties:
      VisibilityTimeout: !Ref Seconds
      RedrivePolicy: { deadLetterTargetArn: !GetAtt Dead.Arn, maxReceiveCount: 3 }
      Tags: [{ Key: own, Value: "1" }]
  Dead: { Type: AWS::SQS::Queue, Properties: { QueueName: !Sub "${AWS::StackName}-dead" } }
Outputs:
  Url: { Value: !Ref Work, Description: Send here. }
  Stack: { Value: !Ref AWS::StackId }
"#;

#[tokio::test(start_paused = true)]
async fn resources_are_created_in_order_and_described() {
    let cloud = cloud();
    let fields =
        [("StackName", "one"), ("TemplateBody", TEMPLATE), ("Tags.member.1.Key", "team"), ("Tags.member.1.Value", "a")];
    let answer = ok(&cloud, "CreateStack", &fields).await;
    let id = answer.child_text("StackId").unwrap().to_owned();
    assert!(id.starts_with("arn:aws:cloudformation:us-east-1:000000000000:stack/one/"), "{id}");
    assert_eq!(
        events(&cloud, "one").await,
        [
            "one CREATE_IN_PROGRESS User Initiated",
            "Dead CREATE_IN_PROGRESS",
            "Dead CREATE_IN_PROGRESS Resource creation Initiated",
            "Dead CREATE_COMPLETE",
            "Work CREATE_IN_PROGRESS",
            "Work CREATE_IN_PROGRESS Resource creation Initiated",
            "Work CREATE_COMPLETE",
            "one CREATE_COMPLETE",
        ]
    );
    let stack = described(&cloud, &id).await;
    assert_eq!(stack.child_text("StackStatus"), Some("CREATE_COMPLETE"));
    assert_eq!(stack.child_text("CreationTime"), Some("2026-11-24T12:00:00.000Z"));
    assert_eq!(stack.child_text("Description"), Some("Two queues."));
    let parameters: Vec<_> = stack.child("Parameters").unwrap().all("member").collect();
    assert_eq!(parameters[0].child_text("ParameterValue"), Some("****"));
    assert_eq!(output(&cloud, "one", "Stack").await, id);

    let url = output(&cloud, "one", "Url").await;
    assert_eq!(url, physical_id(&cloud, "one", "Work").await);
    assert!(url.contains("/one-Work-"), "{url}");
    assert_eq!(attribute(&cloud, &url, "VisibilityTimeout").await, "45");
    let redrive = attribute(&cloud, &url, "RedrivePolicy").await;
    assert!(redrive.as_str().unwrap().contains("arn:aws:sqs:us-east-1:000000000000:one-dead"), "{redrive}");
    let tags = call(&cloud, Service::Sqs, "ListQueueTags", json!({ "QueueUrl": url })).await;
    assert_eq!(tags["Tags"], json!({ "own": "1", "team": "a" }));
    let listed = ok(&cloud, "ListStackResources", &[("StackName", "one")]).await;
    assert_eq!(listed.child("StackResourceSummaries").unwrap().all("member").count(), 2);
    let found = ok(&cloud, "DescribeStackResources", &[("PhysicalResourceId", &url)]).await;
    assert_eq!(found.child("StackResources").unwrap().all("member").count(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_deleted_stack_is_found_by_its_arn_only() {
    let cloud = cloud();
    create(&cloud, "one", TEMPLATE).await;
    let (code, message) = refused(&cloud, "CreateStack", &[("StackName", "one"), ("TemplateBody", TEMPLATE)]).await;
    assert_eq!((code.as_str(), message.as_str()), ("AlreadyExistsException", "Stack [one] already exists"));
    let id = output(&cloud, "one", "Stack").await;
    let url = output(&cloud, "one", "Url").await;
    ok(&cloud, "DeleteStack", &[("StackName", "one")]).await;
    let (code, message) = refused(&cloud, "DescribeStacks", &[("StackName", "one")]).await;
    assert_eq!((code.as_str(), message.as_str()), ("ValidationError", "Stack with id one does not exist"));
    assert_eq!(status(&cloud, &id).await, "DELETE_COMPLETE");
    let gone = cloud.call(Service::Sqs, "GetQueueAttributes", json!({ "QueueUrl": url })).await.unwrap_err();
    assert!(gone.code.contains("NonExistentQueue") || gone.code.contains("QueueDoesNotExist"), "{gone:?}");
    let order: Vec<_> =
        events(&cloud, &id).await.into_iter().filter(|event| event.contains("DELETE_COMPLETE")).collect();
    assert_eq!(order, ["Work DELETE_COMPLETE", "Dead DELETE_COMPLETE", "one DELETE_COMPLETE"]);
    let listed = ok(&cloud, "ListStacks", &[("StackStatusFilter.member.1", "DELETE_COMPLETE")]).await;
    assert_eq!(listed.child("StackSummaries").unwrap().all("member").count(), 1);
    // Once more is no error.
    ok(&cloud, "DeleteStack", &[("StackName", "one")]).await;
    ok(&cloud, "DeleteStack", &[("StackName", "never")]).await;
}

/// A queue's name is free a minute after its deletion; the stack waits for it.
#[tokio::test(start_paused = true)]
async fn a_stack_is_made_again_right_after_it_was_deleted() {
    let cloud = cloud();
    create(&cloud, "one", TEMPLATE).await;
    ok(&cloud, "DeleteStack", &[("StackName", "one")]).await;
    ok(&cloud, "CreateStack", &[("StackName", "one"), ("TemplateBody", TEMPLATE)]).await;
    assert_eq!(status(&cloud, "one").await, "CREATE_IN_PROGRESS");
    tokio::time::sleep(std::time::Duration::from_secs(90)).await;
    assert_eq!(status(&cloud, "one").await, "CREATE_COMPLETE");
}

#[tokio::test(start_paused = true)]
async fn a_protected_stack_and_a_retained_resource_stay() {
    let cloud = cloud();
    let template = r#"{ "Resources": {
        "Kept": { "Type": "AWS::SQS::Queue", "DeletionPolicy": "Retain", "Properties": { "QueueName": "kept" } },
        "Gone": { "Type": "AWS::SQS::Queue", "Properties": { "QueueName": "gone" } } } }"#;
    let fields = [("StackName", "one"), ("TemplateBody", template), ("EnableTerminationProtection", "true")];
    ok(&cloud, "CreateStack", &fields).await;
    let (_, message) = refused(&cloud, "DeleteStack", &[("StackName", "one")]).await;
    assert!(message.ends_with("cannot be deleted while TerminationProtection is enabled"), "{message}");
    let off = [("StackName", "one"), ("EnableTerminationProtection", "false")];
    let id = ok(&cloud, "UpdateTerminationProtection", &off).await.child_text("StackId").unwrap().to_owned();
    ok(&cloud, "DeleteStack", &[("StackName", "one")]).await;
    assert_eq!(status(&cloud, &id).await, "DELETE_COMPLETE");
    assert!(events(&cloud, &id).await.contains(&"Kept DELETE_SKIPPED".to_owned()));
    let queues = call(&cloud, Service::Sqs, "ListQueues", json!({})).await;
    assert_eq!(queues["QueueUrls"].as_array().unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_does_not_go_can_be_left_behind() {
    let cloud = cloud();
    let template = r#"{ "Resources": { "B": { "Type": "AWS::S3::Bucket", "Properties": { "BucketName": "code" } } } }"#;
    create(&cloud, "one", template).await;
    super::object(&cloud, "k", "x").await;
    ok(&cloud, "DeleteStack", &[("StackName", "one")]).await;
    assert_eq!(status(&cloud, "one").await, "DELETE_FAILED");
    let failed = events(&cloud, "one").await;
    assert!(failed.iter().any(|event| event.contains("The bucket you tried to delete is not empty")), "{failed:?}");
    assert_eq!(failed.last().unwrap(), "one DELETE_FAILED The following resource(s) failed to delete: [B].");
    ok(&cloud, "DeleteStack", &[("StackName", "one"), ("RetainResources.member.1", "B")]).await;
    assert_eq!(ask(&cloud, "DescribeStacks", &[("StackName", "one")]).await.0, 400);
}
