//! Tests of the service with code in this process, on virtual time.

mod asynchronous;
mod invoking;
mod operations;
mod queues;
mod streams;
mod versions;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use serde_json::{Value, json};

use super::{Code, FunctionError, FunctionSpec, Invocation};
use crate::cloud::{Cloud, Service};
use crate::testing::cloud;

/// What a function was given, in order.
#[derive(Debug, Clone, Default)]
struct Seen(Arc<Mutex<Vec<Value>>>);

impl Seen {
    fn push(&self, payload: Value) -> usize {
        let mut seen = self.0.lock().unwrap();
        seen.push(payload);
        seen.len()
    }

    fn all(&self) -> Vec<Value> {
        self.0.lock().unwrap().clone()
    }

    fn count(&self) -> usize {
        self.0.lock().unwrap().len()
    }
}

/// Code that keeps what it was given and answers with what `answer` says; the number counts invocations from 1.
fn recording<F>(seen: &Seen, answer: F) -> Code
where
    F: Fn(usize, Value) -> Result<Value, FunctionError> + Send + Sync + 'static,
{
    let seen = seen.clone();
    Code::in_process(move |invocation: Invocation| -> BoxFuture<'static, Result<Value, FunctionError>> {
        let number = seen.push(invocation.payload.clone());
        let answer = answer(number, invocation.payload);
        async move { answer }.boxed()
    })
}

fn failure() -> FunctionError {
    FunctionError { error_type: "Broken".into(), message: "it does not work".into() }
}

fn add(cloud: &Cloud, name: &str, code: Code) {
    cloud.lambda().add_function(cloud, FunctionSpec::new(name, code)).unwrap();
}

async fn ok(cloud: &Cloud, service: Service, operation: &str, input: Value) -> Value {
    cloud.call(service, operation, input).await.unwrap()
}

async fn lambda(cloud: &Cloud, operation: &str, input: Value) -> Value {
    ok(cloud, Service::Lambda, operation, input).await
}

async fn queue(cloud: &Cloud, name: &str, attributes: Value) -> String {
    let input = json!({ "QueueName": name, "Attributes": attributes });
    ok(cloud, Service::Sqs, "CreateQueue", input).await["QueueUrl"].as_str().unwrap().to_owned()
}

/// The bodies of all messages that can be received now.
async fn bodies(cloud: &Cloud, url: &str) -> Vec<String> {
    let input = json!({ "QueueUrl": url, "MaxNumberOfMessages": 10 });
    let answer = ok(cloud, Service::Sqs, "ReceiveMessage", input).await;
    let messages = answer["Messages"].as_array().cloned().unwrap_or_default();
    messages.iter().map(|message| message["Body"].as_str().unwrap().to_owned()).collect()
}

async fn settle(cloud: &Cloud) {
    cloud.settle(Duration::from_secs(3600)).await.unwrap();
}

/// Every line of a log group, oldest first.
async fn log(cloud: &Cloud, group: &str) -> Vec<String> {
    let answer = ok(cloud, Service::Logs, "FilterLogEvents", json!({ "logGroupName": group })).await;
    let events = answer["events"].as_array().cloned().unwrap_or_default();
    events.iter().map(|event| event["message"].as_str().unwrap().to_owned()).collect()
}
