//! Synchronous invocation, its errors, its log.

use futures::FutureExt;

use super::*;
use crate::lambda::LogFormat;

async fn invoke(cloud: &Cloud, payload: &Value) -> Value {
    lambda(cloud, "Invoke", json!({ "FunctionName": "f", "Payload": payload.to_string(), "LogType": "Tail" })).await
}

#[tokio::test(start_paused = true)]
async fn code_in_this_process_gets_what_a_process_would() {
    let cloud = cloud();
    let code = Code::in_process(|invocation: Invocation| {
        async move {
            invocation.log.line("at work");
            Ok(json!({
                "echo": invocation.payload,
                "name": invocation.environment["AWS_LAMBDA_FUNCTION_NAME"],
                "own": invocation.environment["COLOR"],
                "endpoint": invocation.environment["AWS_ENDPOINT_URL"],
                "arn": invocation.function_arn,
                "deadline": invocation.deadline.to_string(),
            }))
        }
        .boxed()
    });
    let mut spec = FunctionSpec::new("f", code);
    spec.environment.insert("COLOR".into(), "green".into());
    cloud.lambda().add_function(&cloud, spec).unwrap();
    let answer = invoke(&cloud, &json!({ "a": 1 })).await;
    assert_eq!(answer["StatusCode"], 200);
    assert_eq!(answer["ExecutedVersion"], "$LATEST");
    assert_eq!(answer.get("FunctionError"), None);
    let payload: Value = serde_json::from_str(answer["Payload"].as_str().unwrap()).unwrap();
    let expected = json!({
        "echo": { "a": 1 },
        "name": "f",
        "own": "green",
        "endpoint": cloud.endpoint(),
        "arn": "arn:aws:lambda:us-east-1:000000000000:function:f",
        "deadline": "2026-11-24T12:00:03Z",
    });
    assert_eq!(payload, expected);
    let id = answer["RequestId"].as_str().unwrap();
    let lines = log(&cloud, "/aws/lambda/f").await;
    let report = format!(
        "REPORT RequestId: {id}\tDuration: 0.00 ms\tBilled Duration: 0 ms\tMemory Size: 128 MB\tMax Memory Used: 0 MB\t"
    );
    let expected =
        [&format!("START RequestId: {id} Version: $LATEST"), "at work", &format!("END RequestId: {id}"), &report];
    assert_eq!(lines, expected);
    let tail =
        base64::Engine::decode(&base64::prelude::BASE64_STANDARD, answer["LogResult"].as_str().unwrap()).unwrap();
    assert_eq!(String::from_utf8(tail).unwrap(), lines.join("\n") + "\n");
}

#[tokio::test(start_paused = true)]
async fn a_function_error_is_told_apart_from_an_answer() {
    let cloud = cloud();
    add(&cloud, "f", recording(&Seen::default(), |_, _| Err(failure())));
    let answer = invoke(&cloud, &json!({})).await;
    assert_eq!(answer["FunctionError"], "Unhandled");
    let payload: Value = serde_json::from_str(answer["Payload"].as_str().unwrap()).unwrap();
    assert_eq!(payload, json!({ "errorType": "Broken", "errorMessage": "it does not work" }));
}

#[tokio::test(start_paused = true)]
async fn a_panic_is_a_function_error() {
    let cloud = cloud();
    add(&cloud, "f", recording(&Seen::default(), |_, _| panic!("no")));
    let answer = invoke(&cloud, &json!({})).await;
    assert_eq!(answer["FunctionError"], "Unhandled");
    assert!(answer["Payload"].as_str().unwrap().contains("Lambda panicked: no"));
}

