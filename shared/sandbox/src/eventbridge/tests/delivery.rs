use aws_sdk_eventbridge::types::{DeadLetterConfig, InputTransformer, RetryPolicy, SqsParameters, Target};
use serde_json::{Value, json};

use super::{Bench, entry, orders, target};
use crate::cloud::Service;

#[tokio::test(start_paused = true)]
async fn an_event_reaches_the_queues_of_the_rules_that_match() {
    let bench = Bench::new();
    let (placed, other) = (bench.queue("placed", json!({})).await, bench.queue("other", json!({})).await);
    bench
        .rule("placed", &json!({"source": ["orders"], "detail": {"total": [{"numeric": [">", 10]}]}}), target(&placed))
        .await;
    bench.rule("other", &json!({"source": ["billing"]}), target(&other)).await;
    let id = bench.publish(&json!({"total": 12})).await;
    assert!(bench.cloud.pending().unwrap().contains(&id));
    bench.settle().await;
    let bodies = bench.bodies("placed").await;
    let expected = format!(
        r#"{{"version":"0","id":"{id}","detail-type":"orders.order.placed","source":"orders","account":"000000000000","time":"2026-11-24T12:00:00Z","region":"us-east-1","resources":[],"detail":{{"total":12}}}}"#
    );
    assert_eq!(bodies, [expected]);
    assert!(bench.bodies("other").await.is_empty());
    assert_eq!(bench.cloud.pending(), None);
}

#[tokio::test(start_paused = true)]
async fn a_disabled_rule_does_nothing() {
    let bench = Bench::new();
    let queue = bench.queue("q", json!({})).await;
    bench.rule("r", &orders(), target(&queue)).await;
    bench.client.disable_rule().name("r").send().await.unwrap();
    bench.publish(&json!({})).await;
    bench.client.enable_rule().name("r").send().await.unwrap();
    let second = bench.publish(&json!({})).await;
    bench.settle().await;
    let bodies = bench.bodies("q").await;
    assert_eq!(bodies.len(), 1);
    assert!(bodies[0].contains(&second));
}

