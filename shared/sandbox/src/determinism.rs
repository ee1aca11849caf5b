//! Same seed, same answers: everything that a cloud does is done in two of them, and compared byte for byte. Maps whose order
//! differs from map to map, the machine's clock and chance of its own would show.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use serde_json::{Value, json};

use crate::cloud::{Cloud, Service};
use crate::lambda::{Code, FunctionError, FunctionSpec, Invocation};
use crate::testing::{cloud, config};

/// Everything that was answered, and everything that functions were given, in order.
#[derive(Clone, Default)]
struct Record(Arc<Mutex<Vec<String>>>);

impl Record {
    fn line(&self, line: String) {
        self.0.lock().unwrap().push(line);
    }
}

/// A cloud whose answers are written down.
struct Account {
    cloud: Cloud,
    record: Record,
}

impl Account {
    async fn ask(&self, service: Service, operation: &str, input: Value) -> Value {
        let answer = self.cloud.call(service, operation, input).await;
        self.record.line(format!("{operation} {answer:?}"));
        answer.unwrap_or_default()
    }

    /// What must succeed.
    async fn ok(&self, service: Service, operation: &str, input: Value) -> Value {
        let answer = self.ask(service, operation, input).await;
        assert!(!answer.is_null(), "{:?}", self.record.0.lock().unwrap().last());
        answer
    }

    async fn all(&self, service: Service, calls: &[(&str, Value)]) {
        for (operation, input) in calls {
            self.ask(service, operation, input.clone()).await;
        }
    }

    /// Every third run fails; what succeeds counts in the table.
    fn function(&self, name: &'static str) {
        let (record, client) = (self.record.clone(), aws_sdk_dynamodb::Client::new(&config(&self.cloud)));
        let runs = Arc::new(Mutex::new(0));
        let code = move |invocation: Invocation| -> BoxFuture<'static, Result<Value, FunctionError>> {
            record.line(format!("{name} {} {} {}", invocation.request_id, invocation.trace_id, invocation.payload));
            let (client, runs) = (client.clone(), runs.clone());
            async move {
                let run = {
                    let mut runs = runs.lock().unwrap();
                    *runs += 1;
                    *runs
                };
                let update = client.update_item().table_name("table").key("pk", AttributeValue::S(name.into()));
                let update = update.key("sk", AttributeValue::S("runs".into())).update_expression("ADD n :one");
                let one = AttributeValue::N("1".into());
                let update = update.expression_attribute_values(":one", one).send().await;
                update.map_err(|error| FunctionError { error_type: "E".into(), message: error.to_string() })?;
                tokio::time::sleep(Duration::from_millis(50)).await;
                match run % 3 {
                    0 => Err(FunctionError { error_type: "Third".into(), message: "every third fails".into() }),
                    _ => Ok(json!({ "run": run })),
                }
            }
            .boxed()
        };
        self.cloud.lambda().add_function(&self.cloud, FunctionSpec::new(name, Code::in_process(code))).unwrap();
    }
}

fn item(pk: &str, sk: usize) -> Value {
    let mut item = json!({
        "pk": { "S": pk }, "sk": { "S": format!("{sk:03}") }, "kind": { "S": "k" },
        "set": { "SS": ["d", "a", "c", "b"] }, "numbers": { "NS": ["3", "1", "2"] }, "ttl": { "N": "1795521700" },
    });
    for letter in 'a'..='p' {
        item[format!("attribute-{letter}")] =
            json!({ "M": { "y": { "S": "1" }, "x": { "N": "2" }, "z": { "BOOL": true } } });
    }
    item
}

async fn tables(account: &Account) {
    let key = |name: &str, kind: &str| json!({ "AttributeName": name, "KeyType": kind });
    let attributes = ["pk", "sk", "kind"].map(|name| json!({ "AttributeName": name, "AttributeType": "S" }));
    for table in ["table", "other", "third"] {
        let input = json!({
            "TableName": table, "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": attributes,
            "KeySchema": [key("pk", "HASH"), key("sk", "RANGE")],
            "GlobalSecondaryIndexes": [{
                "IndexName": "by-kind", "KeySchema": [key("kind", "HASH")], "Projection": { "ProjectionType": "ALL" },
            }],
            "StreamSpecification": { "StreamEnabled": true, "StreamViewType": "NEW_AND_OLD_IMAGES" },
        });
        account.ok(Service::DynamoDb, "CreateTable", input).await;
        let ttl = json!({ "TableName": table, "TimeToLiveSpecification": { "Enabled": true, "AttributeName": "ttl" } });
        account.ok(Service::DynamoDb, "UpdateTimeToLive", ttl).await;
    }
}

