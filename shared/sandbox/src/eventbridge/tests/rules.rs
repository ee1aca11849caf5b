use serde_json::json;

use super::{Bench, orders, target};

#[tokio::test(start_paused = true)]
async fn buses_come_and_go() {
    let bench = Bench::new();
    let created = bench.client.create_event_bus().name("own").description("ours").send().await.unwrap();
    assert_eq!(created.event_bus_arn(), Some("arn:aws:events:us-east-1:000000000000:event-bus/own"));
    let refused = bench.refused("CreateEventBus", json!({"Name": "own"})).await;
    assert_eq!(refused, ("ResourceAlreadyExistsException".into(), "Event bus own already exists.".into()));
    let described = bench.client.describe_event_bus().name("own").send().await.unwrap();
    assert_eq!(described.description(), Some("ours"));
    let listed = bench.client.list_event_buses().send().await.unwrap();
    let names: Vec<&str> = listed.event_buses().iter().filter_map(|bus| bus.name()).collect();
    assert_eq!(names, ["default", "own"]);
    bench.client.delete_event_bus().name("own").send().await.unwrap();
    bench.client.delete_event_bus().name("own").send().await.unwrap();
    let refused = bench.refused("DescribeEventBus", json!({"Name": "own"})).await;
    assert_eq!(refused, ("ResourceNotFoundException".into(), "Event bus own does not exist.".into()));
    let refused = bench.refused("DeleteEventBus", json!({"Name": "default"})).await;
    assert_eq!(refused.1, "Cannot delete event bus default.");
}

