//! The SAM transform, over the wire.

use serde_json::{Value, json};

use super::{create, events, object, ok, physical_id, refused, status, zip};
use crate::testing::cloud;
use crate::{Cloud, Service};

const SAM: &str = r#"
Transform: AWS::Serverless-2016-10-31
Globals:
  Function: { Runtime: provided.al2023, Handler: bootstrap, Timeout: 10, Environment: { Variables: { A: "1" } } }
Resources:
  Work: { Type: AWS::SQS::Queue }
  Table: { Type: AWS::Serverless::SimpleTable }
  F:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: s3://code/f.zip
      Environment: { Variables: { B: "2" } }
      Policies: [{ DynamoDBReadPolicy: { TableName: !Ref Table } }]
      EventInvokeConfig: { MaximumRetryAttempts: 1 }
      Events:
        Work: { Type: SQS, Properties: { Queue: !GetAtt Work.Arn, BatchSize: 5 } }
        Placed: { Type: EventBridgeRule, Properties: { Pattern: { source: [orders] } } }
        Tick: { Type: Schedule, Properties: { Schedule: rate(1 hour), Enabled: false } }
  M:
    Type: AWS::Serverless::StateMachine
    Properties:
      Definition: { StartAt: A, States: { A: { Type: Task, Resource: !GetAtt F.Arn, End: true } } }
"#;

async fn deploy(cloud: &Cloud, template: &str) {
    let fields = [
        ("StackName", "one"),
        ("TemplateBody", template),
        ("Capabilities.member.1", "CAPABILITY_IAM"),
        ("Capabilities.member.2", "CAPABILITY_AUTO_EXPAND"),
    ];
    ok(cloud, "CreateStack", &fields).await;
}

async fn processed(cloud: &Cloud) -> Value {
    let answer = ok(cloud, "GetTemplate", &[("StackName", "one"), ("TemplateStage", "Processed")]).await;
    serde_json::from_str(answer.child_text("TemplateBody").unwrap()).unwrap()
}

#[tokio::test(start_paused = true)]
async fn resources_of_sam_become_resources_of_cloudformation() {
    let cloud = cloud();
    object(&cloud, "f.zip", zip("#!/bin/sh\n")).await;
    deploy(&cloud, SAM).await;
    assert_eq!(status(&cloud, "one").await, "CREATE_COMPLETE", "{:?}", events(&cloud, "one").await);
    let template = processed(&cloud).await;
    let resources = template["Resources"].as_object().unwrap();
    let mut made: Vec<String> = resources
        .iter()
        .map(|(id, r)| format!("{id} {}", r["Type"].as_str().unwrap().rsplit(':').next().unwrap()))
        .collect();
    made.sort();
    assert_eq!(
        made,
        [
            "F Function",
            "FEventInvokeConfig EventInvokeConfig",
            "FPlaced Rule",
            "FPlacedPermission Permission",
            "FRole Role",
            "FTick Rule",
            "FTickPermission Permission",
            "FWork EventSourceMapping",
            "M StateMachine",
            "MRole Role",
            "Table Table",
            "Work Queue",
        ]
    );
    assert!(template.get("Transform").is_none() && template.get("Globals").is_none());
    let function = physical_id(&cloud, "one", "F").await;
    let input = json!({ "FunctionName": function });
    let shown = super::call(&cloud, Service::Lambda, "GetFunction", input).await;
    assert_eq!(shown["Configuration"]["Environment"]["Variables"], json!({ "A": "1", "B": "2" }));
    assert_eq!(shown["Configuration"]["Timeout"], 10);
    assert_eq!(shown["Tags"], json!({ "lambda:createdBy": "SAM" }));
    let machine = physical_id(&cloud, "one", "M").await;
    let shown =
        super::call(&cloud, Service::StepFunctions, "DescribeStateMachine", json!({ "stateMachineArn": machine }))
            .await;
    let arn = format!("arn:aws:lambda:us-east-1:000000000000:function:{function}");
    assert!(shown["definition"].as_str().unwrap().contains(&arn), "{shown}");
    let role = physical_id(&cloud, "one", "FRole").await;
    let shown = super::call(&cloud, Service::Iam, "ListAttachedRolePolicies", json!({ "RoleName": role })).await;
    let names: Vec<_> = shown["AttachedPolicies"].as_array().unwrap().iter().map(|p| p["PolicyName"].clone()).collect();
    assert_eq!(names, ["AWSLambdaBasicExecutionRole", "AWSLambdaSQSQueueExecutionRole"]);
    ok(&cloud, "DeleteStack", &[("StackName", "one")]).await;
    assert!(cloud.lambda().function_names().is_empty());
    cloud.lambda().shutdown().await;
}

