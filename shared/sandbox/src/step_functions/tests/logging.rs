//! Logging to CloudWatch Logs.

use super::*;

async fn create(cloud: &Cloud, logging: Value) -> Answer {
    let definition = json!({
        "StartAt": "A",
        "States": {"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Fail", "Error": "E"}},
    });
    let input = json!({
        "name": "m",
        "roleArn": "arn:aws:iam::000000000000:role/r",
        "definition": definition.to_string(),
        "loggingConfiguration": logging,
    });
    call(cloud, "CreateStateMachine", input).await
}

fn to(group: &str, level: &str, data: bool) -> Value {
    let arn = format!("arn:aws:logs:us-east-1:000000000000:log-group:{group}:*");
    json!({
        "level": level,
        "includeExecutionData": data,
        "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": arn}}],
    })
}

/// The lines of the machine's executions.
async fn lines(cloud: &Cloud) -> Vec<Value> {
    let input = json!({"logGroupName": "g", "logStreamNamePrefix": "states/m/"});
    let answer = cloud.call(Service::Logs, "FilterLogEvents", input).await.unwrap();
    let events = answer["events"].as_array().unwrap();
    events.iter().map(|event| serde_json::from_str(event["message"].as_str().unwrap()).unwrap()).collect()
}

async fn logged(level: &str, data: bool) -> Vec<Value> {
    let cloud = cloud();
    cloud.call(Service::Logs, "CreateLogGroup", json!({"logGroupName": "g"})).await.unwrap();
    let arn = text(&create(&cloud, to("g", level, data)).await.unwrap(), "stateMachineArn");
    start(&cloud, &arn, "e", json!({})).await;
    cloud.settle(HOUR).await.unwrap();
    lines(&cloud).await
}

#[tokio::test(start_paused = true)]
async fn a_level_lets_its_events_through() {
    let kinds = |lines: &[Value]| lines.iter().map(|line| text(line, "type")).collect::<Vec<_>>();
    let all = ["ExecutionStarted", "PassStateEntered", "PassStateExited", "FailStateEntered", "ExecutionFailed"];
    assert_eq!(kinds(&logged("ALL", true).await), all);
    assert_eq!(kinds(&logged("ERROR", true).await), ["FailStateEntered", "ExecutionFailed"]);
    assert_eq!(kinds(&logged("FATAL", true).await), ["ExecutionFailed"]);
    assert!(logged("OFF", true).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn data_is_left_out_unless_asked_for() {
    let with = logged("ALL", true).await;
    assert_eq!(with[1]["details"]["input"], "{}");
    let without = logged("ALL", false).await;
    assert_eq!(without[1]["details"], json!({"name": "A"}));
    assert_eq!((&without[1]["id"], &without[1]["previous_event_id"]), (&json!("2"), &json!("0")));
}

#[tokio::test(start_paused = true)]
async fn a_configuration_names_one_group_that_is_there() {
    let cloud = cloud();
    let error = create(&cloud, json!({"level": "ALL"})).await.unwrap_err();
    assert_eq!(error.message, "Invalid Logging Configuration: Must specify exactly one Log Destination.");
    let error = create(&cloud, to("g", "OFF", false)).await.unwrap_err();
    assert_eq!(error.message, "Invalid Logging Configuration: Log Destination not found.");
    let arn = text(&create(&cloud, json!({})).await.unwrap(), "stateMachineArn");
    let described = ok(&cloud, "DescribeStateMachine", json!({ "stateMachineArn": arn })).await;
    assert_eq!(described["loggingConfiguration"], json!({"level": "OFF", "includeExecutionData": false}));
}

#[tokio::test(start_paused = true)]
async fn a_machine_has_one_stream() {
    let cloud = cloud();
    cloud.call(Service::Logs, "CreateLogGroup", json!({"logGroupName": "g"})).await.unwrap();
    let arn = text(&create(&cloud, to("g", "ALL", false)).await.unwrap(), "stateMachineArn");
    for name in ["first", "second"] {
        start(&cloud, &arn, name, json!({})).await;
        cloud.settle(HOUR).await.unwrap();
        tokio::time::sleep(HOUR).await;
    }
    let answer = cloud.call(Service::Logs, "DescribeLogStreams", json!({"logGroupName": "g"})).await.unwrap();
    let names: Vec<_> = answer["logStreams"].as_array().unwrap().iter().map(|s| text(s, "logStreamName")).collect();
    assert_eq!(names[0], "log_stream_created_by_aws_to_validate_log_delivery_subscriptions");
    assert!(names.len() == 2 && names[1].starts_with("states/m/"), "{names:?}");
}
