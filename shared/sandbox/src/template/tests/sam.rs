//! What SAM makes of functions: globals, events, invoke configurations.

use serde_json::json;

use super::{mistakes, resolve};

const FUNCTION: &str = "
Transform: AWS::Serverless-2016-10-31
Globals:
  Function:
    Runtime: provided.al2023
    Handler: bootstrap
    Timeout: 30
    Architectures: [arm64]
    LoggingConfig: { LogFormat: JSON, LogGroup: !Ref Logs }
    Environment: { Variables: { SHARED: yes please, OWN: global } }
Resources:
  Logs: { Type: AWS::Logs::LogGroup, Properties: { LogGroupName: all } }
  Queue: { Type: AWS::SQS::Queue }
  Dead: { Type: AWS::SQS::Queue }
  Work:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: ../target/lambda/do-work/
      Timeout: 5
      LoggingConfig: { LogGroup: { 'Fn::Sub': 'own' } }
      Environment: { Variables: { OWN: local, QUEUE: !Ref Queue } }
";

fn with(more: &str) -> String {
    format!("{FUNCTION}{more}")
}

#[test]
fn globals_are_merged_and_the_functions_own_values_win() {
    let topology = resolve(FUNCTION).unwrap();
    let function = &topology.functions[0];
    assert_eq!((function.timeout, function.memory), (5, 128));
    assert_eq!((function.short_name.as_str(), function.name.as_str()), ("do-work", "orders-Work"));
    assert_eq!((function.log_format.as_str(), function.log_group.as_deref()), ("JSON", Some("own")));
    let environment: Vec<_> = function.environment.iter().map(|(k, v)| format!("{k}={v}")).collect();
    assert_eq!(
        environment,
        ["OWN=local", "QUEUE=http://127.0.0.1:4566/000000000000/orders-Queue", "SHARED=yes please"]
    );
}

#[test]
fn events_become_what_sam_makes_of_them() {
    let topology = resolve(&with(
        "      Events:
        Messages:
          Type: SQS
          Properties: { Queue: !GetAtt Queue.Arn, BatchSize: 7, FunctionResponseTypes: [ReportBatchItemFailures] }
        Placed:
          Type: EventBridgeRule
          Properties: { Pattern: { source: [orders] }, DeadLetterConfig: { Arn: !GetAtt Dead.Arn } }
        Often:
          Type: Schedule
          Properties: { Schedule: rate(1 minute), Input: '{}' }
        Lines:
          Type: CloudWatchLogs
          Properties: { LogGroupName: !Ref Logs, FilterPattern: ERROR }
",
    ))
    .unwrap();
    let mapping = &topology.event_sources[0];
    assert_eq!(
        (mapping.logical_id.as_str(), mapping.batch_size, mapping.reports_failures),
        ("WorkMessages", Some(7), true)
    );
    assert_eq!(
        mapping.definition,
        json!({
            "FunctionName": "orders-Work", "EventSourceArn": "arn:aws:sqs:eu-central-1:000000000000:orders-Queue",
            "Enabled": true, "BatchSize": 7, "FunctionResponseTypes": ["ReportBatchItemFailures"],
        })
    );
    let [placed, often] = topology.rules.as_slice() else { panic!("two rules") };
    assert_eq!((placed.logical_id.as_str(), placed.bus.as_str()), ("WorkPlaced", "default"));
    assert_eq!(placed.targets[0].dead_letter_arn.as_deref(), Some("arn:aws:sqs:eu-central-1:000000000000:orders-Dead"));
    assert_eq!(often.schedule.as_deref(), Some("rate(1 minute)"));
    assert_eq!(
        often.targets[0].definition,
        json!({
            "Id": "WorkOftenLambdaTarget", "Arn": "arn:aws:lambda:eu-central-1:000000000000:function:orders-Work",
            "Input": "{}",
        })
    );
    let lines = &topology.subscriptions[0];
    assert_eq!((lines.log_group.as_str(), lines.pattern.as_str()), ("all", "ERROR"));
}

#[test]
fn the_same_in_plain_cloudformation() {
    let topology = resolve(&with(
        "  Mapping:
    Type: AWS::Lambda::EventSourceMapping
    Properties: { FunctionName: !GetAtt Work.Arn, EventSourceArn: !GetAtt Queue.Arn, BatchSize: 1 }
  Config:
    Type: AWS::Lambda::EventInvokeConfig
    Properties:
      FunctionName: !Ref Work
      Qualifier: $LATEST
      MaximumRetryAttempts: 0
      DestinationConfig: { OnFailure: { Destination: !GetAtt Dead.Arn } }
",
    ))
    .unwrap();
    assert_eq!(topology.event_sources[0].function, "orders-Work");
    let config = &topology.invoke_configs[0];
    assert_eq!(
        config.definition,
        json!({
            "FunctionName": "orders-Work", "MaximumRetryAttempts": 0,
            "DestinationConfig": { "OnFailure": { "Destination": "arn:aws:sqs:eu-central-1:000000000000:orders-Dead" } },
        })
    );
}

#[test]
fn events_that_the_local_cloud_does_not_have_are_named() {
    let text = with("      Events:\n        Web: { Type: HttpApi, Properties: { Path: /, Method: get } }\n");
    let found = mistakes(&text);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(
        found[0].starts_with(
            "template_unsupported_resource 23:22 Work (AWS::Serverless::Function): an event of the type HttpApi"
        ),
        "{found:?}"
    );
}

#[test]
fn a_definition_needs_a_value_for_every_name_in_it() {
    let text = "
Resources:
  Saga:
    Type: AWS::Serverless::StateMachine
    Properties:
      Definition: { StartAt: A, States: { A: { Type: Task, Resource: '${Work}', End: true } } }
";
    let found = mistakes(text);
    assert!(found[0].contains("uses ${Work}, which DefinitionSubstitutions does not have"), "{found:?}");
    let fine = format!("{text}      DefinitionSubstitutions: {{ Work: arn }}\n");
    let topology = resolve(&fine).unwrap();
    assert!(topology.state_machines[0].definition.contains(r#""Resource":"arn""#));
}
