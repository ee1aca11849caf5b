//! Streams of tables that are read for a function.

use super::*;

async fn table(cloud: &Cloud) -> String {
    let input = json!({
        "TableName": "orders",
        "KeySchema": [{ "AttributeName": "id", "KeyType": "HASH" }],
        "AttributeDefinitions": [{ "AttributeName": "id", "AttributeType": "S" }],
        "BillingMode": "PAY_PER_REQUEST",
        "StreamSpecification": { "StreamEnabled": true, "StreamViewType": "NEW_AND_OLD_IMAGES" },
    });
    let answer = ok(cloud, Service::DynamoDb, "CreateTable", input).await;
    answer["TableDescription"]["LatestStreamArn"].as_str().unwrap().to_owned()
}

async fn put(cloud: &Cloud, id: &str) {
    let input = json!({ "TableName": "orders", "Item": { "id": { "S": id } } });
    ok(cloud, Service::DynamoDb, "PutItem", input).await;
}

async fn map(cloud: &Cloud, stream: &str, more: Value) -> Value {
    let mut input = json!({ "FunctionName": "f", "EventSourceArn": stream, "StartingPosition": "TRIM_HORIZON" });
    input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    lambda(cloud, "CreateEventSourceMapping", input).await
}

fn ids(payload: &Value) -> Vec<String> {
    let id = |record: &Value| record["dynamodb"]["Keys"]["id"]["S"].as_str().unwrap().to_owned();
    payload["Records"].as_array().unwrap().iter().map(id).collect()
}

fn batches(seen: &Seen) -> Vec<Vec<String>> {
    seen.all().iter().map(ids).collect()
}

#[tokio::test(start_paused = true)]
async fn a_write_arrives_in_lambdas_shape() {
    let cloud = cloud();
    let seen = Seen::default();
    add(&cloud, "f", recording(&seen, |_, _| Ok(Value::Null)));
    let stream = table(&cloud).await;
    map(&cloud, &stream, json!({ "StartingPosition": "LATEST" })).await;
    settle(&cloud).await;
    put(&cloud, "a").await;
    assert_eq!(cloud.pending().as_deref(), Some("records of a stream for f"));
    settle(&cloud).await;
    let record = seen.all()[0]["Records"][0].clone();
    assert_eq!(record["eventName"], "INSERT");
    assert_eq!(record["eventSource"], "aws:dynamodb");
    assert_eq!(record["eventSourceARN"], stream);
    assert_eq!(record["awsRegion"], "us-east-1");
    assert_eq!(record["dynamodb"]["NewImage"], json!({ "id": { "S": "a" } }));
    assert_eq!(record["dynamodb"]["StreamViewType"], "NEW_AND_OLD_IMAGES");
}

#[tokio::test(start_paused = true)]
async fn trim_horizon_reads_what_is_there_and_latest_does_not() {
    let cloud = cloud();
    let (first, second) = (Seen::default(), Seen::default());
    add(&cloud, "f", recording(&first, |_, _| Ok(Value::Null)));
    add(&cloud, "g", recording(&second, |_, _| Ok(Value::Null)));
    let stream = table(&cloud).await;
    put(&cloud, "a").await;
    map(&cloud, &stream, json!({})).await;
    map(&cloud, &stream, json!({ "FunctionName": "g", "StartingPosition": "LATEST" })).await;
    put(&cloud, "b").await;
    settle(&cloud).await;
    assert_eq!(batches(&first).concat(), ["a", "b"]);
    assert_eq!(batches(&second).concat(), ["b"]);
}

