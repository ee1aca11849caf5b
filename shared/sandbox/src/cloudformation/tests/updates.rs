//! Updates: in place, replaced, removed, left alone.

use serde_json::json;

use super::{attribute, call, create, events, ok, output, physical_id, refused, status, update};
use crate::Service;
use crate::testing::cloud;

fn template(queue: &str, more: &str) -> String {
    let table = r#""AttributeDefinitions": [{ "AttributeName": "k", "AttributeType": "S" }],
        "KeySchema": [{ "AttributeName": "k", "KeyType": "HASH" }], "BillingMode": "PAY_PER_REQUEST""#;
    format!(
        r#"{{ "Resources": {{ "Q": {{ "Type": "AWS::SQS::Queue", "Properties": {{ {queue} }} }},
            "T": {{ "Type": "AWS::DynamoDB::Table", "Properties": {{ {table} }} }} {more} }},
            "Outputs": {{ "Url": {{ "Value": {{ "Ref": "Q" }} }} }} }}"#
    )
}

#[tokio::test(start_paused = true)]
async fn what_differs_is_changed_in_place_and_the_rest_is_left_alone() {
    let cloud = cloud();
    create(&cloud, "one", &template(r#""VisibilityTimeout": 10, "DelaySeconds": 5"#, "")).await;
    let (url, table) = (output(&cloud, "one", "Url").await, physical_id(&cloud, "one", "T").await);
    let item = json!({ "TableName": table, "Item": { "k": { "S": "kept" } } });
    call(&cloud, Service::DynamoDb, "PutItem", item).await;
    let before = events(&cloud, "one").await.len();
    tokio::time::sleep(std::time::Duration::from_secs(60)).await;
    update(&cloud, "one", &template(r#""VisibilityTimeout": 20"#, "")).await;
    let all = events(&cloud, "one").await;
    assert_eq!(
        all[before..],
        [
            "one UPDATE_IN_PROGRESS User Initiated",
            "Q UPDATE_IN_PROGRESS",
            "Q UPDATE_COMPLETE",
            "one UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
            "one UPDATE_COMPLETE",
        ]
    );
    assert_eq!(output(&cloud, "one", "Url").await, url);
    assert_eq!(attribute(&cloud, &url, "VisibilityTimeout").await, "20");
    // What left the template is as if it had never been said.
    assert_eq!(attribute(&cloud, &url, "DelaySeconds").await, "0");
    let count = call(&cloud, Service::DynamoDb, "Scan", json!({ "TableName": table })).await;
    assert_eq!(count["Count"], 1);
    let stack = super::described(&cloud, "one").await;
    assert_eq!(stack.child_text("LastUpdatedTime"), Some("2026-11-24T12:01:00.000Z"));
    let again = template(r#""VisibilityTimeout": 20"#, "");
    let (code, message) = refused(&cloud, "UpdateStack", &[("StackName", "one"), ("TemplateBody", &again)]).await;
    assert_eq!((code.as_str(), message.as_str()), ("ValidationError", "No updates are to be performed."));
}

#[tokio::test(start_paused = true)]
async fn a_queue_that_becomes_fifo_is_another_one() {
    let cloud = cloud();
    create(&cloud, "one", &template("", "")).await;
    let before = output(&cloud, "one", "Url").await;
    update(&cloud, "one", &template(r#""FifoQueue": true"#, "")).await;
    let after = output(&cloud, "one", "Url").await;
    assert!(after != before && after.ends_with(".fifo"), "{before} → {after}");
    let queues = call(&cloud, Service::Sqs, "ListQueues", json!({})).await;
    assert_eq!(queues["QueueUrls"], json!([after]));
    let all = events(&cloud, "one").await;
    let reason =
        "Q UPDATE_IN_PROGRESS Requested update requires the creation of a new physical resource; hence creating one.";
    assert!(all.contains(&reason.to_owned()), "{all:?}");
    // The old one goes when everything else is done.
    let at = |event: &str| all.iter().position(|other| other == event).unwrap();
    assert!(at("one UPDATE_COMPLETE_CLEANUP_IN_PROGRESS") < at("Q DELETE_COMPLETE"));
}

#[tokio::test(start_paused = true)]
async fn a_table_with_a_name_of_its_own_is_not_replaced() {
    let cloud = cloud();
    let table = |key: &str| {
        format!(
            r#"{{ "Resources": {{ "T": {{ "Type": "AWS::DynamoDB::Table", "Properties": {{ "TableName": "mine",
            "AttributeDefinitions": [{{ "AttributeName": "{key}", "AttributeType": "S" }}],
            "KeySchema": [{{ "AttributeName": "{key}", "KeyType": "HASH" }}], "BillingMode": "PAY_PER_REQUEST" }} }} }} }}"#
        )
    };
    create(&cloud, "one", &table("a")).await;
    ok(&cloud, "UpdateStack", &[("StackName", "one"), ("TemplateBody", &table("b"))]).await;
    assert_eq!(status(&cloud, "one").await, "UPDATE_ROLLBACK_COMPLETE");
    let all = events(&cloud, "one").await;
    let reason = "T UPDATE_FAILED CloudFormation cannot update a stack when a custom-named resource requires replacing. \
                  Rename mine and update the stack again.";
    assert!(all.contains(&reason.to_owned()), "{all:?}");
    let described = call(&cloud, Service::DynamoDb, "DescribeTable", json!({ "TableName": "mine" })).await;
    assert_eq!(described["Table"]["KeySchema"][0]["AttributeName"], "a");
    // The stack is as it was, and can be updated again.
    let (_, message) = refused(&cloud, "UpdateStack", &[("StackName", "one"), ("TemplateBody", &table("a"))]).await;
    assert_eq!(message, "No updates are to be performed.");
}