#[tokio::test(start_paused = true)]
async fn targets_get_what_their_input_says() {
    let bench = Bench::new();
    let queue = bench.queue("q", json!({})).await;
    let of = |id: &str| Target::builder().id(id).arn(&queue);
    let transformer = InputTransformer::builder().input_paths_map("id", "$.detail.id");
    let transformer =
        transformer.input_template(r#"{"order": <id>, "rule": "<aws.events.rule-name>"}"#).build().unwrap();
    let targets =
        [of("a").input(r#"{"fixed":1}"#), of("b").input_path("$.detail.id"), of("c").input_transformer(transformer)];
    bench.client.put_rule().name("r").event_pattern(orders().to_string()).send().await.unwrap();
    let targets = targets.map(|target| target.build().unwrap());
    bench.client.put_targets().rule("r").set_targets(Some(targets.into())).send().await.unwrap();
    bench.publish(&json!({"id": "o-1"})).await;
    bench.settle().await;
    assert_eq!(bench.bodies("q").await, [r#"{"fixed":1}"#, r#""o-1""#, r#"{"order":"o-1","rule":"r"}"#]);
}

#[tokio::test(start_paused = true)]
async fn a_fifo_queue_gets_the_group_of_its_target() {
    let bench = Bench::new();
    let queue = bench.queue("q.fifo", json!({"FifoQueue": "true", "ContentBasedDeduplication": "true"})).await;
    let refused = bench.refused("PutTargets", json!({"Rule": "r", "Targets": [{"Id": "1", "Arn": queue}]})).await;
    assert_eq!(refused.1, "Rule r does not exist on EventBus default.");
    let group = SqsParameters::builder().message_group_id("orders").build();
    bench.rule("r", &orders(), Target::builder().id("1").arn(&queue).sqs_parameters(group).build().unwrap()).await;
    let refused = bench.refused("PutTargets", json!({"Rule": "r", "Targets": [{"Id": "1", "Arn": queue}]})).await;
    assert_eq!(refused.1, "Parameter(s) SqsParameters must be specified for target: 1.");
    bench.publish(&json!({})).await;
    bench.settle().await;
    assert_eq!(bench.messages("q.fifo").await[0]["Attributes"]["MessageGroupId"], "orders");
}

#[tokio::test(start_paused = true)]
async fn the_trace_header_goes_along() {
    let bench = Bench::new();
    let queue = bench.queue("q", json!({})).await;
    bench.rule("r", &orders(), target(&queue)).await;
    let header = "Root=1-5759e988-bd862e3fe1be46a994272793";
    let mut traced = entry(&json!({}));
    traced.trace_header = Some(header.into());
    bench.client.put_events().entries(traced).send().await.unwrap();
    bench.settle().await;
    assert_eq!(bench.messages("q").await[0]["Attributes"]["AWSTraceHeader"], header);
}

#[tokio::test(start_paused = true)]
async fn an_event_goes_from_bus_to_bus_unchanged() {
    let bench = Bench::new();
    let queue = bench.queue("q", json!({})).await;
    let bus = bench.client.create_event_bus().name("second").send().await.unwrap().event_bus_arn.unwrap();
    bench.rule("forward", &orders(), target(&bus)).await;
    let rule = bench.client.put_rule().name("r").event_bus_name(&bus).event_pattern(orders().to_string());
    rule.send().await.unwrap();
    let targets = bench.client.put_targets().rule("r").event_bus_name("second").targets(target(&queue));
    targets.send().await.unwrap();
    let id = bench.publish(&json!({"n": 1})).await;
    bench.settle().await;
    let bodies = bench.bodies("q").await;
    assert_eq!(bodies.len(), 1);
    assert!(bodies[0].contains(&id));
}

#[tokio::test(start_paused = true)]
async fn buses_in_a_circle_do_not_stop_the_clock() {
    let bench = Bench::new();
    let default = bench.cloud.arn("events", "event-bus/default");
    bench.rule("self", &orders(), target(&default)).await;
    bench.publish(&json!({})).await;
    let limit = std::time::Duration::from_secs(1);
    assert!(bench.cloud.settle(limit).await.unwrap_err().contains("on its way from rule self"));
}

fn attribute(message: &Value, name: &str) -> Option<String> {
    message["MessageAttributes"][name]["StringValue"].as_str().map(str::to_owned)
}

fn dead_lettered(arn: &str, dead: &str) -> Target {
    let config = DeadLetterConfig::builder().arn(dead).build();
    Target::builder().id("1").arn(arn).dead_letter_config(config).input("{}").build().unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_missing_target_is_not_tried_again() {
    let bench = Bench::new();
    let dead = bench.queue("dead", json!({})).await;
    let gone = bench.cloud.arn("sqs", "gone");
    bench.rule("r", &orders(), dead_lettered(&gone, &dead)).await;
    let id = bench.publish(&json!({"n": 1})).await;
    bench.settle().await;
    let messages = bench.messages("dead").await;
    let message = &messages[0];
    assert!(message["Body"].as_str().unwrap().contains(&id), "the event itself, not the target's input");
    assert_eq!(attribute(message, "RULE_ARN"), Some(bench.cloud.arn("events", "rule/r")));
    assert_eq!(attribute(message, "TARGET_ARN"), Some(gone));
    assert_eq!(attribute(message, "ERROR_CODE").as_deref(), Some("NO_RESOURCE"));
    assert_eq!(attribute(message, "ERROR_MESSAGE").as_deref(), Some("The specified queue does not exist."));
    assert_eq!(attribute(message, "RETRY_ATTEMPTS").as_deref(), Some("0"));
    assert_eq!(attribute(message, "EXHAUSTED_RETRY_CONDITION"), None);
}

#[tokio::test(start_paused = true)]
async fn a_transformation_that_is_not_json_is_a_dead_letter() {
    let bench = Bench::new();
    let (queue, dead) = (bench.queue("q", json!({})).await, bench.queue("dead", json!({})).await);
    let transformer = InputTransformer::builder().input_paths_map("v", "$.detail.v").input_template(r#"{"v": "<v>"}"#);
    let mut target = dead_lettered(&queue, &dead);
    target.input = None;
    target.input_transformer = Some(transformer.build().unwrap());
    target.retry_policy = Some(RetryPolicy::builder().maximum_retry_attempts(2).build());
    bench.rule("r", &orders(), target).await;
    bench.publish(&json!({"v": {"a": 1}})).await;
    bench.settle().await;
    assert_eq!(attribute(&bench.messages("dead").await[0], "ERROR_CODE").as_deref(), Some("INVALID_JSON"));
    assert!(bench.bodies("q").await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_log_group_gets_a_line_for_each_event() {
    let bench = Bench::new();
    let call = async |operation: &str, input: Value| bench.cloud.call(Service::Logs, operation, input).await.unwrap();
    call("CreateLogGroup", json!({"logGroupName": "/events/orders"})).await;
    let group = bench.cloud.arn("logs", "log-group:/events/orders:*");
    let transformer = InputTransformer::builder().input_paths_map("id", "$.detail.id");
    let transformer =
        transformer.input_template(r#"{"timestamp": 1795521600000, "message": "order <id>"}"#).build().unwrap();
    let transformed = Target::builder().id("2").arn(&group).input_transformer(transformer).build().unwrap();
    bench.rule("whole", &orders(), target(&group)).await;
    bench.rule("some", &orders(), transformed).await;
    let id = bench.publish(&json!({"id": "o-1"})).await;
    bench.settle().await;
    let found = call("FilterLogEvents", json!({"logGroupName": "/events/orders"})).await;
    let mut lines: Vec<&str> =
        found["events"].as_array().unwrap().iter().filter_map(|event| event["message"].as_str()).collect();
    lines.sort_unstable_by_key(|line| line.len());
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0], "order o-1");
    assert!(lines[1].contains(&id));
}
