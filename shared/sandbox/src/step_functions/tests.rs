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
    let input = json!({"name": name, "roleArn": "arn:aws:iam::000000000000:role/r", "definition": definition.to_string()});
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
