//! What the local cloud costs in process, on virtual time: events through a whole path, and hours of waiting.
//!
//!     cargo bench -p throughline-sandbox --bench costs

#![expect(clippy::unwrap_used, reason = "a measurement that cannot be made has nothing to say")]

use std::time::{Duration, Instant};

use criterion::measurement::WallTime;
use criterion::{BatchSize, BenchmarkGroup, Criterion, Throughput};
use futures::FutureExt as _;
use futures::future::BoxFuture;
use serde_json::{Value, json};
use throughline_sandbox::lambda::{Code, FunctionError, FunctionSpec, Invocation};
use throughline_sandbox::{Clock, Cloud, Service};
use tokio::runtime::Builder;

const EVENTS: usize = 2000;
const LIMIT: Duration = Duration::from_secs(4 * 3600);

fn cloud() -> Cloud {
    Cloud::builder(Clock::starting_at("2026-11-24T12:00:00Z".parse().unwrap())).build()
}

async fn ask(cloud: &Cloud, service: Service, operation: &str, input: Value) -> Value {
    cloud.call(service, operation, input).await.unwrap()
}

/// A queue that the function reads.
async fn queue(cloud: &Cloud, code: Code, visibility: &str) -> String {
    let attributes = json!({ "VisibilityTimeout": visibility });
    let created = ask(cloud, Service::Sqs, "CreateQueue", json!({ "QueueName": "q", "Attributes": attributes })).await;
    cloud.lambda().add_function(cloud, FunctionSpec::new("f", code)).unwrap();
    let mapping = json!({ "FunctionName": "f", "EventSourceArn": cloud.arn("sqs", "q"), "BatchSize": 10 });
    ask(cloud, Service::Lambda, "CreateEventSourceMapping", mapping).await;
    created.get("QueueUrl").and_then(Value::as_str).unwrap().to_owned()
}

/// One transaction for each record.
fn keeping(cloud: &Cloud) -> Code {
    let cloud = cloud.clone();
    Code::in_process(move |invocation: Invocation| -> BoxFuture<'static, Result<Value, FunctionError>> {
        let cloud = cloud.clone();
        async move {
            for record in invocation.payload.get("Records").and_then(Value::as_array).into_iter().flatten() {
                let id = record.get("messageId").cloned().unwrap_or_default();
                let item = json!({ "id": { "S": id }, "body": { "S": record.get("body") } });
                let put =
                    json!({ "TableName": "kept", "Item": item, "ConditionExpression": "attribute_not_exists(id)" });
                let input = json!({ "TransactItems": [{ "Put": put }], "ClientRequestToken": id });
                cloud.call(Service::DynamoDb, "TransactWriteItems", input).await.unwrap();
            }
            Ok(json!({ "batchItemFailures": [] }))
        }
        .boxed()
    })
}

