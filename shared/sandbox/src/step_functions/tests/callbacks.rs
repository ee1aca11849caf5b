//! Task tokens.

use super::*;

/// A machine that sends its task token to a queue and waits for it.
fn asking(url: &str) -> Value {
    only(json!({
        "Type": "Task",
        "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
        "Parameters": {"QueueUrl": url, "MessageBody": {"token.$": "$$.Task.Token", "id.$": "$.id"}},
        "TimeoutSeconds": 600,
        "HeartbeatSeconds": 60,
        "End": true,
    }))
}

async fn asked(cloud: &Cloud) -> (String, String) {
    let url = queue(cloud, "questions").await;
    let arn = machine(cloud, "m", asking(&url)).await;
    let execution = start(cloud, &arn, "e", json!({"id": 7})).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let message = body(cloud, &url).await;
    assert_eq!(message["id"], 7);
    (execution, text(&message, "token"))
}

#[tokio::test(start_paused = true)]
async fn a_task_token_that_comes_back_ends_the_task() {
    let cloud = cloud();
    let (execution, token) = asked(&cloud).await;
    ok(&cloud, "SendTaskSuccess", json!({"taskToken": token, "output": r#"{"answer": 42}"#})).await;
    cloud.settle(HOUR).await.unwrap();
    assert_eq!(described(&cloud, &execution).await["output"], r#"{"answer":42}"#);
    let expected = ["TaskScheduled", "TaskStarted", "TaskSubmitted", "TaskSucceeded"];
    assert_eq!(kinds(&cloud, &execution).await[2..6], expected);
    let again = refused(&cloud, "SendTaskSuccess", json!({"taskToken": token, "output": "1"})).await;
    assert_eq!(again.code, "TaskTimedOut");
    let foreign = refused(&cloud, "SendTaskSuccess", json!({"taskToken": "x", "output": "1"})).await;
    assert_eq!(foreign.code, "InvalidToken");
}

#[tokio::test(start_paused = true)]
async fn a_task_token_can_bring_a_failure() {
    let cloud = cloud();
    let (execution, token) = asked(&cloud).await;
    assert_eq!(
        refused(&cloud, "SendTaskSuccess", json!({"taskToken": token, "output": "{"})).await.code,
        "InvalidOutput"
    );
    ok(&cloud, "SendTaskFailure", json!({"taskToken": token, "error": "Refused", "cause": "no"})).await;
    cloud.settle(HOUR).await.unwrap();
    let ended = described(&cloud, &execution).await;
    assert_eq!([&ended["status"], &ended["error"], &ended["cause"]], ["FAILED", "Refused", "no"]);
}

#[tokio::test(start_paused = true)]
async fn heartbeats_keep_a_task_alive_until_they_stop() {
    let cloud = cloud();
    let (execution, token) = asked(&cloud).await;
    for _ in 0..4 {
        tokio::time::sleep(Duration::from_secs(50)).await;
        ok(&cloud, "SendTaskHeartbeat", json!({ "taskToken": token })).await;
    }
    assert_eq!(described(&cloud, &execution).await["status"], "RUNNING");
    cloud.settle(HOUR).await.unwrap();
    let ended = described(&cloud, &execution).await;
    assert_eq!([&ended["status"], &ended["error"]], ["FAILED", "States.Timeout"]);
    assert_eq!(ended["stopDate"].as_f64().unwrap() - ended["startDate"].as_f64().unwrap(), 261.0);
    let late = refused(&cloud, "SendTaskHeartbeat", json!({ "taskToken": token })).await;
    assert_eq!(late.code, "TaskTimedOut");
}

#[tokio::test(start_paused = true)]
async fn a_task_can_be_failed_without_an_error() {
    let cloud = cloud();
    let url = queue(&cloud, "questions").await;
    let mut task = asking(&url)["States"]["Only"].clone();
    task["Catch"] = json!([{"ErrorEquals": ["States.ALL"], "Next": "Caught"}]);
    let definition = json!({"StartAt": "Only", "States": {"Only": task, "Caught": {"Type": "Succeed"}}});
    let arn = machine(&cloud, "m", definition).await;
    let execution = start(&cloud, &arn, "e", json!({"id": 7})).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let token = text(&body(&cloud, &url).await, "token");
    ok(&cloud, "SendTaskFailure", json!({ "taskToken": token })).await;
    cloud.settle(HOUR).await.unwrap();
    assert_eq!(described(&cloud, &execution).await["output"], r#"{"Error":null,"Cause":null}"#);
}

#[tokio::test(start_paused = true)]
async fn a_token_that_is_not_known_is_refused_before_its_output() {
    let cloud = cloud();
    let error = refused(&cloud, "SendTaskSuccess", json!({"taskToken": "t", "output": "not JSON"})).await;
    assert_eq!(error.message, "Invalid Token: 'Invalid token'");
}