async fn writes(account: &Account) {
    let puts = |table: &str| {
        let puts: Vec<_> = (0..8).map(|n| json!({ "PutRequest": { "Item": item("batch", n) } })).collect();
        (table.to_owned(), Value::from(puts))
    };
    let batch: serde_json::Map<_, _> = ["table", "other", "third"].into_iter().map(puts).collect();
    let transact = |n: usize| json!({ "Put": { "TableName": if n.is_multiple_of(2) { "table" } else { "other" }, "Item": item("tx", n) } });
    let condition = json!({ "ConditionCheck": {
        "TableName": "third", "Key": { "pk": { "S": "no" }, "sk": { "S": "no" } },
        "ConditionExpression": "attribute_exists(pk)",
    } });
    let transaction: Vec<_> = (0..6).map(transact).collect();
    let cancelled: Vec<_> = (6..9).map(transact).chain([condition]).collect();
    let unused = json!({
        "TableName": "table", "Key": { "pk": { "S": "x" }, "sk": { "S": "x" } }, "UpdateExpression": "SET a = :used",
        "ExpressionAttributeNames": { "#c": "c", "#a": "a", "#b": "b", "#d": "d" },
        "ExpressionAttributeValues": { ":used": { "S": "" }, ":c": { "S": "" }, ":a": { "S": "" }, ":b": { "S": "" } },
    });
    account
        .all(
            Service::DynamoDb,
            &[
                ("BatchWriteItem", json!({ "RequestItems": batch, "ReturnConsumedCapacity": "INDEXES" })),
                ("TransactWriteItems", json!({ "TransactItems": transaction, "ClientRequestToken": "token" })),
                ("TransactWriteItems", json!({ "TransactItems": transaction, "ClientRequestToken": "token" })),
                ("TransactWriteItems", json!({ "TransactItems": cancelled })),
                ("UpdateItem", unused),
            ],
        )
        .await;
}

async fn reads(account: &Account) {
    let keys: Vec<_> = (0..8).map(|n| json!({ "pk": { "S": "batch" }, "sk": { "S": format!("{n:03}") } })).collect();
    let many: serde_json::Map<_, _> =
        ["table", "other", "third"].into_iter().map(|table| (table.to_owned(), json!({ "Keys": keys }))).collect();
    let index = json!({
        "TableName": "other", "IndexName": "by-kind", "KeyConditionExpression": "kind = :k",
        "ExpressionAttributeValues": { ":k": { "S": "k" } }, "Limit": 7,
    });
    let mut calls = vec![
        ("BatchGetItem", json!({ "RequestItems": many, "ReturnConsumedCapacity": "TOTAL" })),
        ("Query", index),
        ("ListTables", json!({})),
    ];
    for table in ["table", "other", "third"] {
        calls.push(("Scan", json!({ "TableName": table })));
        calls.push(("DescribeTable", json!({ "TableName": table })));
    }
    account.all(Service::DynamoDb, &calls).await;
    for table in ["table", "other", "third"] {
        let stream = account.ok(Service::DynamoDb, "DescribeTable", json!({ "TableName": table })).await;
        let stream = stream["Table"]["LatestStreamArn"].clone();
        let described = account.ok(Service::DynamoDbStreams, "DescribeStream", json!({ "StreamArn": stream })).await;
        let shard = described["StreamDescription"]["Shards"][0]["ShardId"].clone();
        let from = json!({ "StreamArn": stream, "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON" });
        let iterator = account.ok(Service::DynamoDbStreams, "GetShardIterator", from).await;
        let read = json!({ "ShardIterator": iterator["ShardIterator"] });
        account.ok(Service::DynamoDbStreams, "GetRecords", read).await;
    }
}