#[tokio::test(start_paused = true)]
async fn what_leaves_the_template_goes_or_is_retained() {
    let cloud = cloud();
    let more = r#", "X": { "Type": "AWS::SQS::Queue", "Properties": { "QueueName": "x" } },
        "Y": { "Type": "AWS::SQS::Queue", "DeletionPolicy": "Retain", "Properties": { "QueueName": "y" } }"#;
    create(&cloud, "one", &template("", more)).await;
    update(&cloud, "one", &template("", "")).await;
    let queues = call(&cloud, Service::Sqs, "ListQueues", json!({})).await.to_string();
    assert!(!queues.contains("/x\"") && queues.contains("/y\""), "{queues}");
    let (_, message) =
        refused(&cloud, "DescribeStackResource", &[("StackName", "one"), ("LogicalResourceId", "X")]).await;
    assert_eq!(message, "Resource X does not exist for stack one");
}

#[tokio::test(start_paused = true)]
async fn a_failed_update_is_taken_back() {
    let cloud = cloud();
    create(&cloud, "one", &template(r#""VisibilityTimeout": 10"#, "")).await;
    let url = output(&cloud, "one", "Url").await;
    let more = r#", "A": { "Type": "AWS::SQS::Queue", "Properties": { "QueueName": "a" } },
        "B": { "Type": "AWS::SQS::Queue", "DependsOn": "A", "Properties": { "VisibilityTimeout": 99999 } }"#;
    let broken = template(r#""VisibilityTimeout": 20"#, more);
    ok(&cloud, "UpdateStack", &[("StackName", "one"), ("TemplateBody", &broken)]).await;
    assert_eq!(status(&cloud, "one").await, "UPDATE_ROLLBACK_COMPLETE");
    assert_eq!(attribute(&cloud, &url, "VisibilityTimeout").await, "10");
    let queues = call(&cloud, Service::Sqs, "ListQueues", json!({})).await;
    assert_eq!(queues["QueueUrls"], json!([url]));
    let all = events(&cloud, "one").await;
    let order = [
        "B CREATE_FAILED",
        "one UPDATE_ROLLBACK_IN_PROGRESS The following resource(s) failed to create: [B].",
        "A DELETE_COMPLETE",
        "one UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS",
        "one UPDATE_ROLLBACK_COMPLETE",
    ];
    let mut rest = all.iter();
    for event in order {
        assert!(rest.any(|other| other.starts_with(event)), "{event} in {all:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_resource_cannot_become_one_of_another_type() {
    let cloud = cloud();
    create(&cloud, "one", r#"{ "Resources": { "A": { "Type": "AWS::SQS::Queue" } } }"#).await;
    let other = r#"{ "Resources": { "A": { "Type": "AWS::S3::Bucket" } } }"#;
    let (_, message) = refused(&cloud, "UpdateStack", &[("StackName", "one"), ("TemplateBody", other)]).await;
    assert!(message.starts_with("Update of resource type is not permitted."), "{message}");
    assert!(message.ends_with("[A]"), "{message}");
}

#[tokio::test(start_paused = true)]
async fn parameters_keep_their_values_and_tags_go_on_to_resources() {
    let cloud = cloud();
    let template = r#"{ "Parameters": { "V": { "Type": "Number", "Default": 1 }, "D": { "Type": "Number", "Default": 0 } },
        "Resources": { "Q": { "Type": "AWS::SQS::Queue", "Properties": {
            "VisibilityTimeout": { "Ref": "V" }, "DelaySeconds": { "Ref": "D" } } } },
        "Outputs": { "Url": { "Value": { "Ref": "Q" } } } }"#;
    let given = [("Parameters.member.1.ParameterKey", "V"), ("Parameters.member.1.ParameterValue", "7")];
    ok(&cloud, "CreateStack", &[&[("StackName", "one"), ("TemplateBody", template)], given.as_slice()].concat()).await;
    let fields = [
        ("StackName", "one"),
        ("UsePreviousTemplate", "true"),
        ("Parameters.member.1.ParameterKey", "V"),
        ("Parameters.member.1.UsePreviousValue", "true"),
        ("Parameters.member.2.ParameterKey", "D"),
        ("Parameters.member.2.ParameterValue", "3"),
        ("Tags.member.1.Key", "team"),
        ("Tags.member.1.Value", "b"),
    ];
    ok(&cloud, "UpdateStack", &fields).await;
    let url = output(&cloud, "one", "Url").await;
    assert_eq!(attribute(&cloud, &url, "VisibilityTimeout").await, "7");
    assert_eq!(attribute(&cloud, &url, "DelaySeconds").await, "3");
    let tags = call(&cloud, Service::Sqs, "ListQueueTags", json!({ "QueueUrl": url })).await;
    assert_eq!(tags["Tags"], json!({ "team": "b" }));
}

/// Nothing but the stack's own knowledge changes, and yet it is an update.
#[tokio::test(start_paused = true)]
async fn a_policy_that_says_what_holds_anyway_is_an_update_too() {
    let cloud = cloud();
    let template = r#"{ "Resources": { "A": { "Type": "AWS::SQS::Queue" } } }"#;
    create(&cloud, "one", template).await;
    let seen = events(&cloud, "one").await.len();
    update(&cloud, "one", &template.replace("\"Type\"", "\"UpdateReplacePolicy\": \"Delete\", \"Type\"")).await;
    assert!(events(&cloud, "one").await[seen..].iter().all(|event| event.starts_with("one ")));
}

#[tokio::test(start_paused = true)]
async fn no_two_events_happen_at_the_same_time() {
    let cloud = cloud();
    create(&cloud, "one", r#"{ "Resources": { "A": { "Type": "AWS::SQS::Queue" } } }"#).await;
    let answer = ok(&cloud, "DescribeStackEvents", &[("StackName", "one")]).await;
    let times: Vec<_> =
        answer.child("StackEvents").unwrap().all("member").map(|e| e.child_text("Timestamp").unwrap()).collect();
    assert!(times.windows(2).all(|pair| pair[0] > pair[1]), "{times:?}");
}
