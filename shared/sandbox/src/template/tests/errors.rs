//! Every mistake is reported, with its place.

use super::{mistakes, options, resolve, resolve_with};
use crate::template::{ErrorKind, Template};

#[test]
fn an_unsupported_resource_names_itself_its_type_and_its_place() {
    let text = "Resources:\n  Api:\n    Type: AWS::Serverless::HttpApi\n  Queue:\n    Type: AWS::SQS::Queue\n";
    let errors = resolve(text).unwrap_err();
    let [error] = errors.errors() else { panic!("one mistake: {errors}") };
    assert_eq!(error.kind(), ErrorKind::UnsupportedResource);
    assert_eq!(
        error.to_string(),
        "template.yaml:2:3: Api has the type AWS::Serverless::HttpApi, which the local cloud does not have"
    );
    assert!(error.help().unwrap().contains("AWS::SQS::Queue"));
}

#[test]
fn unsupported_properties_and_wrong_values_are_all_reported() {
    let text = "
Resources:
  Queue:
    Type: AWS::SQS::Queue
    Properties:
      Colour: blue
      RedrivePolicy: { maxReceiveCount: many }
  Logs:
    Type: AWS::Logs::LogGroup
    Properties:
      RetentionInDays: [1]
";
    insta::assert_snapshot!(mistakes(text).join("\n"), @"
    template_unsupported_property 6:7 Queue (AWS::SQS::Queue): Colour is not supported by the local cloud
    template_shape 7:22 Queue (AWS::SQS::Queue): RedrivePolicy.deadLetterTargetArn is required
    template_shape 7:41 Queue (AWS::SQS::Queue): RedrivePolicy.maxReceiveCount must be a whole number of zero or more, not text
    template_shape 11:24 Logs (AWS::Logs::LogGroup): RetentionInDays must be a whole number of zero or more, not a list
    ");
}

#[test]
fn unsupported_intrinsics_are_named() {
    let text = "
Resources:
  Queue:
    Type: AWS::SQS::Queue
    Properties:
      QueueName: !ImportValue other-stack
      DelaySeconds: !Select [0, !GetAZs '']
      VisibilityTimeout: !Equals [a, b]
";
    insta::assert_snapshot!(mistakes(text).join("\n"), @"
    template_unsupported_intrinsic 6:18 the intrinsic function Fn::ImportValue is not supported by the local cloud
    template_unsupported_intrinsic 7:33 the intrinsic function Fn::GetAZs is not supported by the local cloud
    template_shape 8:26 Fn::Equals can be used in the Conditions section only
    ");
    let error = Template::parse(std::path::Path::new("t.yaml"), "A: !Oops x\n").unwrap_err();
    assert_eq!(error.to_string(), "t.yaml:1:4: !Oops is not an intrinsic function of CloudFormation");
    assert_eq!(error.code(), "template_unsupported_intrinsic");
}

#[test]
fn references_that_lead_nowhere() {
    let text = "
Conditions: { Never: !Equals [a, b] }
Resources:
  Gone: { Type: AWS::SQS::Queue, Condition: Never }
  Queue: { Type: AWS::SQS::Queue, DependsOn: Nobody }
Outputs:
  A: { Value: !Ref Missing }
  B: { Value: !GetAtt Gone.Arn }
  C: { Value: !GetAtt Queue.Colour }
  D: { Value: !If [Sometimes, 1, 2] }
  E: { Value: !FindInMap [Not, such, key] }
";
    insta::assert_snapshot!(mistakes(text).join("\n"), @"
    template_unknown_reference 5:46 Queue depends on Nobody, which is not a resource
    template_unknown_reference 7:15 there is no parameter or resource Missing
    template_unknown_reference 8:15 Gone is left out by its condition, so nothing can refer to it
    template_unknown_reference 9:15 Queue has no attribute Colour that the local cloud knows
    template_unknown_reference 10:20 there is no condition Sometimes
    template_unknown_reference 11:15 the mappings have no Not.such.key
    ");
}

#[test]
fn parameters_are_checked() {
    let text = "
Parameters:
  Stage: { Type: String, AllowedValues: [dev, prod] }
  Url: { Type: String, AllowedPattern: 'https?://.+', Default: ftp }
  Days: { Type: Number, Default: 40, MaxValue: 30 }
  Secret: { Type: 'AWS::SSM::Parameter::Value<String>' }
Resources: {}
";
    insta::assert_snapshot!(mistakes(text).join("\n"), @r#"
    template_parameter 3:10 parameter Stage has no default and was not given
    template_parameter 4:8 parameter Url cannot be "ftp": it must match https?://.+
    template_parameter 5:9 parameter Days cannot be "40": it is out of range
    template_unsupported_property 6:19 parameter Secret: the type AWS::SSM::Parameter::Value<String> is not supported by the local cloud
    "#);
    let given = options().parameter("Stage", "test").parameter("Typo", "x");
    let errors = resolve_with("Parameters: { Stage: { Type: String, AllowedValues: [dev] } }\nResources: {}\n", &given);
    let errors = errors.unwrap_err();
    assert_eq!(errors.errors().len(), 2, "{errors}");
}

#[test]
fn circles_are_found() {
    let text = "
Conditions:
  A: !Not [!Condition B]
  B: !Not [!Condition A]
Resources:
  One: { Type: AWS::SQS::Queue, DependsOn: Two }
  Two: { Type: AWS::SQS::Queue, DependsOn: One }
";
    insta::assert_snapshot!(mistakes(text).join("\n"), @"
    template_circular 3:12 the condition B depends on itself
    template_circular 4:12 the condition A depends on itself
    template_circular 6:3 resources depend on each other in a circle: One → Two → One
    ");
}

#[test]
fn what_is_not_yaml_is_a_syntax_error_with_its_place() {
    let places = ["Resources: [", "A: 1\nA: 2\n", "A: &x 1\nB: *x\n", ""].map(|text| {
        let error = Template::parse(std::path::Path::new("t.yaml"), text).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Syntax);
        format!("{}:{} {}", error.line(), error.column(), error.message())
    });
    insta::assert_snapshot!(places.join("\n"), @"
    2:1 while parsing a node, did not find expected node content
    2:1 the key A is here twice
    2:4 CloudFormation does not take YAML aliases
    1:1 the file is empty
    ");
}

#[test]
fn a_file_that_is_not_there() {
    let error = Template::load("nowhere/template.yaml").unwrap_err();
    assert_eq!(error.code(), "template_unreadable");
}

#[test]
fn sections_and_transforms_that_are_not_there() {
    let text = "Transform: [AWS::Serverless-2016-10-31, Macro]\nRules: {}\nGlobals: { Api: {} }\nResources: {}\n";
    insta::assert_snapshot!(mistakes(text).join("\n"), @"
    template_unsupported_property 1:41 the only transform that the local cloud has is AWS::Serverless-2016-10-31
    template_unsupported_property 2:1 the section Rules is not supported by the local cloud
    template_unsupported_property 3:12 Globals.Api is not supported by the local cloud
    ");
}
