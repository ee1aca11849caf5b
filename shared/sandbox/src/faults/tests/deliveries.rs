use std::sync::Mutex;
use std::time::Duration;

use super::*;
use crate::faults::{DeliveryFault, Hop};

const SECOND: Duration = Duration::from_secs(1);
const TWICE: DeliveryFault = DeliveryFault::Twice { after: SECOND };
const LATE: DeliveryFault = DeliveryFault::Late(Duration::from_secs(5));

/// What a function was invoked with, and when (in seconds since the script began).
type Seen = Arc<Mutex<Vec<(u64, Invocation)>>>;

impl Bench {
    /// A function that writes down what it gets.
    fn witness(&self, name: &str) -> Seen {
        let seen = Seen::default();
        let (written, begun) = (seen.clone(), tokio::time::Instant::now());
        self.function(name, move |invocation| {
            written.lock().unwrap().push((begun.elapsed().as_secs(), invocation));
            async { Ok(Value::Null) }.boxed()
        });
        seen
    }

    async fn queue(&self, name: &str) -> String {
        let mut attributes = json!({ "VisibilityTimeout": "30" });
        if name.ends_with(".fifo") {
            attributes["FifoQueue"] = "true".into();
        }
        let queue = self.ok(Service::Sqs, "CreateQueue", json!({ "QueueName": name, "Attributes": attributes })).await;
        queue["QueueUrl"].as_str().unwrap().to_owned()
    }

    async fn send(&self, url: &str, body: &str, group: Option<&str>) {
        let mut input = json!({ "QueueUrl": url, "MessageBody": body });
        if let Some(group) = group {
            input["MessageGroupId"] = group.into();
            input["MessageDeduplicationId"] = body.into();
        }
        self.ok(Service::Sqs, "SendMessage", input).await;
    }

    /// Receives and deletes until nothing has come for a minute: when each came, its body and its id.
    async fn drain(&self, url: &str) -> Vec<(u64, String, String)> {
        let (begun, mut got) = (tokio::time::Instant::now(), Vec::new());
        let mut empty = 0;
        while empty < 3 {
            let input = json!({ "QueueUrl": url, "MaxNumberOfMessages": 10, "WaitTimeSeconds": 20 });
            let received = self.ok(Service::Sqs, "ReceiveMessage", input).await;
            let messages = received["Messages"].as_array().cloned().unwrap_or_default();
            empty = if messages.is_empty() { empty + 1 } else { 0 };
            for message in messages {
                let text = |name: &str| message[name].as_str().unwrap().to_owned();
                got.push((begun.elapsed().as_secs(), text("Body"), text("MessageId")));
                let delete = json!({ "QueueUrl": url, "ReceiptHandle": message["ReceiptHandle"] });
                self.ok(Service::Sqs, "DeleteMessage", delete).await;
            }
        }
        got
    }

    async fn settle(&self) {
        self.cloud.settle(Duration::from_secs(3600)).await.unwrap();
    }
}

fn bodies(got: &[(u64, String, String)]) -> Vec<(u64, &str)> {
    got.iter().map(|(at, body, _)| (*at, body.as_str())).collect()
}

#[tokio::test(start_paused = true)]
async fn a_message_comes_twice_though_it_was_deleted_and_has_the_same_id() {
    let bench = Bench::new(Script::new().delivery(Hop::Message, 1, TWICE)).await;
    let url = bench.queue("q").await;
    bench.send(&url, "a", None).await;
    bench.send(&url, "b", None).await;
    let got = bench.drain(&url).await;
    assert_eq!(bodies(&got), [(0, "a"), (0, "b"), (1, "a")]);
    assert_eq!(got[0].2, got[2].2);
    assert_ne!(got[0].2, got[1].2);
    bench.all_happened();
}

