//! Buses of other regions and accounts, and traces.

use serde_json::{Value, json};

use super::{Bench, entry, orders, target};
use crate::cloud::Service;

/// A queue behind a rule of another cloud's bus; what it got in the end.
async fn arrived(bench: &Bench, account: &str, region: &str) -> Vec<Value> {
    let other = bench.cloud.elsewhere(Some(account), Some(region));
    let call = |service, operation: &'static str, input: Value| {
        let other = other.clone();
        async move { other.call(service, operation, input).await.unwrap() }
    };
    call(Service::EventBridge, "CreateEventBus", json!({"Name": "there"})).await;
    call(Service::Sqs, "CreateQueue", json!({"QueueName": "q"})).await;
    let rule = json!({"Name": "r", "EventBusName": "there", "EventPattern": orders().to_string()});
    call(Service::EventBridge, "PutRule", rule).await;
    let targets = json!([{"Id": "1", "Arn": other.arn("sqs", "q")}]);
    call(Service::EventBridge, "PutTargets", json!({"Rule": "r", "EventBusName": "there", "Targets": targets})).await;
    bench.rule("on", &orders(), target(&other.arn("events", "event-bus/there"))).await;
    let id = bench.publish(&json!({"a": 1})).await;
    bench.settle().await;
    let request = json!({"QueueUrl": format!("{}/{account}/q", other.endpoint())});
    let answer = call(Service::Sqs, "ReceiveMessage", request).await;
    let bodies = answer["Messages"].as_array().unwrap().iter().map(|message| {
        let mut body: Value = serde_json::from_str(message["Body"].as_str().unwrap()).unwrap();
        body["same id"] = (body["id"] == id).into();
        body
    });
    bodies.collect()
}

#[tokio::test(start_paused = true)]
async fn an_event_for_another_region_has_another_id_there() {
    let events = arrived(&Bench::new(), "000000000000", "eu-west-1").await;
    assert_eq!(events.len(), 1);
    assert_eq!((&events[0]["region"], &events[0]["same id"]), (&json!("us-east-1"), &json!(false)));
}

#[tokio::test(start_paused = true)]
async fn an_event_for_another_account_is_the_same_there() {
    let events = arrived(&Bench::new(), "000000000002", "us-east-1").await;
    assert_eq!(events.len(), 1);
    assert_eq!((&events[0]["account"], &events[0]["same id"]), (&json!("000000000000"), &json!(true)));
}

#[tokio::test(start_paused = true)]
async fn a_trace_goes_on_with_the_event() {
    let bench = Bench::new();
    let queue = bench.queue("q", json!({})).await;
    bench.rule("r", &orders(), target(&queue)).await;
    let header = "Root=1-67f4141f-e1cd7672871da115129f8b19;Parent=d0ee9531727135a0;Sampled=1";
    let request = bench.client.put_events().entries(entry(&json!({}))).customize();
    request
        .mutate_request(move |request| drop(request.headers_mut().insert("X-Amzn-Trace-Id", header)))
        .send()
        .await
        .unwrap();
    bench.settle().await;
    assert_eq!(bench.messages("q").await[0]["Attributes"]["AWSTraceHeader"], header);
}
