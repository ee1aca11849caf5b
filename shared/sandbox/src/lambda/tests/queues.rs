//! Queues that are read for a function.

use super::*;

async fn map(cloud: &Cloud, queue: &str, more: Value) -> Value {
    let mut input = json!({ "FunctionName": "f", "EventSourceArn": cloud.arn("sqs", queue) });
    input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    lambda(cloud, "CreateEventSourceMapping", input).await
}

async fn send(cloud: &Cloud, url: &str, body: &str) {
    ok(cloud, Service::Sqs, "SendMessage", json!({ "QueueUrl": url, "MessageBody": body })).await;
}

fn batch(payload: &Value) -> Vec<String> {
    payload["Records"].as_array().unwrap().iter().map(|r| r["body"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(start_paused = true)]
async fn a_message_arrives_in_lambdas_shape_and_is_deleted() {
    let cloud = cloud();
    let seen = Seen::default();
    add(&cloud, "f", recording(&seen, |_, _| Ok(Value::Null)));
    let url = queue(&cloud, "q", json!({})).await;
    map(&cloud, "q", json!({})).await;
    let attributes = json!({ "color": { "DataType": "String", "StringValue": "green" } });
    let input = json!({ "QueueUrl": url, "MessageBody": "hello", "MessageAttributes": attributes });
    let sent = ok(&cloud, Service::Sqs, "SendMessage", input).await;
    assert!(cloud.pending().is_some());
    settle(&cloud).await;
    let mut record = seen.all()[0]["Records"][0].clone();
    assert!(record["receiptHandle"].take().is_string());
    let now = cloud.clock().now_millis();
    let sent_at: i64 = record["attributes"]["SentTimestamp"].take().as_str().unwrap().parse().unwrap();
    assert!(sent_at <= now);
    record["attributes"]["ApproximateFirstReceiveTimestamp"].take();
    let expected = json!({
        "messageId": sent["MessageId"],
        "receiptHandle": null,
        "body": "hello",
        "attributes": {
            "ApproximateReceiveCount": "1",
            "SentTimestamp": null,
            "SenderId": "000000000000",
            "ApproximateFirstReceiveTimestamp": null,
        },
        "messageAttributes": {
            "color": { "stringValue": "green", "stringListValues": [], "binaryListValues": [], "dataType": "String" },
        },
        "md5OfBody": "5d41402abc4b2a76b9719d911017c592",
        "md5OfMessageAttributes": sent["MD5OfMessageAttributes"],
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:q",
        "awsRegion": "us-east-1",
    });
    assert_eq!(record, expected);
}

#[tokio::test(start_paused = true)]
async fn a_failed_batch_comes_back_when_its_visibility_is_over() {
    let cloud = cloud();
    let seen = Seen::default();
    add(&cloud, "f", recording(&seen, |number, _| if number == 1 { Err(failure()) } else { Ok(Value::Null) }));
    let url = queue(&cloud, "q", json!({ "VisibilityTimeout": "45" })).await;
    map(&cloud, "q", json!({})).await;
    send(&cloud, &url, "a").await;
    let begun = tokio::time::Instant::now();
    settle(&cloud).await;
    assert!(begun.elapsed() >= Duration::from_secs(45));
    assert_eq!(seen.all()[1]["Records"][0]["attributes"]["ApproximateReceiveCount"], "2");
}

#[tokio::test(start_paused = true)]
async fn only_the_failed_items_come_back() {
    let cloud = cloud();
    let seen = Seen::default();
    let code = recording(&seen, |number, payload| {
        let failed = payload["Records"][1]["messageId"].clone();
        let failures = if number == 1 { json!([{ "itemIdentifier": failed }]) } else { json!([]) };
        Ok(json!({ "batchItemFailures": failures }))
    });
    add(&cloud, "f", code);
    let url = queue(&cloud, "q", json!({})).await;
    for body in ["a", "b", "c"] {
        send(&cloud, &url, body).await;
    }
    map(&cloud, "q", json!({ "FunctionResponseTypes": ["ReportBatchItemFailures"] })).await;
    settle(&cloud).await;
    let batches: Vec<_> = seen.all().iter().map(batch).collect();
    assert_eq!(batches, [vec!["a", "b", "c"], vec!["b"]]);
}

#[tokio::test(start_paused = true)]
async fn nonsense_fails_the_whole_batch() {
    let cloud = cloud();
    let seen = Seen::default();
    let code = recording(&seen, |number, _| {
        let nonsense = json!({ "batchItemFailures": [{ "itemIdentifier": "" }] });
        Ok(if number == 1 { nonsense } else { Value::Null })
    });
    add(&cloud, "f", code);
    let url = queue(&cloud, "q", json!({})).await;
    for body in ["a", "b"] {
        send(&cloud, &url, body).await;
    }
    map(&cloud, "q", json!({ "FunctionResponseTypes": ["ReportBatchItemFailures"] })).await;
    settle(&cloud).await;
    let batches: Vec<_> = seen.all().iter().map(batch).collect();
    assert_eq!(batches, [["a", "b"], ["a", "b"]]);
}

#[tokio::test(start_paused = true)]
async fn a_window_fills_a_batch() {
    let cloud = cloud();
    let seen = Seen::default();
    add(&cloud, "f", recording(&seen, |_, _| Ok(Value::Null)));
    let url = queue(&cloud, "q", json!({})).await;
    map(&cloud, "q", json!({ "BatchSize": 25, "MaximumBatchingWindowInSeconds": 5 })).await;
    for number in 0..24 {
        send(&cloud, &url, &number.to_string()).await;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    settle(&cloud).await;
    let sizes: Vec<_> = seen.all().iter().map(|payload| batch(payload).len()).collect();
    assert_eq!(sizes, [24]);
}

#[tokio::test(start_paused = true)]
async fn filtered_messages_are_deleted_unseen() {
    let cloud = cloud();
    let seen = Seen::default();
    add(&cloud, "f", recording(&seen, |_, _| Ok(Value::Null)));
    let url = queue(&cloud, "q", json!({})).await;
    let pattern = r#"{"body":{"kind":["order"]}}"#;
    map(&cloud, "q", json!({ "FilterCriteria": { "Filters": [{ "Pattern": pattern }] } })).await;
    for body in [r#"{"kind":"order"}"#, r#"{"kind":"refund"}"#, "plain"] {
        send(&cloud, &url, body).await;
    }
    settle(&cloud).await;
    let bodies: Vec<_> = seen.all().iter().flat_map(batch).collect();
    assert_eq!(bodies, [r#"{"kind":"order"}"#]);
}

#[tokio::test(start_paused = true)]
async fn a_group_is_handled_in_order_one_batch_at_a_time() {
    let cloud = cloud();
    let seen = Seen::default();
    let running = Arc::new(Mutex::new(0));
    let own = seen.clone();
    let code = Code::in_process(move |invocation: Invocation| -> BoxFuture<'static, _> {
        let (running, seen) = (running.clone(), own.clone());
        async move {
            *running.lock().unwrap() += 1;
            assert_eq!(*running.lock().unwrap(), 1, "two batches of one group at a time");
            tokio::time::sleep(Duration::from_secs(1)).await;
            *running.lock().unwrap() -= 1;
            seen.push(invocation.payload);
            Ok(Value::Null)
        }
        .boxed()
    });
    add(&cloud, "f", code);
    let url = queue(&cloud, "q.fifo", json!({ "FifoQueue": "true", "ContentBasedDeduplication": "true" })).await;
    map(&cloud, "q.fifo", json!({ "BatchSize": 2 })).await;
    for body in ["1", "2", "3", "4", "5"] {
        let input = json!({ "QueueUrl": url, "MessageBody": body, "MessageGroupId": "g" });
        ok(&cloud, Service::Sqs, "SendMessage", input).await;
    }
    settle(&cloud).await;
    let bodies: Vec<_> = seen.all().iter().flat_map(batch).collect();
    assert_eq!(bodies, ["1", "2", "3", "4", "5"]);
}

#[tokio::test(start_paused = true)]
async fn maximum_concurrency_limits_batches() {
    let cloud = cloud();
    let most = Arc::new(Mutex::new((0, 0)));
    let own = most.clone();
    let code = Code::in_process(move |_| -> BoxFuture<'static, _> {
        let running = own.clone();
        async move {
            {
                let mut counts = running.lock().unwrap();
                counts.0 += 1;
                counts.1 = counts.1.max(counts.0);
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
            running.lock().unwrap().0 -= 1;
            Ok(Value::Null)
        }
        .boxed()
    });
    add(&cloud, "f", code);
    let url = queue(&cloud, "q", json!({})).await;
    map(&cloud, "q", json!({ "BatchSize": 1, "ScalingConfig": { "MaximumConcurrency": 2 } })).await;
    for _ in 0..6 {
        send(&cloud, &url, "x").await;
    }
    settle(&cloud).await;
    assert_eq!(most.lock().unwrap().1, 2);
}

#[tokio::test(start_paused = true)]
async fn a_disabled_mapping_reads_nothing_until_it_is_enabled() {
    let cloud = cloud();
    let seen = Seen::default();
    add(&cloud, "f", recording(&seen, |_, _| Ok(Value::Null)));
    let url = queue(&cloud, "q", json!({})).await;
    let mapping = map(&cloud, "q", json!({ "Enabled": false })).await;
    assert_eq!(mapping["State"], "Disabled");
    send(&cloud, &url, "a").await;
    settle(&cloud).await;
    assert_eq!(seen.count(), 0);
    let input = json!({ "UUID": mapping["UUID"], "Enabled": true });
    assert_eq!(lambda(&cloud, "UpdateEventSourceMapping", input).await["State"], "Enabling");
    assert_eq!(lambda(&cloud, "GetEventSourceMapping", json!({ "UUID": mapping["UUID"] })).await["State"], "Enabled");
    settle(&cloud).await;
    assert_eq!(seen.count(), 1);
    let deleted = lambda(&cloud, "DeleteEventSourceMapping", json!({ "UUID": mapping["UUID"] })).await;
    assert_eq!(deleted["State"], "Deleting");
    send(&cloud, &url, "b").await;
    settle(&cloud).await;
    assert_eq!(seen.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_throttled_batch_is_tried_again() {
    let cloud = cloud();
    let seen = Seen::default();
    let own = seen.clone();
    let code = Code::in_process(move |invocation: Invocation| -> BoxFuture<'static, _> {
        own.push(invocation.payload);
        async {
            tokio::time::sleep(Duration::from_secs(2)).await;
            Ok(Value::Null)
        }
        .boxed()
    });
    let mut spec = FunctionSpec::new("f", code);
    spec.reserved_concurrency = Some(1);
    cloud.lambda().add_function(&cloud, spec).unwrap();
    let url = queue(&cloud, "q", json!({})).await;
    map(&cloud, "q", json!({ "BatchSize": 1 })).await;
    for _ in 0..3 {
        send(&cloud, &url, "x").await;
    }
    settle(&cloud).await;
    assert_eq!(seen.count(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_mapping_outlives_its_function() {
    let cloud = cloud();
    add(&cloud, "f", recording(&Seen::default(), |_, _| Ok(Value::Null)));
    let url = queue(&cloud, "q", json!({})).await;
    let mapping = map(&cloud, "q", json!({})).await;
    assert_eq!(mapping["State"], "Creating");
    lambda(&cloud, "DeleteFunction", json!({ "FunctionName": "f" })).await;
    let got = lambda(&cloud, "GetEventSourceMapping", json!({ "UUID": mapping["UUID"] })).await;
    assert_eq!(got["State"], "Enabled");
    send(&cloud, &url, "a").await;
    settle(&cloud).await;
    // A function of the same name is called again.
    let seen = Seen::default();
    add(&cloud, "f", recording(&seen, |_, _| Ok(Value::Null)));
    tokio::time::sleep(Duration::from_secs(1)).await;
    settle(&cloud).await;
    assert_eq!(seen.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn mappings_that_cannot_be_are_refused_in_aws_words() {
    let cloud = cloud();
    add(&cloud, "f", recording(&Seen::default(), |_, _| Ok(Value::Null)));
    queue(&cloud, "q", json!({})).await;
    let create = async |input: Value| {
        let error = cloud.call(Service::Lambda, "CreateEventSourceMapping", input).await.unwrap_err();
        assert_eq!(error.code, "InvalidParameterValueException");
        error.message
    };
    let arn = cloud.arn("sqs", "q");
    let stream = cloud.arn("dynamodb", "table/t/stream/2025-02-22T03:03:25.490");
    assert_eq!(create(json!({ "FunctionName": "f" })).await, "Unrecognized event source.");
    let unknown = create(json!({ "FunctionName": "none", "EventSourceArn": arn })).await;
    assert_eq!(unknown, "Function does not exist");
    let destination = json!({ "OnSuccess": { "Destination": arn } });
    let input = json!({ "FunctionName": "f", "EventSourceArn": arn, "DestinationConfig": destination });
    assert_eq!(create(input).await, "Unsupported DestinationConfig parameter for given event source mapping type.");
    let input = json!({ "FunctionName": "f", "EventSourceArn": arn, "StartingPosition": "LATEST" });
    assert_eq!(create(input).await, "StartingPosition is not valid for SQS event sources.");
    let input = json!({ "FunctionName": "f", "EventSourceArn": arn, "MaximumRetryAttempts": 1 });
    assert_eq!(create(input).await, "Unsupported MaximumRetryAttempts parameter for given event source mapping type.");
    let filters = json!({ "Filters": [{ "Pattern": "single-string" }] });
    let input = json!({ "FunctionName": "f", "EventSourceArn": arn, "FilterCriteria": filters });
    assert_eq!(create(input).await, "Invalid filter pattern definition.");
    let start = |position: &str| json!({ "FunctionName": "f", "EventSourceArn": stream, "StartingPosition": position });
    assert_eq!(create(start("LATEST")).await, format!("Stream not found: {stream}"));
    assert_eq!(create(start("AT_TIMESTAMP")).await, format!("Unsupported starting position for arn type: {stream}"));
    let mut scaled = start("LATEST");
    scaled["ScalingConfig"] = json!({ "MaximumConcurrency": 2 });
    assert_eq!(create(scaled).await, "Unsupported ScalingConfig parameter for given event source mapping type.");
    for (name, wrong) in [("MaximumRetryAttempts", 10_001), ("MaximumRecordAgeInSeconds", 59)] {
        let mut input = start("LATEST");
        input[name] = wrong.into();
        assert!(create(input).await.starts_with(name));
    }
    map(&cloud, "q", json!({})).await;
    let twice = json!({ "FunctionName": "f", "EventSourceArn": arn });
    let error = cloud.call(Service::Lambda, "CreateEventSourceMapping", twice).await.unwrap_err();
    assert!(error.message.starts_with("An event source mapping with SQS arn"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_day_of_waiting_costs_little() {
    let cloud = cloud();
    let seen = Seen::default();
    add(&cloud, "f", recording(&seen, |_, _| Ok(Value::Null)));
    let url = queue(&cloud, "q", json!({})).await;
    map(&cloud, "q", json!({})).await;
    tokio::time::sleep(Duration::from_secs(86_400)).await;
    send(&cloud, &url, "a").await;
    settle(&cloud).await;
    assert_eq!(seen.count(), 1);
    cloud.lambda().shutdown().await;
    assert_eq!(cloud.lambda().function_names(), Vec::<String>::new());
}
