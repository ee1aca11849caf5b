//! Tests of the service, on virtual time.

use std::time::Duration;

use futures::FutureExt as _;
use serde_json::{Value, json};

use crate::cloud::{Cloud, Service};
use crate::lambda::{Code, FunctionError, FunctionSpec, Invocation};
use crate::testing::cloud;
use crate::wire::{Answer, ServiceError};

const HOUR: Duration = Duration::from_secs(3600);

async fn call(cloud: &Cloud, operation: &str, input: Value) -> Answer {
    cloud.call(Service::StepFunctions, operation, input).await
}

async fn ok(cloud: &Cloud, operation: &str, input: Value) -> Value {
    call(cloud, operation, input).await.unwrap()
}

async fn refused(cloud: &Cloud, operation: &str, input: Value) -> ServiceError {
    call(cloud, operation, input).await.unwrap_err()
}

/// A machine called `name`; answers its ARN.
async fn machine(cloud: &Cloud, name: &str, definition: Value) -> String {
    let input =
        json!({"name": name, "roleArn": "arn:aws:iam::000000000000:role/r", "definition": definition.to_string()});
    text(&ok(cloud, "CreateStateMachine", input).await, "stateMachineArn")
}

fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap().to_owned()
}

async fn start(cloud: &Cloud, machine: &str, name: &str, input: Value) -> String {
    let request = json!({"stateMachineArn": machine, "name": name, "input": input.to_string()});
    text(&ok(cloud, "StartExecution", request).await, "executionArn")
}

/// Starts an execution, waits until nothing is under way, and describes it.
async fn run(cloud: &Cloud, definition: Value, input: Value) -> Value {
    let arn = machine(cloud, "m", definition).await;
    let execution = start(cloud, &arn, "e", input).await;
    cloud.settle(HOUR).await.unwrap();
    ok(cloud, "DescribeExecution", json!({ "executionArn": execution })).await
}

fn only(state: Value) -> Value {
    json!({"StartAt": "Only", "States": {"Only": state}})
}

fn wait(seconds: u64) -> Value {
    only(json!({"Type": "Wait", "Seconds": seconds, "End": true}))
}

fn function(cloud: &Cloud, name: &str, answer: impl Fn(Value) -> Result<Value, FunctionError> + Send + Sync + 'static) {
    let code = Code::in_process(move |invocation: Invocation| {
        let answer = answer(invocation.payload);
        async move { answer }.boxed()
    });
    cloud.lambda().add_function(cloud, FunctionSpec::new(name, code)).unwrap();
}

