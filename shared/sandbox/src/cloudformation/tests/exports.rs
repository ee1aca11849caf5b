//! Values that stacks share.

use super::{create, events, ok, output, refused, status};
use crate::testing::cloud;

const GIVER: &str = r#"{ "Resources": { "Q": { "Type": "AWS::SQS::Queue", "Properties": { "QueueName": "shared" } } },
    "Outputs": { "Arn": { "Value": { "Fn::GetAtt": ["Q", "Arn"] }, "Export": { "Name": { "Fn::Sub": "${AWS::StackName}-arn" } } } } }"#;

const TAKER: &str = r#"{ "Resources": { "Q": { "Type": "AWS::SQS::Queue", "Properties": { "RedrivePolicy": {
        "deadLetterTargetArn": { "Fn::ImportValue": "giver-arn" }, "maxReceiveCount": 2 } } } },
    "Outputs": { "Taken": { "Value": { "Fn::ImportValue": "giver-arn" } } } }"#;

#[tokio::test(start_paused = true)]
async fn an_export_is_imported_and_held() {
    let cloud = cloud();
    create(&cloud, "giver", GIVER).await;
    create(&cloud, "taker", TAKER).await;
    assert_eq!(output(&cloud, "taker", "Taken").await, "arn:aws:sqs:us-east-1:000000000000:shared");
    let listed = ok(&cloud, "ListExports", &[]).await;
    let export = listed.child("Exports").unwrap().child("member").unwrap();
    assert_eq!(export.child_text("Name"), Some("giver-arn"));
    let listed = ok(&cloud, "ListImports", &[("ExportName", "giver-arn")]).await;
    assert_eq!(listed.child("Imports").unwrap().child_text("member"), Some("taker"));
    ok(&cloud, "DeleteStack", &[("StackName", "giver")]).await;
    assert_eq!(status(&cloud, "giver").await, "DELETE_FAILED");
    let reason = "giver DELETE_FAILED Delete canceled. Cannot delete export giver-arn as it is in use by taker.";
    assert_eq!(events(&cloud, "giver").await.last().unwrap(), reason);
    ok(&cloud, "DeleteStack", &[("StackName", "taker")]).await;
    let (_, message) = refused(&cloud, "ListImports", &[("ExportName", "giver-arn")]).await;
    assert_eq!(message, "Export 'giver-arn' is not imported by any stack.");
    ok(&cloud, "DeleteStack", &[("StackName", "giver")]).await;
    assert_eq!(ok(&cloud, "ListExports", &[]).await.child("Exports").unwrap().children.len(), 0);
}

#[tokio::test(start_paused = true)]
async fn an_export_that_is_not_there_or_there_twice_fails_the_stack() {
    let cloud = cloud();
    ok(&cloud, "CreateStack", &[("StackName", "taker"), ("TemplateBody", TAKER)]).await;
    assert_eq!(status(&cloud, "taker").await, "ROLLBACK_COMPLETE");
    let all = events(&cloud, "taker").await;
    assert!(all.contains(&"Q CREATE_FAILED No export named giver-arn found.".to_owned()), "{all:?}");
    create(&cloud, "giver", GIVER).await;
    let twice = GIVER.replace("\"shared\"", "\"other\"").replace("${AWS::StackName}", "giver");
    ok(&cloud, "CreateStack", &[("StackName", "second"), ("TemplateBody", &twice)]).await;
    assert_eq!(status(&cloud, "second").await, "ROLLBACK_COMPLETE");
    let all = events(&cloud, "second").await;
    assert!(
        all.iter().any(|event| event.contains("Export with name giver-arn is already exported by stack giver.")),
        "{all:?}"
    );
}
