//! CloudWatch Logs.

use std::io::Read as _;

use aws_sdk_cloudwatchlogs::types::InputLogEvent;
use base64::Engine as _;
use serde_json::{Value, json};
use throughline_conformance::{Account, Case, case};

use crate::given::{Function, code, eventually, function};

const PUT: &str = "https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html";
const GET: &str = "https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogEvents.html";
const CREATE: &str = "https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html";
const PATTERNS: &str = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html";
const SUBSCRIPTIONS: &str = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html";

pub(crate) const CASES: &[Case] = &[
    case!(
        events_are_read_in_order_of_time,
        "GetLogEvents answers a stream's events in the order of their timestamps.",
        GET
    ),
    case!(
        a_group_has_to_be_there,
        "PutLogEvents into a group that does not exist fails with ResourceNotFoundException.",
        PUT
    ),
    case!(
        a_group_is_created_once,
        "CreateLogGroup of a group that exists fails with ResourceAlreadyExistsException.",
        CREATE
    ),
    case!(
        terms_of_a_filter_pattern,
        "A filter pattern of words matches events that have all of them; a quoted phrase is one.",
        PATTERNS
    ),
    case!(fields_of_a_filter_pattern, "A filter pattern in braces matches JSON events by their fields.", PATTERNS),
    case!(
        a_subscription_calls_a_function,
        "A subscription calls a function with awslogs.data: base64 of gzip of the group, stream and events.",
        SUBSCRIPTIONS
    ),
    case!(a_subscription_sends_what_matches, "A subscription sends only events that match its pattern.", SUBSCRIPTIONS),
];

/// A group with one stream; answers its name.
pub(crate) async fn group(t: &Account) -> String {
    let name = t.name("group");
    t.logs.create_log_group().log_group_name(&name).send().await.unwrap();
    t.at_end(t.logs.delete_log_group().log_group_name(&name).send());
    t.logs.create_log_stream().log_group_name(&name).log_stream_name("stream").send().await.unwrap();
    name
}

/// The account's own time, in milliseconds.
async fn now(t: &Account, group: &str) -> i64 {
    let answer = t.logs.describe_log_groups().log_group_name_prefix(group).send().await.unwrap();
    answer.log_groups()[0].creation_time().unwrap()
}

/// Writes lines, a millisecond apart.
pub(crate) async fn put(t: &Account, group: &str, lines: &[&str]) {
    let now = now(t, group).await;
    let event = |(at, line): (i64, &&str)| InputLogEvent::builder().timestamp(now + at).message(*line).build().unwrap();
    let events: Vec<InputLogEvent> = (0..).zip(lines).map(event).collect();
    let request = t.logs.put_log_events().log_group_name(group).log_stream_name("stream");
    request.set_log_events(Some(events)).send().await.unwrap();
}

async fn found(t: &Account, group: &str, pattern: &str, count: usize) -> Vec<String> {
    let mut lines = eventually(t, "the events", async || {
        let request = t.logs.filter_log_events().log_group_name(group).filter_pattern(pattern);
        let events = request.send().await.unwrap().events.unwrap_or_default();
        let lines: Vec<String> = events.into_iter().filter_map(|event| event.message).collect();
        (lines.len() >= count).then_some(lines)
    })
    .await;
    lines.sort();
    lines
}

async fn events_are_read_in_order_of_time(t: Account) {
    let group = group(&t).await;
    put(&t, &group, &["one", "two", "three"]).await;
    let request = t.logs.get_log_events().log_group_name(&group).log_stream_name("stream").start_from_head(true);
    let lines = eventually(&t, "the events", async || {
        let events = request.clone().send().await.unwrap().events.unwrap_or_default();
        let lines: Vec<String> = events.into_iter().filter_map(|event| event.message).collect();
        (lines.len() == 3).then_some(lines)
    })
    .await;
    assert_eq!(lines, ["one", "two", "three"]);
}

