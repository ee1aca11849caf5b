//! Through the SDK's client.

use std::io::Read;
use std::time::Duration;

use aws_sdk_cloudwatchlogs::Client;
use aws_sdk_cloudwatchlogs::types::{InputLogEvent, OrderBy};
use base64::Engine;
use serde_json::{Value, json};

use super::delivery;
use super::streams::Event;
use crate::testing::{cloud, config};
use crate::{Cloud, Service};

async fn client(cloud: &Cloud) -> Client {
    let client = Client::new(&config(cloud));
    client.create_log_group().log_group_name("g").send().await.unwrap();
    client.create_log_stream().log_group_name("g").log_stream_name("s").send().await.unwrap();
    client
}

fn event(time: i64, message: &str) -> InputLogEvent {
    InputLogEvent::builder().timestamp(time).message(message).build().unwrap()
}

#[tokio::test(start_paused = true)]
async fn events_are_read_forward_and_backward_by_page() {
    let cloud = cloud();
    let client = client(&cloud).await;
    let now = cloud.clock().now_millis();
    let put = client.put_log_events().log_group_name("g").log_stream_name("s");
    let events = (0..5).map(|n| event(now + n, &n.to_string())).collect();
    put.set_log_events(Some(events)).send().await.unwrap();
    let get = || client.get_log_events().log_group_name("g").log_stream_name("s").limit(2);
    let messages = |answer: &aws_sdk_cloudwatchlogs::operation::get_log_events::GetLogEventsOutput| {
        answer.events().iter().map(|e| e.message().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let last = get().send().await.unwrap();
    assert_eq!(messages(&last), ["3", "4"]);
    let before = get().next_token(last.next_backward_token().unwrap()).send().await.unwrap();
    assert_eq!(messages(&before), ["1", "2"]);
    let mut page = get().start_from_head(true).send().await.unwrap();
    let mut all = messages(&page);
    loop {
        let token = page.next_forward_token().unwrap().to_owned();
        page = get().next_token(&token).send().await.unwrap();
        all.extend(messages(&page));
        if page.next_forward_token() == Some(&token) {
            break;
        }
    }
    assert_eq!(all, ["0", "1", "2", "3", "4"]);
    cloud.logs().append(&cloud, "g", "s", vec![(now + 9, "new".into())]);
    let next = get().next_token(page.next_forward_token().unwrap()).send().await.unwrap();
    assert_eq!(messages(&next), ["new"]);
}

#[tokio::test(start_paused = true)]
async fn events_are_filtered_across_streams() {
    let cloud = cloud();
    let client = client(&cloud).await;
    let now = cloud.clock().now_millis();
    let line = |level: &str, n: i64| (now + n, json!({ "level": level, "n": n }).to_string());
    cloud.logs().append(&cloud, "g", "a", vec![line("INFO", 0), line("ERROR", 2)]);
    cloud.logs().append(&cloud, "g", "b", vec![line("ERROR", 1), line("ERROR", 3)]);
    let filter = || client.filter_log_events().log_group_name("g").filter_pattern(r#"{ $.level = "ERROR" }"#);
    let first = filter().limit(2).send().await.unwrap();
    let streams: Vec<_> = first.events().iter().map(|e| e.log_stream_name().unwrap()).collect();
    assert_eq!(streams, ["b", "a"]);
    let second = filter().limit(2).next_token(first.next_token().unwrap()).send().await.unwrap();
    assert_eq!((second.events().len(), second.next_token()), (1, None));
    let some = filter().log_stream_name_prefix("b").start_time(now + 1).end_time(now + 1).send().await.unwrap();
    assert_eq!(some.events().len(), 1);
    let error = client.filter_log_events().log_group_name("g").filter_pattern("{ $.level = ").send().await.unwrap_err();
    assert!(error.into_service_error().is_invalid_parameter_exception());
}

#[tokio::test(start_paused = true)]
async fn groups_and_streams_are_described_and_events_retained() {
    let cloud = cloud();
    let client = client(&cloud).await;
    let error = client.create_log_group().log_group_name("g").send().await.unwrap_err().into_service_error();
    assert!(error.is_resource_already_exists_exception());
    client.put_retention_policy().log_group_name("g").retention_in_days(1).send().await.unwrap();
    let error = client.put_retention_policy().log_group_name("g").retention_in_days(2).send().await.unwrap_err();
    assert!(error.into_service_error().is_invalid_parameter_exception());
    let group = client.describe_log_groups().send().await.unwrap().log_groups.unwrap().remove(0);
    assert_eq!(group.arn(), Some("arn:aws:logs:us-east-1:000000000000:log-group:g:*"));
    assert_eq!(group.retention_in_days(), Some(1));
    client.tag_resource().resource_arn(group.log_group_arn().unwrap()).tags("team", "orders").send().await.unwrap();
    let tags = client.list_tags_for_resource().resource_arn(group.log_group_arn().unwrap()).send().await.unwrap();
    assert_eq!(tags.tags().unwrap()["team"], "orders");

    let now = cloud.clock().now_millis();
    cloud.logs().append(&cloud, "g", "2026/11/24/f[1]dev", vec![(now, "x".into())]);
    let describe = client.describe_log_streams().log_group_name("g").order_by(OrderBy::LastEventTime).descending(true);
    let streams = describe.send().await.unwrap().log_streams.unwrap();
    assert_eq!(streams[0].log_stream_name(), Some("2026/11/24/f[1]dev"));
    assert_eq!(streams[0].last_event_timestamp(), Some(now));
    tokio::time::advance(Duration::from_secs(86_401)).await;
    let found = client.filter_log_events().log_group_name("g").send().await.unwrap();
    assert_eq!(found.events(), []);
}

#[tokio::test(start_paused = true)]
async fn what_put_log_events_refuses() {
    let cloud = cloud();
    let client = client(&cloud).await;
    let now = cloud.clock().now_millis();
    let put = |events: Vec<InputLogEvent>| {
        client.put_log_events().log_group_name("g").log_stream_name("s").set_log_events(Some(events)).send()
    };
    let error = put(vec![event(now, "b"), event(now - 1, "a")]).await.unwrap_err().into_service_error();
    assert!(error.is_invalid_parameter_exception());
    let day = 86_400_000;
    let events = vec![event(now - 15 * day, "old"), event(now, "fine"), event(now + 3 * 3_600_000, "new")];
    let rejected = put(events).await.unwrap().rejected_log_events_info.unwrap();
    assert_eq!(rejected.too_old_log_event_end_index(), Some(1));
    assert_eq!(rejected.too_new_log_event_start_index(), Some(2));
    let found = client.filter_log_events().log_group_name("g").send().await.unwrap();
    assert_eq!(found.events()[0].message(), Some("fine"));
    assert_eq!(found.events().len(), 1);
    let error = client.put_log_events().log_group_name("g").log_stream_name("none").log_events(event(now, "x"));
    assert!(error.send().await.unwrap_err().into_service_error().is_resource_not_found_exception());
}

#[tokio::test(start_paused = true)]
async fn a_subscription_collects_what_matches_until_it_is_delivered() {
    let cloud = cloud();
    let client = client(&cloud).await;
    let function = "arn:aws:lambda:us-east-1:000000000000:function:project";
    let put = |name: &str, pattern: &str, destination: &str| {
        let request = client.put_subscription_filter().log_group_name("g").filter_name(name);
        request.filter_pattern(pattern).destination_arn(destination).send()
    };
    put("journal", "{ $.journal >= 1 }", function).await.unwrap();
    put("journal", "{ $.journal = 1 }", function).await.unwrap();
    put("second", "", function).await.unwrap();
    assert!(put("third", "", function).await.unwrap_err().into_service_error().is_limit_exceeded_exception());
    client.delete_subscription_filter().log_group_name("g").filter_name("second").send().await.unwrap();
    let error = put("other", "", "arn:aws:kinesis:us-east-1:000000000000:stream/s").await.unwrap_err();
    assert!(error.into_service_error().is_invalid_parameter_exception());
    let filters = client.describe_subscription_filters().log_group_name("g").send().await.unwrap();
    assert_eq!(filters.subscription_filters()[0].filter_pattern(), Some("{ $.journal = 1 }"));

    let now = cloud.clock().now_millis();
    cloud.logs().append(&cloud, "g", "s", vec![(now, r#"{"journal":2}"#.into())]);
    assert_eq!(cloud.pending(), None);
    cloud.logs().append(&cloud, "g", "s", vec![(now, r#"{"journal":1}"#.into())]);
    assert_eq!(cloud.pending(), Some(format!("log lines for {function}")));
    cloud.settle(Duration::from_secs(200)).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_subscriptions_payload_is_what_aws_sends() {
    let key = delivery::Key {
        destination: String::new(),
        group: "/fns".into(),
        stream: "s".into(),
        filter: "journal".into(),
    };
    let event = Event { number: 7, time: 1, ingested_at: 2, message: "line".into() };
    let payload: Value = serde_json::from_str(&delivery::payload(&cloud(), &key, &[event])).unwrap();
    let data = payload["awslogs"]["data"].as_str().unwrap();
    let bytes = base64::engine::general_purpose::STANDARD.decode(data).unwrap();
    let mut text = String::new();
    flate2::read::GzDecoder::new(bytes.as_slice()).read_to_string(&mut text).unwrap();
    let message: Value = serde_json::from_str(&text).unwrap();
    let expected = json!({
        "messageType": "DATA_MESSAGE", "owner": "000000000000", "logGroup": "/fns", "logStream": "s",
        "subscriptionFilters": ["journal"],
        "logEvents": [{ "id": format!("{:056}", 7), "timestamp": 1, "message": "line" }],
    });
    assert_eq!(message, expected);
}

#[tokio::test(start_paused = true)]
async fn a_listener_sees_lines_as_they_are_written() {
    let cloud = cloud();
    let mut tail = cloud.logs().tail();
    cloud.logs().append(&cloud, "new", "s", vec![(cloud.clock().now_millis(), "hello".into())]);
    let line = tail.try_recv().unwrap();
    assert_eq!((line.group.as_str(), line.message.as_str(), line.time), ("new", "hello", cloud.clock().now()));
}

#[tokio::test(start_paused = true)]
async fn what_names_groups_twice_or_calls_others_is_refused() {
    let cloud = cloud();
    client(&cloud).await;
    let ask = async |operation: &str, input: Value| cloud.call(Service::Logs, operation, input).await;
    let refused = async |operation: &str, input: Value| {
        let error = ask(operation, input).await.unwrap_err();
        (error.code, error.message)
    };
    let both = json!({ "logGroupName": "g", "logGroupIdentifier": "g" });
    let (code, message) = refused("DescribeLogStreams", both).await;
    assert_eq!(code, "ValidationException");
    assert_eq!(message, "LogGroup name and LogGroup ARN are mutually exclusive parameters.");
    let both = json!({ "logGroupNamePrefix": "g", "logGroupNamePattern": "g" });
    let (_, message) = refused("DescribeLogGroups", both).await;
    assert!(message.ends_with("are mutually exclusive parameters."), "{message}");
    let (_, message) = refused("FilterLogEvents", json!({ "logGroupName": "g", "limit": 10_001 })).await;
    assert!(message.ends_with("Member must have value less than or equal to 10000"), "{message}");
    let filter = |destination: &str| json!({ "logGroupName": "g", "filterName": "f", "filterPattern": "[]", "destinationArn": destination });
    let (code, _) = refused("PutSubscriptionFilter", filter("arn:aws:lambda:us-east-1:123456789012:function:f")).await;
    assert_eq!(code, "AccessDeniedException");
    let (_, message) =
        refused("PutSubscriptionFilter", filter("arn:aws:kinesis:us-east-1:000000000000:stream/s")).await;
    assert_eq!(message, "destinationArn for vendor kinesis cannot be used without roleArn");
    ask("PutSubscriptionFilter", filter("arn:aws:lambda:us-east-1:000000000000:function:f")).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn groups_are_listed_by_what_is_in_their_names() {
    let cloud = cloud();
    for name in ["orders-a", "orders-b", "new-orders"] {
        cloud.call(Service::Logs, "CreateLogGroup", json!({ "logGroupName": name })).await.unwrap();
    }
    for (pattern, names) in [("^orders", vec!["orders-a", "orders-b"]), ("-b|new", vec!["new-orders", "orders-b"])] {
        let answer =
            cloud.call(Service::Logs, "ListLogGroups", json!({ "logGroupNamePattern": pattern })).await.unwrap();
        let found: Vec<&str> =
            answer["logGroups"].as_array().unwrap().iter().map(|g| g["logGroupName"].as_str().unwrap()).collect();
        assert_eq!(found, names);
        assert_eq!(answer["logGroups"][0]["logGroupClass"], "STANDARD");
    }
}
