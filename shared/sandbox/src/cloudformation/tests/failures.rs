//! Stacks that cannot be made.

use super::{ask, events, form, ok, refused, status};
use crate::query::tests::post;
use crate::testing::cloud;

const BROKEN: &str = r#"{ "Resources": {
    "A": { "Type": "AWS::SQS::Queue", "Properties": { "QueueName": "a" } },
    "B": { "Type": "AWS::SQS::Queue", "DependsOn": "A", "Properties": { "VisibilityTimeout": 99999 } } } }"#;

#[tokio::test(start_paused = true)]
async fn a_stack_that_fails_is_rolled_back_with_the_reason() {
    let cloud = cloud();
    ok(&cloud, "CreateStack", &[("StackName", "one"), ("TemplateBody", BROKEN)]).await;
    assert_eq!(status(&cloud, "one").await, "ROLLBACK_COMPLETE");
    let all = events(&cloud, "one").await;
    let failed = all.iter().find(|event| event.starts_with("B CREATE_FAILED")).unwrap();
    assert!(failed.contains("Resource handler returned message: \""), "{failed}");
    assert!(failed.contains("HandlerErrorCode: InvalidRequest"), "{failed}");
    let reason =
        "one ROLLBACK_IN_PROGRESS The following resource(s) failed to create: [B]. Rollback requested by user.";
    assert!(all.contains(&reason.to_owned()), "{all:?}");
    assert!(all.contains(&"A DELETE_COMPLETE".to_owned()), "{all:?}");
    assert!(super::described(&cloud, "one").await.child_text("DeletionTime").is_some());
    let (_, message) = refused(&cloud, "UpdateStack", &[("StackName", "one"), ("TemplateBody", BROKEN)]).await;
    assert!(message.ends_with("is in ROLLBACK_COMPLETE state and can not be updated."), "{message}");
    ok(&cloud, "DeleteStack", &[("StackName", "one")]).await;
    assert_eq!(ask(&cloud, "DescribeStacks", &[("StackName", "one")]).await.0, 400);
}

#[tokio::test(start_paused = true)]
async fn what_failed_is_kept_or_deleted_when_that_was_asked() {
    let cloud = cloud();
    ok(&cloud, "CreateStack", &[("StackName", "kept"), ("TemplateBody", BROKEN), ("DisableRollback", "true")]).await;
    assert_eq!(status(&cloud, "kept").await, "CREATE_FAILED");
    let mended = BROKEN.replace("99999", "9");
    super::update(&cloud, "kept", &mended).await;
    let other = BROKEN.replace("\"a\"", "\"c\"");
    ok(&cloud, "CreateStack", &[("StackName", "gone"), ("TemplateBody", &other), ("OnFailure", "DELETE")]).await;
    assert_eq!(ask(&cloud, "DescribeStacks", &[("StackName", "gone")]).await.0, 400);
}