async fn a_group_has_to_be_there(t: Account) {
    let event = InputLogEvent::builder().timestamp(1_795_521_600_000).message("x").build().unwrap();
    let request = t.logs.put_log_events().log_group_name(t.name("none")).log_stream_name("stream").log_events(event);
    assert_eq!(code(request.send().await), "ResourceNotFoundException");
}

async fn a_group_is_created_once(t: Account) {
    let group = group(&t).await;
    assert_eq!(code(t.logs.create_log_group().log_group_name(&group).send().await), "ResourceAlreadyExistsException");
}

async fn terms_of_a_filter_pattern(t: Account) {
    let group = group(&t).await;
    put(&t, &group, &["ERROR in order", "order in ERROR", "INFO order", "error order"]).await;
    assert_eq!(found(&t, &group, "ERROR order", 2).await, ["ERROR in order", "order in ERROR"]);
    assert_eq!(found(&t, &group, "\"in order\"", 1).await, ["ERROR in order"]);
    assert_eq!(found(&t, &group, "order -ERROR -error", 1).await, ["INFO order"]);
}

async fn fields_of_a_filter_pattern(t: Account) {
    let group = group(&t).await;
    let lines =
        [r#"{"level":"WARN","n":1}"#, r#"{"level":"ERROR","n":2}"#, r#"{"level":"ERROR","n":9}"#, "level ERROR"];
    put(&t, &group, &lines).await;
    assert_eq!(found(&t, &group, r#"{ $.level = "ERROR" }"#, 2).await, [lines[1], lines[2]]);
    assert_eq!(found(&t, &group, r#"{ $.level = "ERROR" && $.n > 5 }"#, 1).await, [lines[2]]);
}

pub(crate) async fn subscribe(t: &Account, group: &str, pattern: &str) -> Function {
    let function = function(t, "f", "").await;
    let permission = t.lambda.add_permission().function_name(&function.name).statement_id("logs");
    permission.action("lambda:InvokeFunction").principal("logs.amazonaws.com").send().await.unwrap();
    let request = t.logs.put_subscription_filter().log_group_name(group).filter_name("filter");
    request.filter_pattern(pattern).destination_arn(&function.arn).send().await.unwrap();
    function
}

fn decode(event: &Value) -> Value {
    let data = base64::prelude::BASE64_STANDARD.decode(event["awslogs"]["data"].as_str().unwrap()).unwrap();
    let mut text = String::new();
    flate2::read::GzDecoder::new(data.as_slice()).read_to_string(&mut text).unwrap();
    serde_json::from_str(&text).unwrap()
}

async fn a_subscription_calls_a_function(t: Account) {
    let group = group(&t).await;
    let function = subscribe(&t, &group, "").await;
    put(&t, &group, &["hello"]).await;
    let data = eventually(&t, "the line", async || {
        // AWS sends a control message first.
        function.events(&t).await.iter().map(decode).find(|data| data["messageType"] == "DATA_MESSAGE")
    })
    .await;
    assert_eq!((&data["logGroup"], &data["logStream"]), (&json!(group), &json!("stream")));
    assert_eq!(data["subscriptionFilters"], json!(["filter"]));
    assert_eq!(data["logEvents"][0]["message"], "hello");
    assert!(data["logEvents"][0]["id"].is_string() && data["logEvents"][0]["timestamp"].is_i64(), "{data}");
}

async fn a_subscription_sends_what_matches(t: Account) {
    let group = group(&t).await;
    let function = subscribe(&t, &group, "ERROR").await;
    put(&t, &group, &["INFO one", "ERROR two", "INFO three"]).await;
    eventually(&t, "the line", async || (!function.events(&t).await.is_empty()).then_some(())).await;
    t.quiet().await;
    let events = function.events(&t).await;
    let data = events.iter().map(decode).filter(|data| data["messageType"] == "DATA_MESSAGE");
    let lines: Vec<Value> = data
        .flat_map(|data| data["logEvents"].as_array().cloned().unwrap())
        .map(|mut event| event["message"].take())
        .collect();
    assert_eq!(lines, ["ERROR two"]);
}