#[tokio::test(start_paused = true)]
async fn an_execution_runs_to_its_end() {
    let cloud = cloud();
    let arn = machine(&cloud, "m", wait(30)).await;
    let execution = start(&cloud, &arn, "e", json!({"a": 1})).await;
    assert_eq!(cloud.pending().as_deref(), Some("execution e of m"));
    let running = ok(&cloud, "DescribeExecution", json!({ "executionArn": execution })).await;
    assert_eq!(running["status"], "RUNNING");
    cloud.settle(HOUR).await.unwrap();
    let ended = ok(&cloud, "DescribeExecution", json!({ "executionArn": execution })).await;
    assert_eq!(ended["status"], "SUCCEEDED");
    assert_eq!(ended["output"], r#"{"a":1}"#);
    assert_eq!(ended["stopDate"].as_f64().unwrap() - ended["startDate"].as_f64().unwrap(), 30.0);
}

#[tokio::test(start_paused = true)]
async fn a_name_is_taken_by_a_running_execution_and_for_90_days_after() {
    let cloud = cloud();
    let arn = machine(&cloud, "m", wait(30)).await;
    let request = |input: &str| json!({"stateMachineArn": arn, "name": "e", "input": input});
    let first = ok(&cloud, "StartExecution", request("{}")).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(ok(&cloud, "StartExecution", request("{}")).await, first);
    assert_eq!(refused(&cloud, "StartExecution", request("[]")).await.code, "ExecutionAlreadyExists");
    cloud.settle(HOUR).await.unwrap();
    assert_eq!(refused(&cloud, "StartExecution", request("{}")).await.code, "ExecutionAlreadyExists");
    tokio::time::sleep(Duration::from_secs(91 * 86_400)).await;
    ok(&cloud, "StartExecution", request("{}")).await;
}

#[tokio::test(start_paused = true)]
async fn a_task_invokes_a_function() {
    let cloud = cloud();
    function(&cloud, "double", |payload| Ok(json!(payload["n"].as_i64().unwrap() * 2)));
    let ended = run(
        &cloud,
        only(json!({
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke",
            "Parameters": {"FunctionName": "double", "Payload": {"n.$": "$.n"}},
            "ResultSelector": {"doubled.$": "$.Payload", "status.$": "$.StatusCode", "version.$": "$.ExecutedVersion"},
            "End": true,
        })),
        json!({"n": 21}),
    )
    .await;
    assert_eq!(ended["output"], r#"{"doubled":42,"status":200,"version":"$LATEST"}"#);
}

#[tokio::test(start_paused = true)]
async fn a_functions_error_is_the_tasks_error() {
    let cloud = cloud();
    function(&cloud, "charge", |_| {
        Err(FunctionError { error_type: "card_declined".into(), message: "no money".into() })
    });
    let task = json!({
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Parameters": {"FunctionName": "charge", "Payload": {}},
        "End": true,
    });
    let ended = run(&cloud, only(task), json!({})).await;
    assert_eq!([&ended["status"], &ended["error"]], ["FAILED", "card_declined"]);
    let cause: Value = serde_json::from_str(ended["cause"].as_str().unwrap()).unwrap();
    assert_eq!(cause["errorMessage"], "no money");
}

#[tokio::test(start_paused = true)]
async fn a_function_that_is_not_there_fails_the_task() {
    let cloud = cloud();
    let resource = cloud.arn("lambda", "function:absent");
    let ended = run(&cloud, only(json!({"Type": "Task", "Resource": resource, "End": true})), json!({})).await;
    assert_eq!([&ended["status"], &ended["error"]], ["FAILED", "Lambda.ResourceNotFoundException"]);
}

async fn queue(cloud: &Cloud, name: &str) -> String {
    text(&cloud.call(Service::Sqs, "CreateQueue", json!({ "QueueName": name })).await.unwrap(), "QueueUrl")
}

/// The body of the one message that can be received now.
async fn body(cloud: &Cloud, url: &str) -> Value {
    let answer = cloud.call(Service::Sqs, "ReceiveMessage", json!({ "QueueUrl": url })).await.unwrap();
    serde_json::from_str(answer["Messages"][0]["Body"].as_str().unwrap()).unwrap()
}

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

async fn described(cloud: &Cloud, execution: &str) -> Value {
    ok(cloud, "DescribeExecution", json!({ "executionArn": execution })).await
}

async fn kinds(cloud: &Cloud, execution: &str) -> Vec<String> {
    let answer = ok(cloud, "GetExecutionHistory", json!({ "executionArn": execution })).await;
    answer["events"].as_array().unwrap().iter().map(|event| text(event, "type")).collect()
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
async fn an_execution_waits_for_the_one_that_it_started() {
    let cloud = cloud();
    let child = machine(&cloud, "child", wait(30)).await;
    let outcome = |resource: &str| {
        only(json!({
            "Type": "Task",
            "Resource": resource,
            "Parameters": {"StateMachineArn": child, "Input": {"a.$": "$.a"}},
            "End": true,
        }))
    };
    let ended = run(&cloud, outcome("arn:aws:states:::states:startExecution.sync:2"), json!({"a": 1})).await;
    let output: Value = serde_json::from_str(ended["output"].as_str().unwrap()).unwrap();
    assert_eq!([&output["Status"], &output["Output"]], [&json!("SUCCEEDED"), &json!({"a": 1})]);
    assert_eq!(ended["stopDate"].as_f64().unwrap() - ended["startDate"].as_f64().unwrap(), 30.0);
}

#[tokio::test(start_paused = true)]
async fn an_execution_that_is_waited_for_and_fails_fails_the_task() {
    let cloud = cloud();
    let child = machine(&cloud, "child", only(json!({"Type": "Fail", "Error": "Broken", "Cause": "why"}))).await;
    let task = json!({
        "Type": "Task",
        "Resource": "arn:aws:states:::states:startExecution.sync",
        "Parameters": {"StateMachineArn": child, "Name": "c"},
        "End": true,
    });
    let ended = run(&cloud, only(task), json!({})).await;
    assert_eq!(ended["error"], "States.TaskFailed");
    let cause: Value = serde_json::from_str(ended["cause"].as_str().unwrap()).unwrap();
    assert_eq!([&cause["Error"], &cause["Cause"], &cause["Name"]], ["Broken", "why", "c"]);
}

#[tokio::test(start_paused = true)]
async fn items_are_put_and_got_and_conditions_fail_by_name() {
    let cloud = cloud();
    let table = json!({
        "TableName": "t",
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "BillingMode": "PAY_PER_REQUEST",
    });
    cloud.call(Service::DynamoDb, "CreateTable", table).await.unwrap();
    let put = json!({
        "Type": "Task",
        "Resource": "arn:aws:states:::dynamodb:putItem",
        "Parameters": {
            "TableName": "t",
            "Item": {"id": {"S.$": "$.id"}, "n": {"N": "1"}},
            "ConditionExpression": "attribute_not_exists(id)",
        },
        "ResultPath": null,
        "Next": "Get",
    });
    let get = json!({
        "Type": "Task",
        "Resource": "arn:aws:states:::dynamodb:getItem",
        "Parameters": {"TableName": "t", "Key": {"id": {"S.$": "$.id"}}},
        "OutputPath": "$.Item",
        "End": true,
    });
    let definition = json!({"StartAt": "Put", "States": {"Put": put, "Get": get}});
    let ended = run(&cloud, definition, json!({"id": "a"})).await;
    let item: Value = serde_json::from_str(ended["output"].as_str().unwrap()).unwrap();
    assert_eq!(item, json!({"id": {"S": "a"}, "n": {"N": "1"}}));
    let again = start(&cloud, &text(&ended, "stateMachineArn"), "again", json!({"id": "a"})).await;
    cloud.settle(HOUR).await.unwrap();
    assert_eq!(described(&cloud, &again).await["error"], "DynamoDB.ConditionalCheckFailedException");
}

#[tokio::test(start_paused = true)]
async fn events_are_put() {
    let cloud = cloud();
    let entry = |bus: &str| {
        let entry =
            json!({"Source": "orders", "DetailType": "placed", "Detail": {"id.$": "$.id"}, "EventBusName": bus});
        only(json!({
            "Type": "Task",
            "Resource": "arn:aws:states:::events:putEvents",
            "Parameters": {"Entries": [entry]},
            "End": true,
        }))
    };
    let ended = run(&cloud, entry("default"), json!({"id": 1})).await;
    let output: Value = serde_json::from_str(ended["output"].as_str().unwrap()).unwrap();
    assert_eq!([&output["FailedEntryCount"], &output["SdkHttpMetadata"]["HttpStatusCode"]], [0, 200]);
}

#[tokio::test(start_paused = true)]
async fn an_execution_is_stopped_and_its_history_is_read_in_pages() {
    let cloud = cloud();
    let arn = machine(&cloud, "m", wait(30)).await;
    let execution = start(&cloud, &arn, "e", json!({})).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    ok(&cloud, "StopExecution", json!({"executionArn": execution, "error": "Enough", "cause": "why"})).await;
    cloud.settle(HOUR).await.unwrap();
    let ended = described(&cloud, &execution).await;
    assert_eq!([&ended["status"], &ended["error"], &ended["redriveStatus"]], ["ABORTED", "Enough", "REDRIVABLE"]);
    let page = |token: Option<String>| {
        let mut input =
            json!({"executionArn": execution, "maxResults": 2, "reverseOrder": true, "includeExecutionData": false});
        if let Some(token) = token {
            input["nextToken"] = token.into();
        }
        input
    };
    let first = ok(&cloud, "GetExecutionHistory", page(None)).await;
    assert_eq!(first["events"][0]["executionAbortedEventDetails"], json!({"error": "Enough", "cause": "why"}));
    let second = ok(&cloud, "GetExecutionHistory", page(Some(text(&first, "nextToken")))).await;
    assert_eq!(second["events"].as_array().unwrap().len(), 1);
    assert!(
        second.get("nextToken").is_none() && second["events"][0]["executionStartedEventDetails"]["input"].is_null()
    );
    let bad = refused(&cloud, "GetExecutionHistory", page(Some("x".into()))).await;
    assert_eq!(bad.code, "InvalidToken");
}

#[tokio::test(start_paused = true)]
async fn a_redrive_goes_on_at_the_state_that_failed() {
    let cloud = cloud();
    let calls = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let seen = calls.clone();
    function(&cloud, "refund", move |payload| {
        let mut seen = seen.lock().unwrap();
        seen.push(payload);
        if seen.len() == 1 {
            return Err(FunctionError { error_type: "gateway_down".into(), message: "later".into() });
        }
        Ok(json!("refunded"))
    });
    let definition = json!({"StartAt": "Before", "States": {
        "Before": {"Type": "Pass", "Result": 1, "ResultPath": "$.before", "Next": "Refund"},
        "Refund": {"Type": "Task", "Resource": cloud.arn("lambda", "function:refund"), "ResultPath": "$.result", "End": true},
    }});
    let failed = run(&cloud, definition, json!({})).await;
    assert_eq!([&failed["status"], &failed["redriveStatus"]], ["FAILED", "REDRIVABLE"]);
    let execution = json!({"executionArn": failed["executionArn"]});
    ok(&cloud, "RedriveExecution", execution.clone()).await;
    cloud.settle(HOUR).await.unwrap();
    let ended = ok(&cloud, "DescribeExecution", execution.clone()).await;
    assert_eq!(ended["output"], r#"{"before":1,"result":"refunded"}"#);
    assert_eq!((&ended["redriveCount"], ended["redriveDate"].is_f64()), (&json!(1), true));
    assert_eq!(*calls.lock().unwrap(), [json!({"before": 1}), json!({"before": 1})]);
    let kinds = kinds(&cloud, &text(&ended, "executionArn")).await;
    let expected = [
        "ExecutionFailed",
        "ExecutionRedriven",
        "LambdaFunctionScheduled",
        "LambdaFunctionStarted",
        "LambdaFunctionSucceeded",
        "TaskStateExited",
        "ExecutionSucceeded",
    ];
    assert_eq!(kinds[kinds.len() - 7..], expected);
    assert_eq!(refused(&cloud, "RedriveExecution", execution).await.code, "ExecutionNotRedrivable");
}

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
    let error = refused(&cloud, "CreateActivity", json!({"name": "a"})).await;
    assert_eq!(
        error.message,
        "Step Functions CreateActivity is not supported by the local cloud; see docs/local-cloud.md for what is"
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

#[tokio::test(start_paused = true)]
async fn the_sdk_starts_and_reads_executions() {
    let cloud = cloud();
    let sdk = aws_sdk_sfn::Client::new(&crate::testing::config(&cloud));
    let role = "arn:aws:iam::000000000000:role/r";
    let created =
        sdk.create_state_machine().name("m").role_arn(role).definition(wait(2).to_string()).send().await.unwrap();
    let started = sdk
        .start_execution()
        .state_machine_arn(created.state_machine_arn())
        .name("e")
        .input("{}")
        .send()
        .await
        .unwrap();
    cloud.settle(HOUR).await.unwrap();
    let described = sdk.describe_execution().execution_arn(started.execution_arn()).send().await.unwrap();
    assert_eq!(described.status().as_str(), "SUCCEEDED");
    assert_eq!(described.start_date().secs(), 1_795_521_600);
    let history = sdk.get_execution_history().execution_arn(started.execution_arn()).send().await.unwrap();
    let kinds: Vec<_> = history.events().iter().map(|event| event.r#type().as_str()).collect();
    assert_eq!(kinds, ["ExecutionStarted", "WaitStateEntered", "WaitStateExited", "ExecutionSucceeded"]);
    let again = sdk.start_execution().state_machine_arn(created.state_machine_arn()).name("e").input("{}").send().await;
    assert!(again.unwrap_err().into_service_error().is_execution_already_exists());
}
