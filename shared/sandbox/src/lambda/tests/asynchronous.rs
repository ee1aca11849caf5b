//! Asynchronous invocation: retries and destinations.

use super::*;

async fn send(cloud: &Cloud) {
    let input = json!({ "FunctionName": "f", "InvocationType": "Event", "Payload": "{\"a\":1}" });
    assert_eq!(lambda(cloud, "Invoke", input).await["StatusCode"], 202);
}

async fn destination(cloud: &Cloud, member: &str) -> String {
    let url = queue(cloud, "records", json!({})).await;
    let arn = cloud.arn("sqs", "records");
    let input = json!({ "FunctionName": "f", "DestinationConfig": { member: { "Destination": arn } } });
    lambda(cloud, "PutFunctionEventInvokeConfig", input).await;
    url
}

#[tokio::test(start_paused = true)]
async fn a_failed_event_is_tried_three_times_and_recorded() {
    let cloud = cloud();
    let seen = Seen::default();
    add(&cloud, "f", recording(&seen, |_, _| Err(failure())));
    let url = destination(&cloud, "OnFailure").await;
    send(&cloud).await;
    settle(&cloud).await;
    assert_eq!(seen.count(), 3);
    let records = bodies(&cloud, &url).await;
    let mut record: Value = serde_json::from_str(&records[0]).unwrap();
    let id = record["requestContext"]["requestId"].take();
    assert_eq!(id.as_str().unwrap().len(), 36);
    let expected = json!({
        "version": "1.0",
        // One minute, then two.
        "timestamp": "2026-11-24T12:03:00.000Z",
        "requestContext": {
            "requestId": null,
            "functionArn": "arn:aws:lambda:us-east-1:000000000000:function:f:$LATEST",
            "condition": "RetriesExhausted",
            "approximateInvokeCount": 3,
        },
        "requestPayload": { "a": 1 },
        "responseContext": { "statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled" },
        "responsePayload": { "errorType": "Broken", "errorMessage": "it does not work" },
    });
    assert_eq!(record, expected);
}

#[tokio::test(start_paused = true)]
async fn the_same_request_id_is_used_for_every_attempt() {
    let cloud = cloud();
    let ids = Seen::default();
    let own = ids.clone();
    let code = Code::in_process(move |invocation: Invocation| -> BoxFuture<'static, _> {
        let number = own.push(invocation.request_id.into());
        async move { if number < 2 { Err(failure()) } else { Ok(Value::Null) } }.boxed()
    });
    add(&cloud, "f", code);
    let url = destination(&cloud, "OnSuccess").await;
    send(&cloud).await;
    settle(&cloud).await;
    let ids = ids.all();
    assert_eq!(ids.len(), 2);
    assert_eq!(ids[0], ids[1]);
    let record: Value = serde_json::from_str(&bodies(&cloud, &url).await[0]).unwrap();
    assert_eq!(record["requestContext"]["condition"], "Success");
    assert_eq!(record["requestContext"]["approximateInvokeCount"], 2);
    assert_eq!(record["responseContext"].get("functionError"), None);
}

#[tokio::test(start_paused = true)]
async fn an_event_that_gets_too_old_is_given_up() {
    let cloud = cloud();
    let seen = Seen::default();
    add(&cloud, "f", recording(&seen, |_, _| Err(failure())));
    let url = destination(&cloud, "OnFailure").await;
    let input = json!({ "FunctionName": "f", "MaximumEventAgeInSeconds": 90 });
    lambda(&cloud, "UpdateFunctionEventInvokeConfig", input).await;
    send(&cloud).await;
    settle(&cloud).await;
    assert_eq!(seen.count(), 2);
    let record: Value = serde_json::from_str(&bodies(&cloud, &url).await[0]).unwrap();
    assert_eq!(record["requestContext"]["condition"], "EventAgeExceeded");
}

#[tokio::test(start_paused = true)]
async fn a_dead_letter_queue_gets_the_event_itself() {
    let cloud = cloud();
    let url = queue(&cloud, "dead", json!({})).await;
    let mut spec = FunctionSpec::new("f", recording(&Seen::default(), |_, _| Err(failure())));
    spec.dead_letter_target = Some(cloud.arn("sqs", "dead"));
    spec.event_invoke = Some(crate::lambda::EventInvoke { maximum_retry_attempts: Some(0), ..Default::default() });
    cloud.lambda().add_function(&cloud, spec).unwrap();
    send(&cloud).await;
    settle(&cloud).await;
    let input = json!({ "QueueUrl": url, "MessageAttributeNames": ["All"] });
    let message = ok(&cloud, Service::Sqs, "ReceiveMessage", input).await["Messages"][0].clone();
    assert_eq!(message["Body"], "{\"a\":1}");
    assert_eq!(message["MessageAttributes"]["ErrorMessage"]["StringValue"], "it does not work");
}

#[tokio::test(start_paused = true)]
async fn a_function_can_be_a_destination() {
    let cloud = cloud();
    let seen = Seen::default();
    add(&cloud, "f", recording(&Seen::default(), |_, _| Ok(json!(7))));
    add(&cloud, "g", recording(&seen, |_, _| Ok(Value::Null)));
    let arn = cloud.arn("lambda", "function:g");
    let input = json!({ "FunctionName": "f", "DestinationConfig": { "OnSuccess": { "Destination": arn } } });
    lambda(&cloud, "PutFunctionEventInvokeConfig", input).await;
    send(&cloud).await;
    settle(&cloud).await;
    assert_eq!(seen.all()[0]["responsePayload"], 7);
}

#[tokio::test(start_paused = true)]
async fn with_a_reservation_of_zero_events_are_recorded_and_never_run() {
    let cloud = cloud();
    let seen = Seen::default();
    add(&cloud, "f", recording(&seen, |_, _| Ok(Value::Null)));
    let url = destination(&cloud, "OnFailure").await;
    let input = json!({ "FunctionName": "f", "ReservedConcurrentExecutions": 0 });
    lambda(&cloud, "PutFunctionConcurrency", input).await;
    send(&cloud).await;
    settle(&cloud).await;
    assert_eq!(seen.count(), 0);
    let input = json!({ "QueueUrl": url, "MessageSystemAttributeNames": ["AWSTraceHeader"] });
    let message = ok(&cloud, Service::Sqs, "ReceiveMessage", input).await["Messages"][0].clone();
    assert!(message["Attributes"]["AWSTraceHeader"].as_str().unwrap().starts_with("Root=1-"));
    let record: Value = serde_json::from_str(message["Body"].as_str().unwrap()).unwrap();
    assert_eq!(record["requestContext"]["condition"], "ZeroReservedConcurrency");
    assert_eq!(record["requestContext"]["approximateInvokeCount"], 0);
    assert_eq!((record.get("responseContext"), record.get("responsePayload")), (None, None));
}
