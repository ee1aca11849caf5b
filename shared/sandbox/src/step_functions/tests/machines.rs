//! State machines, and what is refused.

use super::*;

#[tokio::test(start_paused = true)]
async fn a_machine_is_updated_while_its_executions_keep_their_definition() {
    let cloud = cloud();
    let arn = machine(&cloud, "m", wait(30)).await;
    let execution = start(&cloud, &arn, "e", json!({})).await;
    let definition = only(json!({"Type": "Succeed"})).to_string();
    ok(&cloud, "UpdateStateMachine", json!({"stateMachineArn": arn, "definition": definition})).await;
    let kept = ok(&cloud, "DescribeStateMachineForExecution", json!({ "executionArn": execution })).await;
    assert_eq!(text(&kept, "definition"), wait(30).to_string());
    let now = ok(&cloud, "DescribeStateMachine", json!({ "stateMachineArn": arn })).await;
    assert_eq!(text(&now, "definition"), definition);
    start(&cloud, &arn, "second", json!({})).await;
    cloud.settle(HOUR).await.unwrap();
    let listed = ok(&cloud, "ListExecutions", json!({"stateMachineArn": arn, "statusFilter": "SUCCEEDED"})).await;
    let names: Vec<_> = listed["executions"].as_array().unwrap().iter().map(|e| text(e, "name")).collect();
    assert_eq!(names, ["second", "e"]);
    ok(&cloud, "DeleteStateMachine", json!({ "stateMachineArn": arn })).await;
    let gone = refused(&cloud, "DescribeStateMachine", json!({ "stateMachineArn": arn })).await;
    assert_eq!(gone.code, "StateMachineDoesNotExist");
}

#[tokio::test(start_paused = true)]
async fn what_is_refused() {
    let cloud = cloud();
    let create = |name: &str, definition: &Value| json!({"name": name, "roleArn": "arn:aws:iam::000000000000:role/r", "definition": definition.to_string()});
    let error = refused(&cloud, "CreateStateMachine", create("a b", &wait(1))).await;
    assert_eq!(error.code, "InvalidName");
    let mut no_role = create("m", &wait(1));
    no_role["roleArn"] = "r".into();
    let error = refused(&cloud, "CreateStateMachine", no_role).await;
    assert_eq!((error.code.as_str(), error.message.as_str()), ("InvalidArn", "Invalid Role Arn: 'r'"));
    let error = refused(&cloud, "CreateStateMachine", create("m", &only(json!({"Type": "Pass", "Next": "X"})))).await;
    assert_eq!(error.code, "InvalidDefinition");
    assert!(
        error.message.contains("MISSING_TRANSITION_TARGET: Missing 'Next' target: X at /States/Only/Next"),
        "{error}"
    );
    let batch = json!({"Type": "Task", "Resource": "arn:aws:states:::batch:submitJob.sync", "End": true});
    let error = refused(&cloud, "CreateStateMachine", create("m", &only(batch))).await;
    assert!(error.message.contains("arn:aws:states:::batch:submitJob.sync is not supported"), "{error}");
    let arn = machine(&cloud, "m", wait(1)).await;
    assert_eq!(machine(&cloud, "m", wait(1)).await, arn);
    let error = refused(&cloud, "CreateStateMachine", create("m", &wait(2))).await;
    assert_eq!(error.code, "StateMachineAlreadyExists");
    let start = |name: &str, input: &str| json!({"stateMachineArn": arn, "name": name, "input": input});
    assert_eq!(refused(&cloud, "StartExecution", start("a/b", "{}")).await.code, "InvalidName");
    assert_eq!(refused(&cloud, "StartExecution", start("a", "{")).await.code, "InvalidExecutionInput");
    let long = format!("\"{}\"", "x".repeat(262_144));
    assert_eq!(refused(&cloud, "StartExecution", start("a", &long)).await.code, "ValidationException");
    let error = refused(&cloud, "StartExecution", json!({"stateMachineArn": "m"})).await;
    assert_eq!(error.code, "InvalidArn");
    let error = refused(&cloud, "TestState", json!({})).await;
    assert_eq!(
        error.message,
        "Step Functions TestState is not supported by the local cloud; see docs/local-cloud.md for what is"
    );
}

#[tokio::test(start_paused = true)]
async fn a_definition_is_validated_with_places() {
    let cloud = cloud();
    let definition = only(json!({"Type": "Pass"})).to_string();
    let answer = ok(&cloud, "ValidateStateMachineDefinition", json!({ "definition": definition })).await;
    assert_eq!(answer["result"], "FAIL");
    let found = &answer["diagnostics"][0];
    assert_eq!(
        [&found["severity"], &found["code"], &found["location"]],
        ["ERROR", "SCHEMA_VALIDATION_FAILED", "/States/Only"]
    );
    let answer = ok(&cloud, "ValidateStateMachineDefinition", json!({ "definition": wait(1).to_string() })).await;
    assert_eq!((&answer["result"], &answer["diagnostics"]), (&json!("OK"), &json!([])));
}
