//! What streams show.

use serde_json::{Value, json};

use crate::testing::cloud;
use crate::{Cloud, Service};

async fn call(cloud: &Cloud, operation: &str, input: Value) -> Value {
    cloud.call(Service::DynamoDb, operation, input).await.unwrap()
}

async fn ask(cloud: &Cloud, operation: &str, input: Value) -> Value {
    cloud.call(Service::DynamoDbStreams, operation, input).await.unwrap()
}

/// A table with a stream; its ARN.
async fn stream(cloud: &Cloud, view: &str) -> String {
    let input = json!({
        "TableName": "tab", "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{ "AttributeName": "id", "AttributeType": "S" }],
        "KeySchema": [{ "AttributeName": "id", "KeyType": "HASH" }],
        "StreamSpecification": { "StreamEnabled": true, "StreamViewType": view },
    });
    let created = call(cloud, "CreateTable", input).await;
    created["TableDescription"]["LatestStreamArn"].as_str().unwrap().to_owned()
}

async fn put(cloud: &Cloud, more: Value) {
    let mut item = json!({ "id": { "S": "Fred" } });
    item.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    call(cloud, "PutItem", json!({ "TableName": "tab", "Item": item })).await;
}

async fn records(cloud: &Cloud, stream: &str) -> Vec<Value> {
    let described = ask(cloud, "DescribeStream", json!({ "StreamArn": stream })).await;
    let shard = described["StreamDescription"]["Shards"][0]["ShardId"].clone();
    let input = json!({ "StreamArn": stream, "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON" });
    let iterator = ask(cloud, "GetShardIterator", input).await["ShardIterator"].take();
    assert!(iterator.as_str().unwrap().starts_with(&format!("{stream}|1|")), "{iterator}");
    let page = ask(cloud, "GetRecords", json!({ "ShardIterator": iterator, "Limit": 1 })).await;
    let mut records = page["Records"].as_array().unwrap().clone();
    let rest = ask(cloud, "GetRecords", json!({ "ShardIterator": page["NextShardIterator"] })).await;
    records.extend(rest["Records"].as_array().unwrap().iter().cloned());
    records
}

#[tokio::test(start_paused = true)]
async fn a_stream_is_described() {
    let cloud = cloud();
    let stream = stream(&cloud, "KEYS_ONLY").await;
    let described = ask(&cloud, "DescribeStream", json!({ "StreamArn": stream })).await["StreamDescription"].take();
    assert_eq!(described["KeySchema"], json!([{ "AttributeName": "id", "KeyType": "HASH" }]));
    assert_eq!((&described["StreamViewType"], &described["StreamStatus"]), (&json!("KEYS_ONLY"), &json!("ENABLED")));
    let start = described["Shards"][0]["SequenceNumberRange"]["StartingSequenceNumber"].as_str().unwrap().to_owned();
    put(&cloud, json!({})).await;
    let first = records(&cloud, &stream).await[0]["dynamodb"]["SequenceNumber"].as_str().unwrap().to_owned();
    assert!(start.len() == first.len() && start < first, "{start} {first}");
    let other = stream.replace("12:00", "13:00");
    let error =
        cloud.call(Service::DynamoDbStreams, "DescribeStream", json!({ "StreamArn": other })).await.unwrap_err();
    assert_eq!(error.message, format!("Requested resource not found: Stream: {other} not found"));
}

#[tokio::test(start_paused = true)]
async fn a_write_that_changes_nothing_leaves_no_record() {
    let cloud = cloud();
    let stream = stream(&cloud, "KEYS_ONLY").await;
    let set = |values: Value| json!({ "s": { "SS": values }, "n": { "N": "1" } });
    for change in [set(json!(["a", "b"])), set(json!(["b", "a"])), set(json!(["a"])), set(json!(["a"]))] {
        put(&cloud, change).await;
    }
    let records = records(&cloud, &stream).await;
    let kinds: Vec<&Value> = records.iter().map(|record| &record["eventName"]).collect();
    assert_eq!(kinds, ["INSERT", "MODIFY"]);
}

#[tokio::test(start_paused = true)]
async fn a_view_shows_what_it_is_called_and_counts_it() {
    for (view, shown, size) in [
        ("KEYS_ONLY", [false, false], 6),
        ("NEW_IMAGE", [true, false], 16),
        ("OLD_IMAGE", [false, true], 15),
        ("NEW_AND_OLD_IMAGES", [true, true], 25),
    ] {
        let cloud = cloud();
        let stream = stream(&cloud, view).await;
        put(&cloud, json!({ "a": { "S": "12" } })).await;
        put(&cloud, json!({ "a": { "S": "123" } })).await;
        let records = records(&cloud, &stream).await;
        let change = &records[1]["dynamodb"];
        assert_eq!([change.get("NewImage").is_some(), change.get("OldImage").is_some()], shown, "{view}");
        assert_eq!((&change["SizeBytes"], &change["StreamViewType"]), (&json!(size), &json!(view)));
    }
}

#[tokio::test(start_paused = true)]
async fn a_new_stream_of_a_table_begins_empty() {
    let cloud = cloud();
    let first = stream(&cloud, "NEW_IMAGE").await;
    put(&cloud, json!({})).await;
    tokio::time::advance(std::time::Duration::from_secs(60)).await;
    for specification in
        [json!({ "StreamEnabled": false }), json!({ "StreamEnabled": true, "StreamViewType": "OLD_IMAGE" })]
    {
        call(&cloud, "UpdateTable", json!({ "TableName": "tab", "StreamSpecification": specification })).await;
    }
    let described = call(&cloud, "DescribeTable", json!({ "TableName": "tab" })).await;
    let second = described["Table"]["LatestStreamArn"].as_str().unwrap();
    assert_ne!(first, second);
    assert_eq!(records(&cloud, second).await, [Value::Null; 0]);
    put(&cloud, json!({ "a": { "S": "12" } })).await;
    assert_eq!(records(&cloud, second).await[0]["dynamodb"]["OldImage"], json!({ "id": { "S": "Fred" } }));
}
