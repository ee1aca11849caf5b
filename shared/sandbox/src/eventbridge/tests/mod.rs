//! Through the SDK's client, on virtual time.

mod archives;
mod connections;
mod delivery;
mod elsewhere;
mod entries;
mod permissions;
mod rules;
mod schedules;

use std::time::Duration;

use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::types::{PutEventsRequestEntry, Target};
use serde_json::{Value, json};

use crate::cloud::Service;
use crate::testing::{cloud, config};
use crate::{Cloud, ServiceError};

struct Bench {
    cloud: Cloud,
    client: Client,
}

impl Bench {
    fn new() -> Self {
        let cloud = cloud();
        let client = Client::new(&config(&cloud));
        Self { cloud, client }
    }

    async fn call(&self, operation: &str, input: Value) -> Result<Value, ServiceError> {
        self.cloud.call(Service::EventBridge, operation, input).await
    }

    async fn refused(&self, operation: &str, input: Value) -> (String, String) {
        let error = self.call(operation, input).await.unwrap_err();
        (error.code, error.message)
    }

    /// A queue; its ARN.
    async fn queue(&self, name: &str, attributes: Value) -> String {
        let request = json!({ "QueueName": name, "Attributes": attributes });
        self.cloud.call(Service::Sqs, "CreateQueue", request).await.unwrap();
        self.cloud.arn("sqs", name)
    }

    /// A rule of the default bus with a target.
    async fn rule(&self, name: &str, pattern: &Value, target: Target) {
        self.client.put_rule().name(name).event_pattern(pattern.to_string()).send().await.unwrap();
        self.client.put_targets().rule(name).targets(target).send().await.unwrap();
    }

    async fn publish(&self, detail: &Value) -> String {
        let answer = self.client.put_events().entries(entry(detail)).send().await.unwrap();
        answer.entries()[0].event_id().unwrap().to_owned()
    }

    async fn settle(&self) {
        self.cloud.settle(Duration::from_secs(3 * 86_400)).await.unwrap();
    }

    /// The messages of a queue, taken out.
    async fn messages(&self, name: &str) -> Vec<Value> {
        let url = format!("{}/{}/{name}", self.cloud.endpoint(), self.cloud.account());
        let request = json!({
            "QueueUrl": url, "MaxNumberOfMessages": 10, "MessageAttributeNames": ["All"], "MessageSystemAttributeNames": ["All"],
        });
        let answer = self.cloud.call(Service::Sqs, "ReceiveMessage", request).await.unwrap();
        let messages = answer["Messages"].as_array().cloned().unwrap_or_default();
        for message in &messages {
            let request = json!({ "QueueUrl": url, "ReceiptHandle": message["ReceiptHandle"] });
            self.cloud.call(Service::Sqs, "DeleteMessage", request).await.unwrap();
        }
        messages
    }

    async fn bodies(&self, name: &str) -> Vec<String> {
        self.messages(name).await.iter().map(|message| message["Body"].as_str().unwrap().to_owned()).collect()
    }
}

fn entry(detail: &Value) -> PutEventsRequestEntry {
    PutEventsRequestEntry::builder()
        .source("orders")
        .detail_type("orders.order.placed")
        .detail(detail.to_string())
        .build()
}

fn target(arn: &str) -> Target {
    Target::builder().id("1").arn(arn).build().unwrap()
}

fn orders() -> Value {
    json!({ "source": ["orders"] })
}