/// A bus whose events a queue takes to a function that keeps them in a table.
async fn path() -> Cloud {
    let cloud = cloud();
    queue(&cloud, keeping(&cloud), "180").await;
    let table = json!({
        "TableName": "kept", "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": [{ "AttributeName": "id", "KeyType": "HASH" }],
        "AttributeDefinitions": [{ "AttributeName": "id", "AttributeType": "S" }],
    });
    ask(&cloud, Service::DynamoDb, "CreateTable", table).await;
    ask(&cloud, Service::EventBridge, "PutRule", json!({ "Name": "r", "EventPattern": r#"{"source":["orders"]}"# }))
        .await;
    let targets = json!([{ "Id": "queue", "Arn": cloud.arn("sqs", "q") }]);
    ask(&cloud, Service::EventBridge, "PutTargets", json!({ "Rule": "r", "Targets": targets })).await;
    cloud
}

async fn send_events(cloud: Cloud) {
    let detail = json!({ "order_id": "ord_1", "customer": { "id": "cus_ada", "email": "ada@example.com" }, "lines": ["a", "b"] });
    let entry = json!({ "Source": "orders", "DetailType": "orders.order.completed", "Detail": detail.to_string() });
    for _ in 0..EVENTS / 10 {
        ask(&cloud, Service::EventBridge, "PutEvents", json!({ "Entries": vec![entry.clone(); 10] })).await;
    }
    cloud.settle(LIMIT).await.unwrap();
    let counted = ask(&cloud, Service::DynamoDb, "Scan", json!({ "TableName": "kept", "Select": "COUNT" })).await;
    assert_eq!(counted.get("Count"), Some(&json!(EVENTS)));
    cloud.lambda().shutdown().await;
}

async fn machine() -> Cloud {
    let cloud = cloud();
    let definition = json!({ "StartAt": "W", "States": { "W": { "Type": "Wait", "Seconds": 3600, "End": true } } });
    let input =
        json!({ "name": "m", "definition": definition.to_string(), "roleArn": "arn:aws:iam::000000000000:role/r" });
    ask(&cloud, Service::StepFunctions, "CreateStateMachine", input).await;
    cloud
}

async fn wait_an_hour(cloud: Cloud) {
    let input = json!({ "stateMachineArn": cloud.arn("states", "stateMachine:m") });
    ask(&cloud, Service::StepFunctions, "StartExecution", input).await;
    cloud.settle(LIMIT).await.unwrap();
}

/// Fails until the message has been received six times: an hour, ten minutes of visibility timeout each.
async fn stubborn() -> (Cloud, String) {
    let cloud = cloud();
    let code = Code::in_process(|invocation: Invocation| -> BoxFuture<'static, Result<Value, FunctionError>> {
        let receives = invocation.payload.pointer("/Records/0/attributes/ApproximateReceiveCount").cloned();
        let failure = FunctionError { error_type: "Broken".into(), message: "not yet".into() };
        async move { if receives == Some(json!("7")) { Ok(json!({})) } else { Err(failure) } }.boxed()
    });
    let url = queue(&cloud, code, "600").await;
    (cloud, url)
}

async fn redeliver_for_an_hour((cloud, url): (Cloud, String)) {
    let began = cloud.clock().now();
    ask(&cloud, Service::Sqs, "SendMessage", json!({ "QueueUrl": url, "MessageBody": "again" })).await;
    cloud.settle(LIMIT).await.unwrap();
    assert!(cloud.clock().now().duration_since(began).as_secs() >= 3600);
    cloud.lambda().shutdown().await;
}

/// Measures what `run` takes on a fresh `make`, which is not counted.
#[expect(clippy::disallowed_methods, reason = "it measures real time")]
fn measure<T>(group: &mut BenchmarkGroup<'_, WallTime>, what: &str, make: impl AsyncFn() -> T, run: impl AsyncFn(T)) {
    let runtime = Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    group.bench_function(what, |bencher| {
        bencher.iter_custom(|rounds| {
            let mut took = Duration::ZERO;
            for _ in 0..rounds {
                let made = runtime.block_on(make());
                let began = Instant::now();
                runtime.block_on(run(made));
                took += began.elapsed();
            }
            took
        });
    });
}

fn events(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("events");
    group.sample_size(10).throughput(Throughput::Elements(EVENTS as u64));
    measure(&mut group, "PutEvents, rule, SQS, function, DynamoDB", path, send_events);
    group.finish();
}

fn hours(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("an hour");
    group.sample_size(10);
    measure(&mut group, "of a Wait state", machine, wait_an_hour);
    measure(&mut group, "of redeliveries, ten minutes apart", stubborn, redeliver_for_an_hour);
    group.finish();
}

/// One request on items, which dynoxide serves by itself when its capacity is asked for.
fn request(group: &mut BenchmarkGroup<'_, WallTime>, operation: &str, input: impl Fn(u64) -> Value) {
    for (how, capacity) in [("directly", "NONE"), ("by dynoxide", "TOTAL")] {
        let runtime = Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
        let cloud = runtime.block_on(items());
        let mut number = 0;
        group.bench_function(format!("{operation} {how}"), |bencher| {
            bencher.iter_batched(
                || {
                    number += 1;
                    let mut input = input(number);
                    input.as_object_mut().unwrap().insert("ReturnConsumedCapacity".into(), capacity.into());
                    input
                },
                |input| runtime.block_on(cloud.call(Service::DynamoDb, operation, input)).unwrap(),
                BatchSize::SmallInput,
            );
        });
    }
}

/// A table, and ten items of one partition in it.
async fn items() -> Cloud {
    let cloud = cloud();
    let key = |name: &str, kind: &str| json!({ "AttributeName": name, "KeyType": kind });
    let attribute = |name: &str| json!({ "AttributeName": name, "AttributeType": "S" });
    let table = json!({
        "TableName": "items", "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": [key("pk", "HASH"), key("sk", "RANGE")],
        "AttributeDefinitions": [attribute("pk"), attribute("sk")],
    });
    ask(&cloud, Service::DynamoDb, "CreateTable", table).await;
    for n in 0..10 {
        let item = json!({ "TableName": "items", "Item": item("fixed", n) });
        ask(&cloud, Service::DynamoDb, "PutItem", item).await;
    }
    cloud
}

fn item(pk: &str, sk: u64) -> Value {
    let line = |sku: &str| json!({ "M": { "sku": { "S": sku }, "quantity": { "N": "2" } } });
    let customer = json!({ "id": { "S": "cus_ada" }, "email": { "S": "ada@example.com" } });
    json!({
        "pk": { "S": pk }, "sk": { "S": format!("row#{sk:012}") }, "state": { "S": "accepted" }, "total": { "N": "12950" },
        "customer": { "M": customer }, "lines": { "L": [line("sku_1"), line("sku_2")] },
        "created_at": { "S": "2026-11-24T12:00:00.000000000Z" }, "expires_at": { "N": "1795608000" },
    })
}

fn requests(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("a request");
    let key = |n: u64| json!({ "pk": { "S": "fixed" }, "sk": { "S": format!("row#{:012}", n % 10) } });
    let put = |pk: &str, n: u64| {
        json!({ "Put": {
            "TableName": "items", "Item": item(pk, n),
            "ConditionExpression": "attribute_not_exists(#pk) OR expires_at < :now",
            "ExpressionAttributeNames": { "#pk": "pk" }, "ExpressionAttributeValues": { ":now": { "N": "1764025711" } },
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        } })
    };
    request(
        &mut group,
        "TransactWriteItems",
        |n| json!({ "TransactItems": [put("left", n), put("right", n)], "ClientRequestToken": format!("token-{n}") }),
    );
    request(&mut group, "GetItem", |n| json!({ "TableName": "items", "Key": key(n), "ConsistentRead": true }));
    request(&mut group, "UpdateItem", |n| {
        json!({
            "TableName": "items", "Key": key(n), "UpdateExpression": "SET #state = :state ADD attempts :one",
            "ConditionExpression": "attribute_exists(pk)", "ExpressionAttributeNames": { "#state": "state" },
            "ExpressionAttributeValues": { ":state": { "S": "done" }, ":one": { "N": "1" } }, "ReturnValues": "ALL_NEW",
        })
    });
    request(&mut group, "Query", |_| {
        json!({
            "TableName": "items", "KeyConditionExpression": "pk = :pk AND begins_with(sk, :sk)",
            "ExpressionAttributeValues": { ":pk": { "S": "fixed" }, ":sk": { "S": "row#" } },
        })
    });
    group.finish();
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    events(&mut criterion);
    hours(&mut criterion);
    requests(&mut criterion);
    criterion.final_summary();
}
