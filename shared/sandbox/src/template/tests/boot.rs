//! The project's own template, created in a cloud and used.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use serde_json::{Value, json};

use super::own::template;
use crate::cloud::{Cloud, Service};
use crate::lambda::{Code, FunctionError, Invocation};
use crate::template::{FunctionResource, ResolveOptions, Topology, boot};
use crate::testing::cloud;
use crate::wire::ServiceError;

/// Names of the functions that were invoked, and with what.
type Seen = Arc<Mutex<Vec<(String, Value)>>>;

fn topology(cloud: &Cloud) -> Topology {
    let options = ResolveOptions::new(cloud, "orders").parameter("PaymentGatewayUrl", "http://127.0.0.1:4567");
    template().resolve(&options).unwrap_or_else(|errors| panic!("{errors}"))
}

async fn booted(cloud: &Cloud, topology: &Topology) -> Seen {
    let seen = Seen::default();
    let code = |function: &FunctionResource| {
        let (name, seen) = (function.short_name.clone(), seen.clone());
        let run = move |invocation: Invocation| -> BoxFuture<'static, Result<Value, FunctionError>> {
            seen.lock().unwrap().push((name.clone(), invocation.payload));
            invocation.log.line(r#"{"journal":1}"#);
            let response = json!({ "type": "orders.payment.charged", "version": 1, "data": {} });
            async move { Ok(json!({ "batchItemFailures": [], "response": response })) }.boxed()
        };
        Ok(Code::in_process(run))
    };
    if let Err(error) = boot(cloud, topology, code).await {
        panic!("{error}");
    }
    seen
}

fn calls(seen: &Seen, name: &str) -> usize {
    seen.lock().unwrap().iter().filter(|(function, _)| function == name).count()
}

async fn settled(cloud: &Cloud) {
    cloud.settle(Duration::from_secs(60)).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn an_event_reaches_its_queue_function_and_its_lines_the_journal() {
    let cloud = cloud();
    let topology = topology(&cloud);
    let seen = booted(&cloud, &topology).await;
    let entry = json!({
        "EventBusName": "orders-events", "Source": "orders", "DetailType": "orders.order.placed", "Detail": "{}",
    });
    cloud.call(Service::EventBridge, "PutEvents", json!({ "Entries": [entry] })).await.unwrap();
    settled(&cloud).await;
    assert_eq!((calls(&seen, "start-fulfilment"), calls(&seen, "notify-customer")), (1, 0));
    assert!(calls(&seen, "record-journal") > 0);
    cloud.lambda().shutdown().await;
}

#[tokio::test(start_paused = true)]
async fn a_business_tables_changes_reach_record_changes() {
    let cloud = cloud();
    let topology = topology(&cloud);
    let seen = booted(&cloud, &topology).await;
    let item = json!({ "sku": { "S": "tea" }, "available": { "N": "3" } });
    cloud.call(Service::DynamoDb, "PutItem", json!({ "TableName": "orders-stock", "Item": item })).await.unwrap();
    settled(&cloud).await;
    assert_eq!(calls(&seen, "record-changes"), 1);
    cloud.lambda().shutdown().await;
}

#[tokio::test(start_paused = true)]
async fn the_saga_runs_its_steps_in_order() {
    let cloud = cloud();
    let topology = topology(&cloud);
    let seen = booted(&cloud, &topology).await;
    let input = json!({ "saga": { "id": "saga_1", "name": "fulfil-order" }, "event": { "id": "evt_1" } });
    let arn = &topology.state_machines[0].arn;
    let start = json!({ "stateMachineArn": arn, "name": "saga_1", "input": input.to_string() });
    cloud.call(Service::StepFunctions, "StartExecution", start).await.unwrap();
    settled(&cloud).await;
    let steps: Vec<_> = seen.lock().unwrap().iter().filter(|(name, _)| !name.starts_with("re")).cloned().collect();
    let names: Vec<_> = steps.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["charge-payment", "create-shipment", "complete-order"]);
    let saga = json!({
        "id": "saga_1", "name": "fulfil-order", "step": "charge-payment", "direction": "do", "attempt": 0,
    });
    assert_eq!(steps[0].1, json!({ "saga": saga, "event": { "id": "evt_1" } }));
    cloud.lambda().shutdown().await;
}

#[tokio::test(start_paused = true)]
async fn a_dead_letter_reaches_record_failure_and_the_relay_runs_every_minute() {
    let cloud = cloud();
    let topology = topology(&cloud);
    let seen = booted(&cloud, &topology).await;
    for queue in ["start-fulfilment-dead", "async-failures", "undelivered", "stream-failures"] {
        let url = topology.queues.iter().find(|known| known.name == format!("orders-{queue}")).unwrap().url.clone();
        let message = json!({ "QueueUrl": url, "MessageBody": "{}" });
        cloud.call(Service::Sqs, "SendMessage", message).await.unwrap();
    }
    settled(&cloud).await;
    assert_eq!(calls(&seen, "record-failure"), 4);
    tokio::time::sleep(Duration::from_secs(181)).await;
    assert_eq!(calls(&seen, "relay-outbox"), 3);
    cloud.lambda().shutdown().await;
}

#[tokio::test(start_paused = true)]
async fn a_function_without_code_names_itself_and_its_line() {
    let cloud = cloud();
    let topology = topology(&cloud);
    let error =
        boot(&cloud, &topology, |_| Err(ServiceError::new("NoCode", "there is no bootstrap"))).await.unwrap_err();
    assert_eq!((error.logical_id.as_str(), error.line), ("PlaceOrder", topology.functions[0].line));
    assert_eq!(error.source.code, "NoCode");
    cloud.lambda().shutdown().await;
}