#[tokio::test(start_paused = true)]
async fn a_bad_record_is_isolated_and_given_up() {
    let cloud = cloud();
    let seen = Seen::default();
    let code =
        recording(
            &seen,
            |_, payload| {
                if ids(&payload).contains(&"bad".to_owned()) { Err(failure()) } else { Ok(Value::Null) }
            },
        );
    add(&cloud, "f", code);
    let stream = table(&cloud).await;
    let url = queue(&cloud, "discarded", json!({})).await;
    for id in ["a", "b", "bad", "c"] {
        put(&cloud, id).await;
    }
    let destination = json!({ "OnFailure": { "Destination": cloud.arn("sqs", "discarded") } });
    let settings =
        json!({ "BisectBatchOnFunctionError": true, "MaximumRetryAttempts": 1, "DestinationConfig": destination });
    map(&cloud, &stream, settings).await;
    settle(&cloud).await;
    let expected: [&[&str]; 6] = [&["a", "b", "bad", "c"], &["a", "b"], &["bad", "c"], &["bad"], &["bad"], &["c"]];
    assert_eq!(batches(&seen), expected);
    let record: Value = serde_json::from_str(&bodies(&cloud, &url).await[0]).unwrap();
    assert_eq!(record["requestContext"]["condition"], "RetryAttemptsExhausted");
    assert_eq!(record["DDBStreamBatchInfo"]["batchSize"], 1);
    assert_eq!(record["DDBStreamBatchInfo"]["streamArn"], stream);
}

#[tokio::test(start_paused = true)]
async fn the_first_failed_item_is_the_checkpoint() {
    let cloud = cloud();
    let seen = Seen::default();
    let code = recording(&seen, |number, payload| {
        let second = payload["Records"][1]["dynamodb"]["SequenceNumber"].clone();
        let failures = if number == 1 { json!([{ "itemIdentifier": second }]) } else { json!([]) };
        Ok(json!({ "batchItemFailures": failures }))
    });
    add(&cloud, "f", code);
    let stream = table(&cloud).await;
    for id in ["a", "b", "c"] {
        put(&cloud, id).await;
    }
    map(&cloud, &stream, json!({ "FunctionResponseTypes": ["ReportBatchItemFailures"] })).await;
    settle(&cloud).await;
    assert_eq!(batches(&seen), [vec!["a", "b", "c"], vec!["b", "c"]]);
}

#[tokio::test(start_paused = true)]
async fn records_that_get_too_old_are_given_up() {
    let cloud = cloud();
    let seen = Seen::default();
    add(&cloud, "f", recording(&seen, |_, _| Err(failure())));
    let stream = table(&cloud).await;
    let url = queue(&cloud, "discarded", json!({})).await;
    put(&cloud, "a").await;
    let destination = json!({ "OnFailure": { "Destination": cloud.arn("sqs", "discarded") } });
    map(&cloud, &stream, json!({ "MaximumRecordAgeInSeconds": 60, "DestinationConfig": destination })).await;
    settle(&cloud).await;
    assert!(seen.count() > 1);
    let record: Value = serde_json::from_str(&bodies(&cloud, &url).await[0]).unwrap();
    assert_eq!(record["requestContext"]["condition"], "RecordAgeExceeded");
    assert_eq!(record.get("responseContext"), None);
}

#[tokio::test(start_paused = true)]
async fn filters_and_expired_items() {
    let cloud = cloud();
    let seen = Seen::default();
    add(&cloud, "f", recording(&seen, |_, _| Ok(Value::Null)));
    let stream = table(&cloud).await;
    let expiry =
        json!({ "TableName": "orders", "TimeToLiveSpecification": { "Enabled": true, "AttributeName": "end" } });
    ok(&cloud, Service::DynamoDb, "UpdateTimeToLive", expiry).await;
    let pattern = r#"{"userIdentity":{"type":["Service"],"principalId":["dynamodb.amazonaws.com"]}}"#;
    map(&cloud, &stream, json!({ "FilterCriteria": { "Filters": [{ "Pattern": pattern }] } })).await;
    let end = (cloud.clock().now().as_second() + 30).to_string();
    let input = json!({ "TableName": "orders", "Item": { "id": { "S": "a" }, "end": { "N": end } } });
    ok(&cloud, Service::DynamoDb, "PutItem", input).await;
    tokio::time::sleep(Duration::from_secs(180)).await;
    settle(&cloud).await;
    assert_eq!(seen.count(), 1);
    assert_eq!(seen.all()[0]["Records"][0]["eventName"], "REMOVE");
}