#[tokio::test(start_paused = true)]
async fn a_timeout_ends_the_invocation_and_is_reported() {
    let cloud = cloud();
    let code = Code::in_process(|_| async { futures::future::pending().await }.boxed());
    let mut spec = FunctionSpec::new("f", code);
    spec.log_group = Some("shared".into());
    spec.log_format = LogFormat::Json;
    cloud.lambda().add_function(&cloud, spec).unwrap();
    let answer = invoke(&cloud, &json!({})).await;
    let id = answer["RequestId"].as_str().unwrap();
    let payload: Value = serde_json::from_str(answer["Payload"].as_str().unwrap()).unwrap();
    let message = format!("RequestId: {id} Error: Task timed out after 3.00 seconds");
    assert_eq!(payload, json!({ "errorType": "Sandbox.Timedout", "errorMessage": message }));
    let lines = log(&cloud, "shared").await;
    let report: Value = serde_json::from_str(lines.last().unwrap()).unwrap();
    let expected = json!({
        "time": "2026-11-24T12:00:03.000Z",
        "type": "platform.report",
        "record": {
            "requestId": id,
            "metrics": { "durationMs": 3000.0, "billedDurationMs": 3000, "memorySizeMB": 128, "maxMemoryUsedMB": 0 },
            "status": "timeout",
            "errorType": "Sandbox.Timedout",
        },
    });
    assert_eq!(report, expected);
    let streams = ok(&cloud, Service::Logs, "DescribeLogStreams", json!({ "logGroupName": "shared" })).await;
    let stream = streams["logStreams"][0]["logStreamName"].as_str().unwrap();
    assert!(stream.starts_with("2026/11/24/f[$LATEST]"), "{stream}");
}

#[tokio::test(start_paused = true)]
async fn a_full_reservation_throttles() {
    let cloud = cloud();
    let code = Code::in_process(|_| {
        async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            Ok(Value::Null)
        }
        .boxed()
    });
    let mut spec = FunctionSpec::new("f", code);
    spec.reserved_concurrency = Some(1);
    cloud.lambda().add_function(&cloud, spec).unwrap();
    let input = json!({ "FunctionName": "f" });
    let (first, second) = tokio::join!(
        cloud.call(Service::Lambda, "Invoke", input.clone()),
        cloud.call(Service::Lambda, "Invoke", input.clone())
    );
    assert_eq!(first.unwrap()["Payload"], "null");
    let error = second.unwrap_err();
    assert_eq!((error.code.as_str(), error.status), ("TooManyRequestsException", 429));
    assert_eq!(error.members["Reason"], "ReservedFunctionConcurrentInvocationLimitExceeded");
    lambda(&cloud, "Invoke", input).await;
}

#[tokio::test(start_paused = true)]
async fn bad_requests_are_refused_in_aws_words() {
    let cloud = cloud();
    add(&cloud, "f", recording(&Seen::default(), |_, _| Ok(Value::Null)));
    let code = |input: Value| {
        let cloud = cloud.clone();
        async move { cloud.call(Service::Lambda, "Invoke", input).await.unwrap_err() }
    };
    let missing = code(json!({ "FunctionName": "g" })).await;
    assert_eq!(missing.message, "Function not found: arn:aws:lambda:us-east-1:000000000000:function:g");
    assert_eq!(code(json!({ "FunctionName": "f:live" })).await.code, "ResourceNotFoundException");
    let text = code(json!({ "FunctionName": "f", "Payload": "{" })).await;
    assert_eq!(text.code, "InvalidRequestContentException");
    let large = format!("\"{}\"", "x".repeat(6 * 1024 * 1024));
    assert_eq!(code(json!({ "FunctionName": "f", "Payload": large })).await.status, 413);
    let large = format!("\"{}\"", "x".repeat(1024 * 1024));
    let input = json!({ "FunctionName": "f", "Payload": large, "InvocationType": "Event" });
    assert_eq!(code(input).await.code, "RequestEntityTooLargeException");
}

#[tokio::test(start_paused = true)]
async fn an_alias_stands_for_a_function() {
    let cloud = cloud();
    add(&cloud, "dev-f", recording(&Seen::default(), |_, _| Ok(json!("here"))));
    cloud.lambda().set_alias("f", "dev-f");
    assert_eq!(invoke(&cloud, &json!({})).await["Payload"], "\"here\"");
    cloud.lambda().set_alias("g", "nothing");
    let error = cloud.call(Service::Lambda, "Invoke", json!({ "FunctionName": "g" })).await.unwrap_err();
    assert_eq!(error.code, "ResourceNotFoundException");
}
