mod deliveries;
mod executions;
mod requests;

use std::sync::Arc;

use aws_sdk_dynamodb::types::AttributeValue;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use serde_json::{Value, json};

use super::Script;
use crate::cloud::{Cloud, Service};
use crate::lambda::{Code, FunctionError, FunctionSpec, Invocation};
use crate::testing::{cloud, config};

/// A cloud on which a script of faults runs.
struct Bench {
    cloud: Cloud,
    script: Arc<Script>,
    dynamodb: aws_sdk_dynamodb::Client,
    sqs: aws_sdk_sqs::Client,
    eventbridge: aws_sdk_eventbridge::Client,
}

impl Bench {
    /// With a table `table`, before the script begins.
    async fn new(script: Script) -> Self {
        let cloud = cloud();
        let config = config(&cloud);
        let bench = Self {
            script: Arc::new(script),
            dynamodb: aws_sdk_dynamodb::Client::new(&config),
            sqs: aws_sdk_sqs::Client::new(&config),
            eventbridge: aws_sdk_eventbridge::Client::new(&config),
            cloud,
        };
        let table = json!({
            "TableName": "table", "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [{ "AttributeName": "pk", "AttributeType": "S" }],
            "KeySchema": [{ "AttributeName": "pk", "KeyType": "HASH" }],
            "StreamSpecification": { "StreamEnabled": true, "StreamViewType": "NEW_IMAGE" },
        });
        bench.ok(Service::DynamoDb, "CreateTable", table).await;
        bench.cloud.set_faults(Some(bench.script.clone()));
        bench
    }

    /// A call that no fault meets.
    async fn ok(&self, service: Service, operation: &str, input: Value) -> Value {
        let answer = self.cloud.call(service, operation, input).await;
        answer.unwrap_or_else(|error| panic!("{operation}: {error}"))
    }

    /// A function in this process.
    fn function(
        &self,
        name: &str,
        code: impl Fn(Invocation) -> BoxFuture<'static, Result<Value, FunctionError>> + Send + Sync + 'static,
    ) {
        self.cloud.lambda().add_function(&self.cloud, FunctionSpec::new(name, Code::in_process(code))).unwrap();
    }

    /// A function that counts in the table, twice per run.
    fn counter(&self, name: &str) {
        let client = self.dynamodb.clone();
        self.function(name, move |_| {
            let client = client.clone();
            async move {
                for _ in 0..2 {
                    count(&client, "runs")
                        .await
                        .map_err(|error| FunctionError { error_type: "Count".into(), message: error.to_string() })?;
                }
                Ok(Value::Null)
            }
            .boxed()
        });
    }

    /// How often it was counted.
    async fn counted(&self) -> u64 {
        let key = json!({ "TableName": "table", "Key": { "pk": { "S": "runs" } } });
        let item = self.ok(Service::DynamoDb, "GetItem", key).await;
        item.pointer("/Item/n/N").and_then(Value::as_str).map_or(0, |n| n.parse().unwrap())
    }

    /// Every fault of the script must have happened.
    fn all_happened(&self) {
        assert_eq!(self.script.left(), [""; 0]);
    }
}

type Failed<E> = aws_sdk_dynamodb::error::SdkError<E>;

async fn count(
    client: &aws_sdk_dynamodb::Client,
    key: &str,
) -> Result<(), Failed<aws_sdk_dynamodb::operation::update_item::UpdateItemError>> {
    let update = client.update_item().table_name("table").key("pk", AttributeValue::S(key.into()));
    let one = AttributeValue::N("1".into());
    update.update_expression("ADD n :one").expression_attribute_values(":one", one).send().await.map(drop)
}