/// Events to queues, functions and a machine; a queue and a stream that functions read.
async fn wiring(account: &Account) {
    for name in ["on-event", "on-message", "on-record"] {
        account.function(name);
    }
    let arn = |service: &str, name: &str| account.cloud.arn(service, name);
    let queue = |name: &str| json!({ "QueueName": name, "Attributes": { "VisibilityTimeout": "5" } });
    account.all(Service::Sqs, &[("CreateQueue", queue("q")), ("CreateQueue", queue("other"))]).await;
    let definition = json!({
        "StartAt": "P",
        "States": { "P": { "Type": "Parallel", "End": true, "Branches": [
            { "StartAt": "A", "States": { "A": { "Type": "Task", "Resource": arn("lambda", "function:on-event"), "End": true } } },
            { "StartAt": "B", "States": { "B": { "Type": "Wait", "Seconds": 3, "End": true } } },
        ] } },
    });
    let machine =
        json!({ "name": "m", "roleArn": "arn:aws:iam::000000000000:role/r", "definition": definition.to_string() });
    account.ok(Service::StepFunctions, "CreateStateMachine", machine).await;
    let rule = json!({ "Name": "r", "EventPattern": r#"{"source":["s"]}"# });
    let targets =
        [arn("sqs", "q"), arn("sqs", "other"), arn("lambda", "function:on-event"), arn("states", "stateMachine:m")];
    let targets: Vec<_> = targets
        .iter()
        .enumerate()
        .map(|(id, arn)| json!({ "Id": id.to_string(), "Arn": arn, "RoleArn": "arn:aws:iam::000000000000:role/r" }))
        .collect();
    account
        .all(Service::EventBridge, &[("PutRule", rule), ("PutTargets", json!({ "Rule": "r", "Targets": targets }))])
        .await;
    let table = account.ok(Service::DynamoDb, "DescribeTable", json!({ "TableName": "third" })).await;
    let mappings = [
        ("on-message", arn("sqs", "q"), Value::Null),
        ("on-record", table["Table"]["LatestStreamArn"].as_str().unwrap().to_owned(), json!("TRIM_HORIZON")),
    ];
    for (function, source, start) in mappings {
        let input = json!({ "FunctionName": function, "EventSourceArn": source, "StartingPosition": start });
        account.ok(Service::Lambda, "CreateEventSourceMapping", input).await;
    }
}

async fn traffic(account: &Account) {
    let entry = |n: usize| json!({ "Source": "s", "DetailType": "d", "Detail": json!({ "n": n }).to_string() });
    let entries: Vec<_> = (0..10).map(entry).collect();
    account.ok(Service::EventBridge, "PutEvents", json!({ "Entries": entries })).await;
    account.cloud.settle(Duration::from_secs(3600)).await.unwrap();
}

/// What is left: messages, logs, histories.
async fn remains(account: &Account) {
    let url = format!("{}/000000000000/other", account.cloud.endpoint());
    for _ in 0..3 {
        let receive = json!({ "QueueUrl": url, "MaxNumberOfMessages": 10, "AttributeNames": ["All"] });
        account.ok(Service::Sqs, "ReceiveMessage", receive).await;
    }
    for name in ["on-event", "on-message", "on-record"] {
        let group = json!({ "logGroupName": format!("/aws/lambda/{name}") });
        account.all(Service::Logs, &[("DescribeLogStreams", group.clone()), ("FilterLogEvents", group)]).await;
    }
    let machine = json!({ "stateMachineArn": account.cloud.arn("states", "stateMachine:m") });
    let executions = account.ok(Service::StepFunctions, "ListExecutions", machine).await;
    for execution in executions["executions"].as_array().unwrap() {
        let arn = json!({ "executionArn": execution["executionArn"] });
        account.ok(Service::StepFunctions, "GetExecutionHistory", arn).await;
    }
    for (service, operation) in [
        (Service::Lambda, "ListFunctions"),
        (Service::Lambda, "ListEventSourceMappings"),
        (Service::EventBridge, "ListRules"),
        (Service::Sqs, "ListQueues"),
    ] {
        account.ok(service, operation, json!({})).await;
    }
}

async fn everything() -> Vec<String> {
    let account = Account { cloud: cloud(), record: Record::default() };
    tables(&account).await;
    writes(&account).await;
    reads(&account).await;
    wiring(&account).await;
    traffic(&account).await;
    reads(&account).await;
    remains(&account).await;
    account.cloud.lambda().shutdown().await;
    account.record.0.lock().unwrap().clone()
}

#[test]
fn two_clouds_with_the_same_seed_answer_the_same() {
    let run = || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
        runtime.block_on(everything())
    };
    let (first, second) = (run(), run());
    for (number, (one, other)) in first.iter().zip(&second).enumerate() {
        assert_eq!(one, other, "answer {number}");
    }
    assert_eq!(first.len(), second.len());
    assert!(first.len() > 80, "{}", first.len());
}