#[tokio::test(start_paused = true)]
async fn a_resource_that_exists_is_not_taken_over() {
    let cloud = cloud();
    let template = r#"{ "Resources": { "A": { "Type": "AWS::SQS::Queue", "Properties": { "QueueName": "a" } } } }"#;
    super::create(&cloud, "one", template).await;
    ok(&cloud, "CreateStack", &[("StackName", "two"), ("TemplateBody", template)]).await;
    assert_eq!(status(&cloud, "two").await, "ROLLBACK_COMPLETE");
    let all = events(&cloud, "two").await;
    assert!(
        all.iter().any(|event| event.contains("'AWS::SQS::Queue' with identifier 'a' already exists.")
            && event.contains("AlreadyExists")),
        "{all:?}"
    );
    let queues = cloud.call(crate::Service::Sqs, "ListQueues", serde_json::json!({})).await.unwrap();
    assert_eq!(queues["QueueUrls"].as_array().unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn permissions_have_to_be_acknowledged() {
    let cloud = cloud();
    let role = |name: &str| {
        format!(
            r#"{{ "Resources": {{ "R": {{ "Type": "AWS::IAM::Role", "Properties": {{ {name} "AssumeRolePolicyDocument": {{}} }} }} }} }}"#
        )
    };
    let (code, message) = refused(&cloud, "CreateStack", &[("StackName", "one"), ("TemplateBody", &role(""))]).await;
    assert_eq!(
        (code.as_str(), message.as_str()),
        ("InsufficientCapabilitiesException", "Requires capabilities : [CAPABILITY_IAM]")
    );
    let named = role(r#""RoleName": "r","#);
    let iam = ("Capabilities.member.1", "CAPABILITY_IAM");
    let (_, message) = refused(&cloud, "CreateStack", &[("StackName", "one"), ("TemplateBody", &named), iam]).await;
    assert_eq!(message, "Requires capabilities : [CAPABILITY_NAMED_IAM]");
    ok(&cloud, "CreateStack", &[("StackName", "one"), ("TemplateBody", &role("")), iam]).await;
    assert_eq!(status(&cloud, "one").await, "CREATE_COMPLETE");
}

#[tokio::test(start_paused = true)]
async fn templates_that_cannot_be_understood() {
    let cloud = cloud();
    let queue = |properties: &str| {
        format!(r#"{{ "Resources": {{ "A": {{ "Type": "AWS::SQS::Queue", "Properties": {{ {properties} }} }} }} }}"#)
    };
    for (template, expected) in [
        ("a: [", "Template format error: YAML not well-formed. (line "),
        ("{ a: [", "Template format error: JSON not well-formed. (line "),
        ("Resources: { A: !Foo b }", "Template format error: line 1, column 17: "),
        ("{}", "Template format error: At least one Resources member must be defined."),
        (
            r#"{ "Resources": { "A": {} } }"#,
            "Template format error: [/Resources/A] Every Resources object must contain a Type member.",
        ),
        (r#"{ "Resourcen": {} }"#, "Invalid template property or properties [Resourcen]"),
        (
            r#"{ "Resources": { "A": { "Type": "AWS::SNS::Topic" } } }"#,
            "Template format error: Unrecognized resource types: [AWS::SNS::Topic]",
        ),
        (
            &queue(r#""DelaySeconds": null"#),
            "Template format error: [/Resources/A/Properties/DelaySeconds] 'null' values are not allowed",
        ),
        (
            &queue(r#""QueueName": { "Ref": "B" }"#),
            "Template format error: Unresolved resource dependencies [B] in the Resources block of the template",
        ),
        (
            r#"{ "Resources": { "A": { "Type": "AWS::SQS::Queue", "DependsOn": "B" }, "B": { "Type": "AWS::SQS::Queue", "DependsOn": "A" } } }"#,
            "Circular dependency between resources: [A, B]",
        ),
        (
            r#"{ "Transform": "Mine", "Resources": { "A": { "Type": "AWS::SQS::Queue" } } }"#,
            "No transform named Mine found",
        ),
    ] {
        let (code, message) = refused(&cloud, "CreateStack", &[("StackName", "one"), ("TemplateBody", template)]).await;
        assert_eq!(code, "ValidationError");
        assert!(message.starts_with(expected), "{message}");
    }
    // A property that nobody knows is found when the resource is made.
    ok(&cloud, "CreateStack", &[("StackName", "one"), ("TemplateBody", &queue(r#""Colour": 1"#))]).await;
    assert_eq!(status(&cloud, "one").await, "ROLLBACK_COMPLETE");
    let all = events(&cloud, "one").await;
    assert!(
        all.iter().any(|event| event.contains("AWS::SQS::Queue.Colour is not supported by the local cloud")),
        "{all:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn parameters_that_do_not_fit() {
    let cloud = cloud();
    let template = r#"{ "Parameters": {
            "Must": { "Type": "String" },
            "One": { "Type": "String", "Default": "a", "AllowedValues": ["a", "b"] },
            "Number": { "Type": "Number", "Default": 1, "MaxValue": 5 },
            "Named": { "Type": "String", "Default": "x", "AllowedPattern": "[a-z]+", "ConstraintDescription": "small letters" } },
        "Resources": { "A": { "Type": "AWS::SQS::Queue" } } }"#;
    for (key, value, expected) in [
        ("Other", "1", "Parameters: [Other] do not exist in the template"),
        ("One", "a", "Parameters: [Must] must have values"),
        ("One", "c", "Parameter 'One' must be one of AllowedValues"),
        ("Number", "x", "Parameter 'Number' must be a number."),
        ("Number", "6", "Parameter 'Number' must be a number not greater than 5"),
        ("Named", "X", "Parameter Named failed to satisfy constraint: small letters"),
    ] {
        let mut fields = vec![
            ("StackName", "one"),
            ("TemplateBody", template),
            ("Parameters.member.1.ParameterKey", key),
            ("Parameters.member.1.ParameterValue", value),
        ];
        if !expected.contains("Must") {
            fields.extend([("Parameters.member.2.ParameterKey", "Must"), ("Parameters.member.2.ParameterValue", "1")]);
        }
        assert_eq!(refused(&cloud, "CreateStack", &fields).await.1, expected);
    }
}

#[tokio::test(start_paused = true)]
async fn names_have_a_form() {
    let cloud = cloud();
    let body = form(&[("StackName", "1 one"), ("TemplateBody", BROKEN)]);
    let (status, body) = post(&cloud, &format!("Action=CreateStack&Version=2010-05-15{body}")).await;
    assert!(
        status == 400 && body.contains("Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*"),
        "{body}"
    );
}
