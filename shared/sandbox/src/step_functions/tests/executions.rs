//! Executions: their names, ends, histories and redrives.

use super::*;

#[tokio::test(start_paused = true)]
async fn an_execution_runs_to_its_end() {
    let cloud = cloud();
    let arn = machine(&cloud, "m", wait(30)).await;
    let execution = start(&cloud, &arn, "e", json!({"a": 1})).await;
    assert_eq!(cloud.pending().as_deref(), Some("execution e of m"));
    let running = ok(&cloud, "DescribeExecution", json!({ "executionArn": execution })).await;
    assert_eq!(running["status"], "RUNNING");
    cloud.settle(HOUR).await.unwrap();
    let ended = ok(&cloud, "DescribeExecution", json!({ "executionArn": execution })).await;
    assert_eq!(ended["status"], "SUCCEEDED");
    assert_eq!(ended["output"], r#"{"a":1}"#);
    assert_eq!(ended["stopDate"].as_f64().unwrap() - ended["startDate"].as_f64().unwrap(), 30.0);
}

#[tokio::test(start_paused = true)]
async fn a_name_is_taken_by_a_running_execution_and_for_90_days_after() {
    let cloud = cloud();
    let arn = machine(&cloud, "m", wait(30)).await;
    let request = |input: &str| json!({"stateMachineArn": arn, "name": "e", "input": input});
    let first = ok(&cloud, "StartExecution", request("{}")).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(ok(&cloud, "StartExecution", request("{}")).await, first);
    assert_eq!(refused(&cloud, "StartExecution", request("[]")).await.code, "ExecutionAlreadyExists");
    cloud.settle(HOUR).await.unwrap();
    assert_eq!(refused(&cloud, "StartExecution", request("{}")).await.code, "ExecutionAlreadyExists");
    tokio::time::sleep(Duration::from_secs(91 * 86_400)).await;
    ok(&cloud, "StartExecution", request("{}")).await;
}

#[tokio::test(start_paused = true)]
async fn an_execution_is_stopped_and_its_history_is_read_in_pages() {
    let cloud = cloud();
    let arn = machine(&cloud, "m", wait(30)).await;
    let execution = start(&cloud, &arn, "e", json!({})).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    ok(&cloud, "StopExecution", json!({"executionArn": execution, "error": "Enough", "cause": "why"})).await;
    cloud.settle(HOUR).await.unwrap();
    let ended = described(&cloud, &execution).await;
    assert_eq!([&ended["status"], &ended["error"], &ended["redriveStatus"]], ["ABORTED", "Enough", "REDRIVABLE"]);
    let page = |token: Option<String>| {
        let mut input =
            json!({"executionArn": execution, "maxResults": 2, "reverseOrder": true, "includeExecutionData": false});
        if let Some(token) = token {
            input["nextToken"] = token.into();
        }
        input
    };
    let first = ok(&cloud, "GetExecutionHistory", page(None)).await;
    assert_eq!(first["events"][0]["executionAbortedEventDetails"], json!({"error": "Enough", "cause": "why"}));
    let second = ok(&cloud, "GetExecutionHistory", page(Some(text(&first, "nextToken")))).await;
    assert_eq!(second["events"].as_array().unwrap().len(), 1);
    assert!(
        second.get("nextToken").is_none() && second["events"][0]["executionStartedEventDetails"]["input"].is_null()
    );
    let bad = refused(&cloud, "GetExecutionHistory", page(Some("x".into()))).await;
    assert_eq!(bad.code, "InvalidToken");
}

#[tokio::test(start_paused = true)]
async fn a_redrive_goes_on_at_the_state_that_failed() {
    let cloud = cloud();
    let calls = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let seen = calls.clone();
    function(&cloud, "refund", move |payload| {
        let mut seen = seen.lock().unwrap();
        seen.push(payload);
        if seen.len() == 1 {
            return Err(FunctionError { error_type: "gateway_down".into(), message: "later".into() });
        }
        Ok(json!("refunded"))
    });
    let definition = json!({"StartAt": "Before", "States": {
        "Before": {"Type": "Pass", "Result": 1, "ResultPath": "$.before", "Next": "Refund"},
        "Refund": {"Type": "Task", "Resource": cloud.arn("lambda", "function:refund"), "ResultPath": "$.result", "End": true},
    }});
    let failed = run(&cloud, definition, json!({})).await;
    assert_eq!([&failed["status"], &failed["redriveStatus"]], ["FAILED", "REDRIVABLE"]);
    let execution = json!({"executionArn": failed["executionArn"]});
    ok(&cloud, "RedriveExecution", execution.clone()).await;
    cloud.settle(HOUR).await.unwrap();
    let ended = ok(&cloud, "DescribeExecution", execution.clone()).await;
    assert_eq!(ended["output"], r#"{"before":1,"result":"refunded"}"#);
    assert_eq!((&ended["redriveCount"], ended["redriveDate"].is_f64()), (&json!(1), true));
    assert_eq!(*calls.lock().unwrap(), [json!({"before": 1}), json!({"before": 1})]);
    let kinds = kinds(&cloud, &text(&ended, "executionArn")).await;
    let expected = [
        "ExecutionFailed",
        "ExecutionRedriven",
        "LambdaFunctionScheduled",
        "LambdaFunctionStarted",
        "LambdaFunctionSucceeded",
        "TaskStateExited",
        "ExecutionSucceeded",
    ];
    assert_eq!(kinds[kinds.len() - 7..], expected);
    assert_eq!(refused(&cloud, "RedriveExecution", execution).await.code, "ExecutionNotRedrivable");
}

#[tokio::test(start_paused = true)]
async fn the_sdk_starts_and_reads_executions() {
    let cloud = cloud();
    let sdk = aws_sdk_sfn::Client::new(&crate::testing::config(&cloud));
    let role = "arn:aws:iam::000000000000:role/r";
    let created =
        sdk.create_state_machine().name("m").role_arn(role).definition(wait(2).to_string()).send().await.unwrap();
    let started = sdk
        .start_execution()
        .state_machine_arn(created.state_machine_arn())
        .name("e")
        .input("{}")
        .send()
        .await
        .unwrap();
    cloud.settle(HOUR).await.unwrap();
    let described = sdk.describe_execution().execution_arn(started.execution_arn()).send().await.unwrap();
    assert_eq!(described.status().as_str(), "SUCCEEDED");
    assert_eq!(described.start_date().secs(), 1_795_521_600);
    let history = sdk.get_execution_history().execution_arn(started.execution_arn()).send().await.unwrap();
    let kinds: Vec<_> = history.events().iter().map(|event| event.r#type().as_str()).collect();
    assert_eq!(kinds, ["ExecutionStarted", "WaitStateEntered", "WaitStateExited", "ExecutionSucceeded"]);
    let again = sdk.start_execution().state_machine_arn(created.state_machine_arn()).name("e").input("{}").send().await;
    assert!(again.unwrap_err().into_service_error().is_execution_already_exists());
}

#[tokio::test(start_paused = true)]
async fn an_execution_that_is_stopped_at_once_has_a_whole_history_and_can_be_redriven() {
    let cloud = cloud();
    let arn = machine(&cloud, "m", wait(30)).await;
    let execution = start(&cloud, &arn, "e", json!({})).await;
    ok(&cloud, "StopExecution", json!({ "executionArn": execution })).await;
    assert_eq!(kinds(&cloud, &execution).await, ["ExecutionStarted", "ExecutionAborted"]);
    ok(&cloud, "RedriveExecution", json!({ "executionArn": execution })).await;
    cloud.settle(HOUR).await.unwrap();
    let expected = ["ExecutionRedriven", "WaitStateEntered", "WaitStateExited", "ExecutionSucceeded"];
    assert_eq!(kinds(&cloud, &execution).await[2..], expected);
}

#[tokio::test(start_paused = true)]
async fn settling_takes_little_longer_than_what_it_waits_for() {
    let cloud = cloud();
    let arn = machine(&cloud, "m", wait(3600)).await;
    start(&cloud, &arn, "e", json!({})).await;
    let began = cloud.clock().now();
    assert_eq!(cloud.settle(Duration::from_secs(60)).await.unwrap_err(), "execution e of m");
    assert_eq!(cloud.clock().now().duration_since(began).as_secs(), 60);
    cloud.settle(2 * HOUR).await.unwrap();
    let took = cloud.clock().now().duration_since(began).as_secs();
    assert!((3600..=3601).contains(&took), "{took}");
}
