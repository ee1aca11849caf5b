//! Tests of the service, on virtual time.

mod activities;
mod callbacks;
mod executions;
mod express;
mod integrations;
mod logging;
mod machines;
mod versions;

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

async fn queue(cloud: &Cloud, name: &str) -> String {
    text(&cloud.call(Service::Sqs, "CreateQueue", json!({ "QueueName": name })).await.unwrap(), "QueueUrl")
}

/// The body of the one message that can be received now.
async fn body(cloud: &Cloud, url: &str) -> Value {
    let answer = cloud.call(Service::Sqs, "ReceiveMessage", json!({ "QueueUrl": url })).await.unwrap();
    serde_json::from_str(answer["Messages"][0]["Body"].as_str().unwrap()).unwrap()
}

async fn described(cloud: &Cloud, execution: &str) -> Value {
    ok(cloud, "DescribeExecution", json!({ "executionArn": execution })).await
}

async fn kinds(cloud: &Cloud, execution: &str) -> Vec<String> {
    let answer = ok(cloud, "GetExecutionHistory", json!({ "executionArn": execution })).await;
    answer["events"].as_array().unwrap().iter().map(|event| text(event, "type")).collect()
}