#[tokio::test(start_paused = true)]
async fn new_code_in_a_bucket_is_an_update_of_the_function_alone() {
    let cloud = cloud();
    object(&cloud, "f.zip", zip("#!/bin/sh\n")).await;
    object(&cloud, "g.zip", zip("#!/bin/bash\n")).await;
    deploy(&cloud, SAM).await;
    let function = physical_id(&cloud, "one", "F").await;
    let sha = async || {
        let input = json!({ "FunctionName": function });
        super::call(&cloud, Service::Lambda, "GetFunctionConfiguration", input).await["CodeSha256"].clone()
    };
    let (before, seen) = (sha().await, events(&cloud, "one").await.len());
    let fields = [
        ("StackName", "one"),
        ("TemplateBody", &SAM.replace("f.zip", "g.zip")),
        ("Capabilities.member.1", "CAPABILITY_IAM"),
        ("Capabilities.member.2", "CAPABILITY_AUTO_EXPAND"),
    ];
    ok(&cloud, "UpdateStack", &fields).await;
    assert_ne!(sha().await, before);
    let touched: Vec<String> = events(&cloud, "one").await.split_off(seen);
    assert!(touched.iter().all(|event| event.starts_with("one ") || event.starts_with("F ")), "{touched:?}");
    cloud.lambda().shutdown().await;
}

#[tokio::test(start_paused = true)]
async fn a_transform_has_to_be_acknowledged_unless_a_change_set_shows_it() {
    let cloud = cloud();
    object(&cloud, "f.zip", zip("#!/bin/sh\n")).await;
    let (code, message) = refused(&cloud, "CreateStack", &[("StackName", "one"), ("TemplateBody", SAM)]).await;
    assert_eq!(code, "InsufficientCapabilitiesException");
    assert_eq!(message, "Requires capabilities : [CAPABILITY_IAM, CAPABILITY_AUTO_EXPAND]");
    let names = [("StackName", "one"), ("ChangeSetName", "set")];
    let fields = [&names, [("TemplateBody", SAM), ("ChangeSetType", "CREATE")].as_slice()].concat();
    ok(&cloud, "CreateChangeSet", &fields).await;
    let set = ok(&cloud, "DescribeChangeSet", &names).await;
    assert_eq!(set.child_text("Status"), Some("FAILED"));
    assert_eq!(set.child_text("StatusReason"), Some("Requires capabilities : [CAPABILITY_IAM]"));
}

#[tokio::test(start_paused = true)]
async fn what_is_not_there_is_refused_by_name() {
    let cloud = cloud();
    let function = |more: &str| {
        format!(
            "Transform: AWS::Serverless-2016-10-31\nResources: {{ F: {{ Type: AWS::Serverless::Function, Properties: {{ \
             CodeUri: s3://b/k, Handler: h, Runtime: provided.al2023, {more} }} }} }}"
        )
    };
    for (template, expected) in [
        (
            "Transform: AWS::Serverless-2016-10-31\nResources: { A: { Type: AWS::Serverless::Api } }".to_owned(),
            "AWS::Serverless::Api is not supported by the local cloud",
        ),
        (
            "Transform: AWS::Serverless-2016-10-31\nResources: { A: { Type: AWS::Serverless::Connector } }".to_owned(),
            "AWS::Serverless::Connector is not supported by the local cloud",
        ),
        (function("AutoPublishAlias: live"), "property AutoPublishAlias is not supported by the local cloud"),
        (function("Colour: red"), "property Colour not defined for resource of type AWS::Serverless::Function"),
        (
            function("Policies: [{ SESCrudPolicy: {} }]"),
            "the policy template SESCrudPolicy is not supported by the local cloud",
        ),
        (function("Policies: [{ SQSPollerPolicy: {} }]"), "do not have values: [QueueName]"),
        (
            function("Events: { A: { Type: Api, Properties: {} } }"),
            "an event of the type Api is not supported by the local cloud",
        ),
        (
            function("Role: r").replace("s3://b/k", "code/"),
            "'CodeUri' is not a valid S3 Uri of the form 's3://bucket/key'",
        ),
    ] {
        let (code, message) =
            refused(&cloud, "CreateStack", &[("StackName", "one"), ("TemplateBody", &template)]).await;
        assert_eq!(code, "ValidationError");
        assert!(message.starts_with("Transform AWS::Serverless-2016-10-31 failed with: Invalid Serverless Application Specification document."), "{message}");
        assert!(message.contains(expected), "{message}");
    }
    create(&cloud, "one", "Resources: { Q: { Type: AWS::SQS::Queue } }").await;
}
