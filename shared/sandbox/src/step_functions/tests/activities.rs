//! Activities.

use super::*;

async fn activity(cloud: &Cloud, name: &str) -> String {
    text(&ok(cloud, "CreateActivity", json!({ "name": name })).await, "activityArn")
}

fn task(arn: &str) -> Value {
    only(json!({"Type": "Task", "Resource": arn, "TimeoutSeconds": 60, "End": true}))
}

#[tokio::test(start_paused = true)]
async fn a_worker_fetches_a_task_and_returns_its_result() {
    let cloud = cloud();
    let arn = activity(&cloud, "a").await;
    assert_eq!(activity(&cloud, "a").await, arn);
    let machine = machine(&cloud, "m", task(&arn)).await;
    let execution = start(&cloud, &machine, "e", json!({"order": 1})).await;
    let fetched = ok(&cloud, "GetActivityTask", json!({"activityArn": arn, "workerName": "w"})).await;
    assert_eq!(fetched["input"], r#"{"order":1}"#);
    let done = json!({"taskToken": fetched["taskToken"], "output": "2"});
    ok(&cloud, "SendTaskSuccess", done).await;
    cloud.settle(HOUR).await.unwrap();
    assert_eq!(described(&cloud, &execution).await["output"], "2");
    let expected = [
        "ExecutionStarted",
        "TaskStateEntered",
        "ActivityScheduled",
        "ActivityStarted",
        "ActivitySucceeded",
        "TaskStateExited",
        "ExecutionSucceeded",
    ];
    assert_eq!(kinds(&cloud, &execution).await, expected);
}

#[tokio::test(start_paused = true)]
async fn a_task_that_no_worker_takes_does_not_time_out_and_one_that_is_taken_does() {
    let cloud = cloud();
    let arn = activity(&cloud, "a").await;
    let machine = machine(&cloud, "m", task(&arn)).await;
    let execution = start(&cloud, &machine, "e", json!({})).await;
    tokio::time::sleep(HOUR).await;
    assert_eq!(described(&cloud, &execution).await["status"], "RUNNING");
    ok(&cloud, "GetActivityTask", json!({ "activityArn": arn })).await;
    cloud.settle(HOUR).await.unwrap();
    let described = described(&cloud, &execution).await;
    assert_eq!((&described["status"], &described["error"]), (&json!("FAILED"), &json!("States.Timeout")));
}

#[tokio::test(start_paused = true)]
async fn a_poll_without_a_task_answers_empty_after_a_minute() {
    let cloud = cloud();
    let arn = activity(&cloud, "a").await;
    let started = tokio::time::Instant::now();
    assert_eq!(ok(&cloud, "GetActivityTask", json!({ "activityArn": arn })).await, json!({}));
    assert_eq!(started.elapsed(), Duration::from_secs(60));
}

#[tokio::test(start_paused = true)]
async fn an_activity_that_is_not_there() {
    let cloud = cloud();
    let arn = activity(&cloud, "a").await;
    let machine = machine(&cloud, "m", task(&arn)).await;
    ok(&cloud, "DeleteActivity", json!({ "activityArn": arn })).await;
    let error = refused(&cloud, "DescribeActivity", json!({ "activityArn": arn })).await;
    assert_eq!(error.code, "ActivityDoesNotExist");
    let error = refused(&cloud, "GetActivityTask", json!({"activityArn": "a"})).await;
    assert_eq!(error.message, "Invalid Arn: 'Invalid ARN prefix: a'");
    let execution = start(&cloud, &machine, "e", json!({})).await;
    cloud.settle(HOUR).await.unwrap();
    let cause = text(&described(&cloud, &execution).await, "cause");
    assert!(cause.ends_with(&format!("The activity {arn} does not exist.")), "{cause}");
    assert_eq!(kinds(&cloud, &execution).await, ["ExecutionStarted", "TaskStateEntered", "ExecutionFailed"]);
}