#[tokio::test(start_paused = true)]
async fn a_late_message_is_overtaken() {
    let bench = Bench::new(Script::new().delivery(Hop::Message, 1, LATE)).await;
    let url = bench.queue("q").await;
    for body in ["a", "b", "c"] {
        bench.send(&url, body, None).await;
    }
    assert_eq!(bodies(&bench.drain(&url).await), [(0, "b"), (0, "c"), (5, "a")]);
    bench.all_happened();
}

#[tokio::test(start_paused = true)]
async fn a_groups_order_is_kept_when_a_message_is_late_and_nothing_of_it_comes_twice() {
    let script = Script::new().delivery(Hop::OrderedMessage, 2, LATE).delivery(Hop::OrderedMessage, 1, TWICE);
    let bench = Bench::new(script).await;
    let url = bench.queue("q.fifo").await;
    for (body, group) in [("a1", "a"), ("a2", "a"), ("b1", "b"), ("a3", "a")] {
        bench.send(&url, body, Some(group)).await;
    }
    assert_eq!(bodies(&bench.drain(&url).await), [(0, "a1"), (0, "b1"), (5, "a2"), (5, "a3")]);
    bench.all_happened();
}

#[tokio::test(start_paused = true)]
async fn a_message_is_asked_about_once_for_each_time_that_it_comes() {
    let always = (1..=4).fold(Script::new(), |script, nth| script.delivery(Hop::Message, nth, LATE));
    let bench = Bench::new(always).await;
    let url = bench.queue("q").await;
    bench.send(&url, "a", None).await;
    assert_eq!(bodies(&bench.drain(&url).await), [(5, "a")]);
    assert_eq!(bench.script.left().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_mapping_gets_a_message_twice() {
    let bench = Bench::new(Script::new().delivery(Hop::Message, 1, TWICE)).await;
    let (url, seen) = (bench.queue("q").await, bench.witness("f"));
    let mapping = json!({ "FunctionName": "f", "EventSourceArn": bench.cloud.arn("sqs", "q") });
    bench.ok(Service::Lambda, "CreateEventSourceMapping", mapping).await;
    bench.send(&url, "a", None).await;
    bench.settle().await;
    let seen = seen.lock().unwrap();
    let record = |index: usize, member: &str| seen[index].1.payload["Records"][0][member].clone();
    assert_eq!(seen.iter().map(|(at, _)| *at).collect::<Vec<_>>(), [0, 1]);
    assert_eq!(record(0, "messageId"), record(1, "messageId"));
    assert_ne!(record(0, "receiptHandle"), record(1, "receiptHandle"));
    bench.all_happened();
}

/// An event on its way to a queue, and asynchronously to a function.
async fn publish(bench: &Bench) -> (Seen, String) {
    let (url, seen) = (bench.queue("q").await, bench.witness("f"));
    let rule = json!({ "Name": "r", "EventPattern": r#"{"source":["s"]}"# });
    bench.ok(Service::EventBridge, "PutRule", rule).await;
    let targets = json!([
        { "Id": "1", "Arn": bench.cloud.arn("sqs", "q") },
        { "Id": "2", "Arn": bench.cloud.arn("lambda", "function:f") },
    ]);
    bench.ok(Service::EventBridge, "PutTargets", json!({ "Rule": "r", "Targets": targets })).await;
    let entry = json!({ "Source": "s", "DetailType": "d", "Detail": "{}" });
    bench.ok(Service::EventBridge, "PutEvents", json!({ "Entries": [entry] })).await;
    bench.settle().await;
    (seen, url)
}

#[tokio::test(start_paused = true)]
async fn an_event_comes_twice_to_a_target_with_the_same_id() {
    let bench = Bench::new(Script::new().delivery(Hop::Event, 1, TWICE)).await;
    let (seen, url) = publish(&bench).await;
    let got = bench.drain(&url).await;
    assert_eq!(got.len(), 2);
    assert_eq!(got[0].1, got[1].1, "one event, in two messages");
    assert_ne!(got[0].2, got[1].2);
    assert_eq!(seen.lock().unwrap().len(), 1);
    bench.all_happened();
}

#[tokio::test(start_paused = true)]
async fn an_event_is_late_at_one_target_only() {
    let bench = Bench::new(Script::new().delivery(Hop::Event, 2, LATE)).await;
    let (seen, url) = publish(&bench).await;
    assert_eq!(seen.lock().unwrap()[0].0, 5);
    assert_eq!(bench.drain(&url).await.len(), 1);
    bench.all_happened();
}

#[tokio::test(start_paused = true)]
async fn an_asynchronous_event_runs_twice_with_the_same_request_id() {
    let bench = Bench::new(Script::new().delivery(Hop::Asynchronous, 1, TWICE)).await;
    let seen = bench.witness("f");
    let input = json!({ "FunctionName": "f", "InvocationType": "Event", "Payload": "{}" });
    let answer = bench.ok(Service::Lambda, "Invoke", input).await;
    bench.settle().await;
    let seen = seen.lock().unwrap();
    let ids: Vec<_> = seen.iter().map(|(at, invocation)| (*at, invocation.request_id.as_str())).collect();
    let id = answer["RequestId"].as_str().unwrap();
    assert_eq!(ids, [(0, id), (1, id)]);
    bench.all_happened();
}

#[tokio::test(start_paused = true)]
async fn a_streams_batch_is_repeated_before_the_next_one() {
    let script = Script::new().delivery(Hop::Records, 1, TWICE).delivery(Hop::Records, 2, LATE);
    let bench = Bench::new(script).await;
    let seen = bench.witness("f");
    let table = bench.ok(Service::DynamoDb, "DescribeTable", json!({ "TableName": "table" })).await;
    let mapping = json!({
        "FunctionName": "f", "EventSourceArn": table["Table"]["LatestStreamArn"], "StartingPosition": "TRIM_HORIZON",
        "BatchSize": 1,
    });
    bench.ok(Service::Lambda, "CreateEventSourceMapping", mapping).await;
    for pk in ["a", "b"] {
        let item = json!({ "TableName": "table", "Item": { "pk": { "S": pk } } });
        bench.ok(Service::DynamoDb, "PutItem", item).await;
    }
    bench.settle().await;
    let seen = seen.lock().unwrap();
    let record = |invocation: &Invocation| invocation.payload["Records"][0]["dynamodb"]["Keys"]["pk"]["S"].clone();
    let keys: Vec<_> = seen.iter().map(|(at, invocation)| (*at, record(invocation))).collect();
    assert_eq!(keys, [(0, "a".into()), (1, "a".into()), (6, Value::from("b"))]);
    bench.all_happened();
}

#[tokio::test(start_paused = true)]
async fn log_lines_are_late() {
    let bench = Bench::new(Script::new().delivery(Hop::LogLines, 1, LATE)).await;
    let seen = bench.witness("f");
    bench.ok(Service::Logs, "CreateLogGroup", json!({ "logGroupName": "g" })).await;
    bench.ok(Service::Logs, "CreateLogStream", json!({ "logGroupName": "g", "logStreamName": "s" })).await;
    let filter = json!({
        "logGroupName": "g", "filterName": "n", "filterPattern": "",
        "destinationArn": bench.cloud.arn("lambda", "function:f"),
    });
    bench.ok(Service::Logs, "PutSubscriptionFilter", filter).await;
    let now = bench.cloud.clock().now_millis();
    let lines = json!({
        "logGroupName": "g", "logStreamName": "s", "logEvents": [{ "timestamp": now, "message": "m" }],
    });
    bench.ok(Service::Logs, "PutLogEvents", lines).await;
    bench.settle().await;
    let ran: Vec<_> = seen.lock().unwrap().iter().map(|(at, _)| *at).collect();
    assert_eq!(ran, [5]);
    bench.all_happened();
}
