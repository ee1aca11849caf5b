//! Express state machines.

use super::*;

async fn express(cloud: &Cloud, definition: &Value) -> Answer {
    let input = json!({
        "name": "x",
        "roleArn": "arn:aws:iam::000000000000:role/r",
        "definition": definition.to_string(),
        "type": "EXPRESS",
    });
    call(cloud, "CreateStateMachine", input).await
}

#[tokio::test(start_paused = true)]
async fn a_synchronous_execution_answers_with_its_end() {
    let cloud = cloud();
    let arn = text(&express(&cloud, &wait(2)).await.unwrap(), "stateMachineArn");
    let answer = ok(&cloud, "StartSyncExecution", json!({"stateMachineArn": arn, "input": "[1]"})).await;
    assert_eq!((&answer["status"], &answer["output"]), (&json!("SUCCEEDED"), &json!("[1]")));
    assert_eq!(answer["billingDetails"], json!({"billedDurationInMilliseconds": 2000, "billedMemoryUsedInMB": 64}));
    assert!(text(&answer, "executionArn").contains(":express:x:"));
    let standard = machine(&cloud, "m", wait(1)).await;
    let error = refused(&cloud, "StartSyncExecution", json!({ "stateMachineArn": standard })).await;
    assert_eq!(error.code, "StateMachineTypeNotSupported");
}

#[tokio::test(start_paused = true)]
async fn executions_are_not_kept() {
    let cloud = cloud();
    let arn = text(&express(&cloud, &wait(2)).await.unwrap(), "stateMachineArn");
    let first = start(&cloud, &arn, "same", json!({})).await;
    let second = start(&cloud, &arn, "same", json!({})).await;
    assert_ne!(first, second);
    let error = refused(&cloud, "DescribeExecution", json!({ "executionArn": first })).await;
    assert_eq!(error.message, "Invalid Arn: 'Resource type not valid in this context: express'");
    let error = refused(&cloud, "ListExecutions", json!({ "stateMachineArn": arn })).await;
    assert_eq!(error.code, "StateMachineTypeNotSupported");
    assert!(cloud.pending().is_some());
    cloud.settle(HOUR).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn what_an_express_machine_cannot_do() {
    let cloud = cloud();
    for (resource, what) in [
        ("arn:aws:states:::sqs:sendMessage.waitForTaskToken", "'.waitForTaskToken' service integration "),
        ("arn:aws:states:::states:startExecution.sync:2", "'.sync' service integration"),
        ("arn:aws:states:us-east-1:000000000000:activity:a", "Activity ARN"),
    ] {
        let definition = only(json!({"Type": "Task", "Resource": resource, "End": true}));
        let expected = format!("Express state machine does not support {what}");
        let error = express(&cloud, &definition).await.unwrap_err();
        let place = "/States/Only/Resource";
        assert_eq!(
            error.message,
            format!("Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: {expected} at {place}'")
        );
        let input = json!({"definition": definition.to_string(), "type": "EXPRESS"});
        let answer = ok(&cloud, "ValidateStateMachineDefinition", input).await;
        assert_eq!((&answer["result"], &answer["diagnostics"][0]["message"]), (&json!("FAIL"), &json!(expected)));
    }
}

#[tokio::test(start_paused = true)]
async fn an_execution_ends_after_five_minutes() {
    let cloud = cloud();
    let arn = text(&express(&cloud, &wait(301)).await.unwrap(), "stateMachineArn");
    let answer = ok(&cloud, "StartSyncExecution", json!({ "stateMachineArn": arn })).await;
    assert_eq!(answer["status"], "TIMED_OUT");
    assert_eq!(answer["billingDetails"]["billedDurationInMilliseconds"], 300_000);
}