#[tokio::test(start_paused = true)]
async fn a_rule_is_put_described_and_deleted() {
    let bench = Bench::new();
    let queue = bench.queue("q", json!({})).await;
    bench.rule("r", &orders(), target(&queue)).await;
    let put = bench
        .client
        .put_rule()
        .name("r")
        .event_pattern(r#"{"source":["x"]}"#)
        .description("again")
        .send()
        .await
        .unwrap();
    assert_eq!(put.rule_arn(), Some("arn:aws:events:us-east-1:000000000000:rule/r"));
    let described = bench.client.describe_rule().name("r").send().await.unwrap();
    assert_eq!(described.event_pattern(), Some(r#"{"source":["x"]}"#));
    assert_eq!(described.event_bus_name(), Some("default"));
    assert_eq!(described.created_by(), Some("000000000000"));
    let targets = bench.client.list_targets_by_rule().rule("r").send().await.unwrap();
    assert_eq!(targets.targets()[0].arn(), queue, "a changed rule keeps its targets");
    let names = bench.client.list_rule_names_by_target().target_arn(&queue).send().await.unwrap();
    assert_eq!(names.rule_names(), ["r"]);
    let refused = bench.refused("DeleteRule", json!({"Name": "r"})).await;
    assert_eq!(refused.1, "Rule can't be deleted since it has targets.");
    bench.client.remove_targets().rule("r").ids("1").send().await.unwrap();
    bench.client.delete_rule().name("r").send().await.unwrap();
    let refused = bench.refused("DescribeRule", json!({"Name": "r"})).await;
    assert_eq!(refused, ("ResourceNotFoundException".into(), "Rule r does not exist on EventBus default.".into()));
}

#[tokio::test(start_paused = true)]
async fn lists_have_pages() {
    let bench = Bench::new();
    for name in ["a", "b", "c"] {
        bench.client.put_rule().name(name).event_pattern(orders().to_string()).send().await.unwrap();
    }
    let first = bench.client.list_rules().limit(2).send().await.unwrap();
    assert_eq!(first.rules().len(), 2);
    let second = bench.client.list_rules().limit(2).next_token(first.next_token().unwrap()).send().await.unwrap();
    assert_eq!(second.rules()[0].name(), Some("c"));
    assert_eq!(second.next_token(), None);
}

#[tokio::test(start_paused = true)]
async fn what_aws_refuses_is_refused() {
    let bench = Bench::new();
    bench.client.put_rule().name("r").event_pattern(orders().to_string()).send().await.unwrap();
    bench.client.create_event_bus().name("own").send().await.unwrap();
    let arn = bench.cloud.arn("sqs", "q");
    let targets = |target: serde_json::Value| json!({"Rule": "r", "Targets": [target]});
    let table = [
        ("PutRule", json!({"Name": "x"}), "Parameter(s) EventPattern or ScheduleExpression must be specified."),
        (
            "PutRule",
            json!({"Name": "x", "ScheduleExpression": "rate(1 minutes)"}),
            "Parameter ScheduleExpression is not valid.",
        ),
        (
            "PutRule",
            json!({"Name": "x", "EventBusName": "own", "ScheduleExpression": "rate(1 minute)"}),
            "ScheduleExpression is supported only on the default event bus.",
        ),
        ("PutRule", json!({"Name": "x", "EventBusName": "no", "EventPattern": "{}"}), "Event bus no does not exist."),
        (
            "PutRule",
            json!({"Name": "a b", "EventPattern": "{}"}),
            r"1 validation error detected: Value 'a b' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: [\.\-_A-Za-z0-9]+",
        ),
        (
            "PutTargets",
            targets(json!({"Id": "!", "Arn": arn})),
            r"1 validation error detected: Value '!' at 'targets.1.member.id' failed to satisfy constraint: Member must satisfy regular expression pattern: [\.\-_A-Za-z0-9]+",
        ),
        (
            "PutTargets",
            targets(json!({"Id": "1", "Arn": "q"})),
            "Parameter q is not valid. Reason: Provided Arn is not in correct format.",
        ),
        (
            "PutTargets",
            targets(json!({"Id": "1", "Arn": arn, "Input": "{}", "InputPath": "$"})),
            "Only one of Input, InputPath, or InputTransformer must be provided for target 1.",
        ),
        (
            "PutTargets",
            targets(json!({"Id": "1", "Arn": arn, "RetryPolicy": {"MaximumRetryAttempts": 186}})),
            "1 validation error detected: Value '186' at 'targets.1.member.retryPolicy.maximumRetryAttempts' failed to satisfy constraint: Member must have value less than or equal to 185",
        ),
    ];
    for (operation, input, expected) in table {
        assert_eq!(bench.refused(operation, input).await.1, expected);
    }
    let six: Vec<_> = (0..6).map(|n| json!({"Id": n.to_string(), "Arn": arn})).collect();
    let refused = bench.refused("PutTargets", json!({"Rule": "r", "Targets": six})).await;
    assert_eq!(
        refused,
        ("LimitExceededException".into(), "The requested resource exceeds the maximum number allowed.".into())
    );
    let topic = bench.refused("PutTargets", targets(json!({"Id": "1", "Arn": bench.cloud.arn("sns", "t")}))).await;
    assert_eq!(topic.0, "UnknownOperationException");
    assert!(topic.1.contains(":sns:"), "{}", topic.1);
    assert!(bench.client.list_targets_by_rule().rule("r").send().await.unwrap().targets().is_empty());
}

#[tokio::test(start_paused = true)]
async fn rules_and_buses_have_tags() {
    let bench = Bench::new();
    let tags = json!([{"Key": "team", "Value": "orders"}]);
    bench.call("PutRule", json!({"Name": "r", "EventPattern": orders().to_string(), "Tags": tags})).await.unwrap();
    for arn in [bench.cloud.arn("events", "rule/r"), bench.cloud.arn("events", "event-bus/default")] {
        bench
            .call(
                "TagResource",
                json!({"ResourceARN": arn, "Tags": [{"Key": "a", "Value": "1"}, {"Key": "team", "Value": "x"}]}),
            )
            .await
            .unwrap();
        bench.call("UntagResource", json!({"ResourceARN": arn, "TagKeys": ["a"]})).await.unwrap();
        let listed = bench.call("ListTagsForResource", json!({"ResourceARN": arn})).await.unwrap();
        assert_eq!(listed, json!({"Tags": [{"Key": "team", "Value": "x"}]}));
    }
}
