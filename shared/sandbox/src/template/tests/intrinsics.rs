//! One test for each intrinsic function, through an output.

use super::{options, resolve, resolve_with};

const PREAMBLE: &str = r#"
Parameters:
  Stage: { Type: String, Default: dev, AllowedValues: [dev, prod] }
  Zones: { Type: CommaDelimitedList, Default: "a, b,c" }
  Days: { Type: Number, Default: 7, MinValue: 1, MaxValue: 30 }
Mappings:
  Sizes: { dev: { memory: 128 }, prod: { memory: 1024 } }
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
  IsDev: !Not [!Condition IsProd]
  Both: !And [!Condition IsProd, !Condition IsDev]
  Either: !Or [!Condition IsProd, Condition: IsDev]
Resources:
  Orders: { Type: AWS::SQS::Queue, Properties: { QueueName: !Sub "${AWS::StackName}-orders" } }
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: orders
      AttributeDefinitions: [{ AttributeName: id, AttributeType: S }]
      KeySchema: [{ AttributeName: id, KeyType: HASH }]
      BillingMode: PAY_PER_REQUEST
      StreamSpecification: { StreamViewType: NEW_IMAGE }
Outputs:
  Out:
    Value: "#;

fn value(expression: &str) -> String {
    let topology = resolve(&format!("{PREAMBLE}{expression}\n")).expect("it resolves");
    topology.outputs["Out"].value.clone()
}

#[test]
fn ref_of_a_parameter_a_pseudo_parameter_and_a_resource() {
    assert_eq!(value("!Ref Stage"), "dev");
    assert_eq!(value("{ Ref: 'AWS::Region' }"), "eu-central-1");
    assert_eq!(value("!Ref Orders"), "http://127.0.0.1:4566/000000000000/orders-orders");
    assert_eq!(value("!Ref Table"), "orders");
}

#[test]
fn get_att_in_every_form() {
    let arn = "arn:aws:sqs:eu-central-1:000000000000:orders-orders";
    assert_eq!(value("!GetAtt Orders.Arn"), arn);
    assert_eq!(value("{ 'Fn::GetAtt': [Orders, Arn] }"), arn);
    assert_eq!(value("{ 'Fn::GetAtt': Orders.QueueName }"), "orders-orders");
    assert_eq!(
        value("!GetAtt Table.StreamArn"),
        "arn:aws:dynamodb:eu-central-1:000000000000:table/orders/stream/latest"
    );
}

#[test]
fn sub_knows_parameters_attributes_own_variables_and_literals() {
    assert_eq!(value("!Sub 'a ${Stage} ${Orders.QueueName} ${!Kept}'"), "a dev orders-orders ${Kept}");
    assert_eq!(value("!Sub ['${Name}-${Stage}', { Name: !Ref Days }]"), "7-dev");
}

#[test]
fn join_select_and_split() {
    assert_eq!(value("!Join ['/', [x, !Ref Stage, 3]]"), "x/dev/3");
    assert_eq!(value("!Join ['-', !Ref Zones]"), "a-b-c");
    assert_eq!(value("!Select [1, !Ref Zones]"), "b");
    assert_eq!(value("!Select ['2', !Split [':', 'a:b:c']]"), "c");
}

#[test]
fn find_in_map_and_base64() {
    assert_eq!(value("!FindInMap [Sizes, !Ref Stage, memory]"), "128");
    assert_eq!(value("{ 'Fn::Base64': !Ref Stage }"), "ZGV2");
}

#[test]
fn cidr_gives_blocks_in_order() {
    assert_eq!(value("!Select [2, !Cidr ['10.0.0.0/16', 3, 8]]"), "10.0.2.0/24");
}

#[test]
fn if_follows_conditions() {
    assert_eq!(value("!If [IsProd, big, small]"), "small");
    assert_eq!(value("!If [IsDev, 1, 2]"), "1");
    assert_eq!(value("!If [Both, 1, 2]"), "2");
    assert_eq!(value("!If [Either, 1, 2]"), "1");
    let prod = options().parameter("Stage", "prod");
    let topology = resolve_with(&format!("{PREAMBLE}!If [IsProd, big, small]\n"), &prod).unwrap();
    assert_eq!(topology.outputs["Out"].value, "big");
}

#[test]
fn no_value_leaves_a_property_out() {
    let text = "
Conditions: { Never: !Equals [a, b] }
Resources:
  Queue:
    Type: AWS::SQS::Queue
    Properties:
      DelaySeconds: !If [Never, 5, !Ref AWS::NoValue]
      VisibilityTimeout: 30
";
    let topology = resolve(text).unwrap();
    let attributes = &topology.queues[0].attributes;
    assert_eq!(attributes.iter().map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>(), ["VisibilityTimeout=30"]);
    assert_eq!(topology.queues[0].name, "orders-Queue");
}

#[test]
fn json_is_read_as_well() {
    let text = r#"{
	"Resources": { "Logs": { "Type": "AWS::Logs::LogGroup", "Properties": { "LogGroupName": { "Fn::Sub": "/${AWS::StackName}/logs" } } } }
}"#;
    assert_eq!(resolve(text).unwrap().log_groups[0].name, "/orders/logs");
}
