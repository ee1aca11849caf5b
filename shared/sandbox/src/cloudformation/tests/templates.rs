//! Templates, before and after there is a stack.

use super::{create, object, ok, refused, status};
use crate::testing::cloud;

const TEMPLATE: &str = "
Description: Mine
Parameters:
  P: { Type: String, Default: d, Description: What, AllowedValues: [d, e] }
  S: { Type: String, NoEcho: true, Default: x }
Resources:
  R: { Type: AWS::IAM::Role, Properties: { AssumeRolePolicyDocument: { Statement: [] } } }
  Q: { Type: AWS::SQS::Queue }
";

#[tokio::test(start_paused = true)]
async fn a_template_is_summed_up_and_validated() {
    let cloud = cloud();
    let summary = ok(&cloud, "GetTemplateSummary", &[("TemplateBody", TEMPLATE)]).await;
    let parameter = summary.child("Parameters").unwrap().child("member").unwrap();
    assert_eq!(parameter.child_text("ParameterKey"), Some("P"));
    assert_eq!(
        (parameter.child_text("ParameterType"), parameter.child_text("DefaultValue")),
        (Some("String"), Some("d"))
    );
    assert_eq!(summary.child("Capabilities").unwrap().child_text("member"), Some("CAPABILITY_IAM"));
    assert_eq!(
        summary.child_text("CapabilitiesReason"),
        Some("The following resource(s) require capabilities: [AWS::IAM::Role]")
    );
    let types: Vec<_> = summary.child("ResourceTypes").unwrap().all("member").map(|t| t.text.clone()).collect();
    assert_eq!(types, ["AWS::IAM::Role", "AWS::SQS::Queue"]);
    let identified = summary.child("ResourceIdentifierSummaries").unwrap().child("member").unwrap();
    assert_eq!(identified.child("ResourceIdentifiers").unwrap().child_text("member"), Some("RoleName"));
    let valid = ok(&cloud, "ValidateTemplate", &[("TemplateBody", TEMPLATE)]).await;
    assert_eq!(valid.child_text("Description"), Some("Mine"));
    let broken = "Resources: { Q: { Type: AWS::SQS::Queue, Properties: { QueueName: !Ref Nobody } } }";
    let (code, message) = refused(&cloud, "ValidateTemplate", &[("TemplateBody", broken)]).await;
    assert_eq!(code, "ValidationError");
    assert!(message.contains("Unresolved resource dependencies [Nobody]"), "{message}");
}

#[tokio::test(start_paused = true)]
async fn a_stacks_template_is_shown_as_it_was_given() {
    let cloud = cloud();
    let template = "Resources: { Q: { Type: AWS::SQS::Queue } } # mine";
    create(&cloud, "one", template).await;
    let answer = ok(&cloud, "GetTemplate", &[("StackName", "one")]).await;
    assert_eq!(answer.child_text("TemplateBody"), Some(template));
    let answer = ok(&cloud, "GetTemplate", &[("StackName", "one"), ("TemplateStage", "Processed")]).await;
    assert_eq!(answer.child_text("TemplateBody"), Some(r#"{"Resources":{"Q":{"Type":"AWS::SQS::Queue"}}}"#));
}

#[tokio::test(start_paused = true)]
async fn a_template_may_lie_in_a_bucket() {
    let cloud = cloud();
    object(&cloud, "t.yaml", "Resources: { Q: { Type: AWS::SQS::Queue } }").await;
    for (name, url) in [
        ("a", "https://s3.us-east-1.amazonaws.com/code/t.yaml"),
        ("b", "https://code.s3.amazonaws.com/t.yaml"),
        ("c", "http://127.0.0.1:4566/code/t.yaml"),
    ] {
        ok(&cloud, "CreateStack", &[("StackName", name), ("TemplateURL", url)]).await;
        assert_eq!(status(&cloud, name).await, "CREATE_COMPLETE");
    }
    let missing = [("StackName", "d"), ("TemplateURL", "https://code.s3.amazonaws.com/none")];
    let (code, message) = refused(&cloud, "CreateStack", &missing).await;
    assert_eq!(code, "ValidationError");
    assert!(message.starts_with("S3 error: The specified key does not exist."), "{message}");
    let (_, message) = refused(&cloud, "CreateStack", &[("StackName", "d")]).await;
    assert_eq!(message, "Either Template URL or Template Body must be specified.");
    for (url, expected) in [
        ("s3://code/t.yaml", "S3 error: Domain name specified in code is not a valid S3 domain"),
        ("https://example.com/t.yaml", "TemplateURL must be a supported URL."),
    ] {
        assert_eq!(refused(&cloud, "CreateStack", &[("StackName", "d"), ("TemplateURL", url)]).await.1, expected);
    }
    let long = format!("Resources: {{}} #{}", "x".repeat(51_200));
    let (_, message) = refused(&cloud, "CreateStack", &[("StackName", "d"), ("TemplateBody", &long)]).await;
    assert!(message.ends_with("length less than or equal to 51200"), "{message}");
}

/// As the pseudo parameter of that name does.
#[tokio::test(start_paused = true)]
async fn a_parameter_can_say_that_there_is_no_value() {
    let cloud = cloud();
    let template = "Parameters: { N: { Type: String, Default: AWS::NoValue } }\n\
                    Resources: { Q: { Type: AWS::SQS::Queue, Properties: { QueueName: !Ref N } } }";
    create(&cloud, "one", template).await;
    assert!(super::physical_id(&cloud, "one", "Q").await.contains("/one-Q-"));
}
