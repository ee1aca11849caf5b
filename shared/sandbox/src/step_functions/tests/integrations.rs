//! What tasks call.

use super::*;

#[tokio::test(start_paused = true)]
async fn a_task_invokes_a_function() {
    let cloud = cloud();
    function(&cloud, "double", |payload| Ok(json!(payload["n"].as_i64().unwrap() * 2)));
    let ended = run(
        &cloud,
        only(json!({
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke",
            "Parameters": {"FunctionName": "double", "Payload": {"n.$": "$.n"}},
            "ResultSelector": {"doubled.$": "$.Payload", "status.$": "$.StatusCode", "version.$": "$.ExecutedVersion"},
            "End": true,
        })),
        json!({"n": 21}),
    )
    .await;
    assert_eq!(ended["output"], r#"{"doubled":42,"status":200,"version":"$LATEST"}"#);
}

#[tokio::test(start_paused = true)]
async fn a_functions_error_is_the_tasks_error() {
    let cloud = cloud();
    function(&cloud, "charge", |_| {
        Err(FunctionError { error_type: "card_declined".into(), message: "no money".into() })
    });
    let task = json!({
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Parameters": {"FunctionName": "charge", "Payload": {}},
        "End": true,
    });
    let ended = run(&cloud, only(task), json!({})).await;
    assert_eq!([&ended["status"], &ended["error"]], ["FAILED", "card_declined"]);
    let cause: Value = serde_json::from_str(ended["cause"].as_str().unwrap()).unwrap();
    assert_eq!(cause["errorMessage"], "no money");
}

#[tokio::test(start_paused = true)]
async fn a_function_that_is_not_there_fails_the_task() {
    let cloud = cloud();
    let resource = cloud.arn("lambda", "function:absent");
    let ended = run(&cloud, only(json!({"Type": "Task", "Resource": resource, "End": true})), json!({})).await;
    assert_eq!([&ended["status"], &ended["error"]], ["FAILED", "Lambda.ResourceNotFoundException"]);
}

#[tokio::test(start_paused = true)]
async fn an_execution_waits_for_the_one_that_it_started() {
    let cloud = cloud();
    let child = machine(&cloud, "child", wait(30)).await;
    let outcome = |resource: &str| {
        only(json!({
            "Type": "Task",
            "Resource": resource,
            "Parameters": {"StateMachineArn": child, "Input": {"a.$": "$.a"}},
            "End": true,
        }))
    };
    let ended = run(&cloud, outcome("arn:aws:states:::states:startExecution.sync:2"), json!({"a": 1})).await;
    let output: Value = serde_json::from_str(ended["output"].as_str().unwrap()).unwrap();
    assert_eq!([&output["Status"], &output["Output"]], [&json!("SUCCEEDED"), &json!({"a": 1})]);
    assert_eq!(ended["stopDate"].as_f64().unwrap() - ended["startDate"].as_f64().unwrap(), 30.0);
}

#[tokio::test(start_paused = true)]
async fn an_execution_that_is_waited_for_and_fails_fails_the_task() {
    let cloud = cloud();
    let child = machine(&cloud, "child", only(json!({"Type": "Fail", "Error": "Broken", "Cause": "why"}))).await;
    let task = json!({
        "Type": "Task",
        "Resource": "arn:aws:states:::states:startExecution.sync",
        "Parameters": {"StateMachineArn": child, "Name": "c"},
        "End": true,
    });
    let ended = run(&cloud, only(task), json!({})).await;
    assert_eq!(ended["error"], "States.TaskFailed");
    let cause: Value = serde_json::from_str(ended["cause"].as_str().unwrap()).unwrap();
    assert_eq!([&cause["Error"], &cause["Cause"], &cause["Name"]], ["Broken", "why", "c"]);
}

#[tokio::test(start_paused = true)]
async fn items_are_put_and_got_and_conditions_fail_by_name() {
    let cloud = cloud();
    let table = json!({
        "TableName": "things",
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "BillingMode": "PAY_PER_REQUEST",
    });
    cloud.call(Service::DynamoDb, "CreateTable", table).await.unwrap();
    let put = json!({
        "Type": "Task",
        "Resource": "arn:aws:states:::dynamodb:putItem",
        "Parameters": {
            "TableName": "things",
            "Item": {"id": {"S.$": "$.id"}, "n": {"N": "1"}},
            "ConditionExpression": "attribute_not_exists(id)",
        },
        "ResultPath": null,
        "Next": "Get",
    });
    let get = json!({
        "Type": "Task",
        "Resource": "arn:aws:states:::dynamodb:getItem",
        "Parameters": {"TableName": "things", "Key": {"id": {"S.$": "$.id"}}},
        "OutputPath": "$.Item",
        "End": true,
    });
    let definition = json!({"StartAt": "Put", "States": {"Put": put, "Get": get}});
    let ended = run(&cloud, definition, json!({"id": "a"})).await;
    let item: Value = serde_json::from_str(ended["output"].as_str().unwrap()).unwrap();
    assert_eq!(item, json!({"id": {"S": "a"}, "n": {"N": "1"}}));
    let again = start(&cloud, &text(&ended, "stateMachineArn"), "again", json!({"id": "a"})).await;
    cloud.settle(HOUR).await.unwrap();
    assert_eq!(described(&cloud, &again).await["error"], "DynamoDB.ConditionalCheckFailedException");
}

#[tokio::test(start_paused = true)]
async fn events_are_put() {
    let cloud = cloud();
    let entry = |bus: &str| {
        let entry =
            json!({"Source": "orders", "DetailType": "placed", "Detail": {"id.$": "$.id"}, "EventBusName": bus});
        only(json!({
            "Type": "Task",
            "Resource": "arn:aws:states:::events:putEvents",
            "Parameters": {"Entries": [entry]},
            "End": true,
        }))
    };
    let ended = run(&cloud, entry("default"), json!({"id": 1})).await;
    let output: Value = serde_json::from_str(ended["output"].as_str().unwrap()).unwrap();
    assert_eq!([&output["FailedEntryCount"], &output["SdkHttpMetadata"]["HttpStatusCode"]], [0, 200]);
}

#[tokio::test(start_paused = true)]
async fn an_execution_that_is_waited_for_is_stopped_with_the_one_that_waits() {
    let cloud = cloud();
    let child = machine(&cloud, "child", wait(3000)).await;
    let task = json!({
        "Type": "Task",
        "Resource": "arn:aws:states:::states:startExecution.sync",
        "Parameters": {"StateMachineArn": child, "Name": "c"},
        "TimeoutSeconds": 60,
        "End": true,
    });
    let ended = run(&cloud, only(task), json!({})).await;
    assert_eq!([&ended["status"], &ended["error"]], ["FAILED", "States.Timeout"]);
    let stopped = described(&cloud, &cloud.arn("states", "execution:child:c")).await;
    assert_eq!(stopped["status"], "ABORTED");
}

#[tokio::test(start_paused = true)]
async fn a_token_ends_the_wait_for_an_execution() {
    let cloud = cloud();
    let url = queue(&cloud, "tokens").await;
    let send = json!({
        "Type": "Task",
        "Resource": "arn:aws:states:::sqs:sendMessage",
        "Parameters": {"QueueUrl": url, "MessageBody.$": "$"},
        "Next": "Wait",
    });
    let wait = json!({"Type": "Wait", "Seconds": 600, "End": true});
    let inner = machine(&cloud, "inner", json!({"StartAt": "Send", "States": {"Send": send, "Wait": wait}})).await;
    let task = json!({
        "Type": "Task",
        "Resource": "arn:aws:states:::states:startExecution.sync:2",
        "Parameters": {"StateMachineArn": inner, "Input": {"token.$": "$$.Task.Token"}},
        "End": true,
    });
    let outer = machine(&cloud, "outer", only(task)).await;
    let execution = start(&cloud, &outer, "e", json!({})).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let token = text(&body(&cloud, &url).await, "token");
    ok(&cloud, "SendTaskSuccess", json!({"taskToken": token, "output": "1"})).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let described = described(&cloud, &execution).await;
    assert_eq!((&described["status"], &described["output"]), (&json!("SUCCEEDED"), &json!("1")));
}

#[tokio::test(start_paused = true)]
async fn services_are_called_as_the_sdk_has_them() {
    let cloud = cloud();
    let inner = machine(&cloud, "inner", wait(1)).await;
    let task = json!({
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:sfn:startExecution",
        "Parameters": {"StateMachineArn": inner, "Name": "n", "Input": {"a": 1}},
        "End": true,
    });
    let described = run(&cloud, only(task), json!({})).await;
    let output: Value = serde_json::from_str(described["output"].as_str().unwrap()).unwrap();
    let arn = text(&output, "ExecutionArn");
    assert!(text(&output, "StartDate").ends_with('Z'));
    assert_eq!(ok(&cloud, "DescribeExecution", json!({ "executionArn": arn })).await["input"], r#"{"a":1}"#);
    let task = json!({
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:sfn:sendTaskSuccess",
        "Parameters": {"TaskToken": "t", "Output": "o"},
        "End": true,
    });
    let arn = machine(&cloud, "n", only(task)).await;
    let execution = start(&cloud, &arn, "e", json!({})).await;
    cloud.settle(HOUR).await.unwrap();
    let described = ok(&cloud, "DescribeExecution", json!({ "executionArn": execution })).await;
    assert_eq!(described["error"], "Sfn.InvalidTokenException");
    assert!(
        text(&described, "cause")
            .starts_with("Invalid Token: 'Invalid token' (Service: Sfn, Status Code: 400, Request ID: ")
    );
}

#[tokio::test(start_paused = true)]
async fn errors_of_services_in_the_words_of_aws() {
    let task = |resource: &str, parameters: Value| {
        only(json!({"Type": "Task", "Resource": resource, "Parameters": parameters, "End": true}))
    };
    let table = json!({"TableName": "missing", "Item": {"id": {"S": "1"}}});
    let described = run(&cloud(), task("arn:aws:states:::dynamodb:putItem", table), json!({})).await;
    assert_eq!(described["error"], "DynamoDB.ResourceNotFoundException");
    let what = "(Service: AmazonDynamoDBv2; Status Code: 400; Error Code: ResourceNotFoundException; Request ID: ";
    assert!(text(&described, "cause").contains(what), "{described}");
    let message = json!({"QueueUrl": "http://nowhere", "MessageBody": "b"});
    let described = run(&cloud(), task("arn:aws:states:::sqs:sendMessage", message), json!({})).await;
    assert_eq!(described["error"], "SQS.SdkClientException");
    assert_eq!(described["cause"], "Unable to execute HTTP request: nowhere: Name or service not known");
    let described = run(&cloud(), task("arn:aws:states:::lambda:invoke", json!({})), json!({})).await;
    assert!(text(&described, "cause").ends_with("[The field \"FunctionName\" is required but was missing]"));
}

#[tokio::test(start_paused = true)]
async fn changes_of_status_are_events() {
    let cloud = cloud();
    let url = queue(&cloud, "q").await;
    let events = |operation: &'static str, input: Value| {
        let cloud = cloud.clone();
        async move { cloud.call(Service::EventBridge, operation, input).await.unwrap() }
    };
    let rule = json!({"Name": "r", "EventPattern": r#"{"source": ["aws.states"]}"#});
    events("PutRule", rule).await;
    let arn = cloud.arn("sqs", "q");
    events("PutTargets", json!({"Rule": "r", "Targets": [{"Id": "1", "Arn": arn}]})).await;
    let machine = machine(&cloud, "m", wait(1)).await;
    let execution = start(&cloud, &machine, "e", json!({})).await;
    cloud.settle(HOUR).await.unwrap();
    for status in ["RUNNING", "SUCCEEDED"] {
        let event = body(&cloud, &url).await;
        assert_eq!(event["detail-type"], "Step Functions Execution Status Change");
        assert_eq!((&event["detail"]["status"], &event["resources"]), (&json!(status), &json!([execution])));
        assert_eq!(event["detail"]["error"], Value::Null);
    }
}

#[tokio::test(start_paused = true)]
async fn a_tasks_credentials_are_shown() {
    let cloud = cloud();
    function(&cloud, "f", Ok);
    let role = "arn:aws:iam::000000000000:role/other";
    let task = json!({
        "Type": "Task",
        "Resource": cloud.arn("lambda", "function:f"),
        "Credentials": {"RoleArn.$": "$.role"},
        "End": true,
    });
    let arn = machine(&cloud, "m", only(task)).await;
    let execution = start(&cloud, &arn, "e", json!({ "role": role })).await;
    cloud.settle(HOUR).await.unwrap();
    let history = ok(&cloud, "GetExecutionHistory", json!({ "executionArn": execution })).await;
    let scheduled = &history["events"][2]["lambdaFunctionScheduledEventDetails"];
    assert_eq!(scheduled["taskCredentials"], json!({ "roleArn": role }));
}

#[tokio::test(start_paused = true)]
async fn the_metadata_of_a_task_is_short() {
    let cloud = cloud();
    let url = queue(&cloud, "q").await;
    let task = json!({
        "Type": "Task",
        "Resource": "arn:aws:states:::sqs:sendMessage",
        "Parameters": {"QueueUrl": url, "MessageBody": "b"},
        "End": true,
    });
    let described = run(&cloud, only(task), json!({})).await;
    let output: Value = serde_json::from_str(described["output"].as_str().unwrap()).unwrap();
    assert_eq!(output["SdkHttpMetadata"], json!({"HttpStatusCode": 200}));
    assert!(output["SdkResponseMetadata"]["RequestId"].is_string());
}

#[tokio::test(start_paused = true)]
async fn a_redriven_parallel_runs_all_its_branches_again() {
    let cloud = cloud();
    let calls = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let counted = calls.clone();
    function(&cloud, "good", move |input| {
        counted.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        Ok(input)
    });
    let branch = |name: &str, state: Value| json!({"StartAt": name, "States": {name: state}});
    let good = json!({"Type": "Task", "Resource": cloud.arn("lambda", "function:good"), "End": true});
    let branches = json!([branch("Good", good), branch("Bad", json!({"Type": "Fail", "Error": "E"}))]);
    let arn = machine(&cloud, "m", only(json!({"Type": "Parallel", "Branches": branches, "End": true}))).await;
    let execution = start(&cloud, &arn, "e", json!({})).await;
    cloud.settle(HOUR).await.unwrap();
    let before = calls.load(std::sync::atomic::Ordering::Relaxed);
    ok(&cloud, "RedriveExecution", json!({ "executionArn": execution })).await;
    cloud.settle(HOUR).await.unwrap();
    let kinds = kinds(&cloud, &execution).await;
    assert_eq!(kinds.iter().filter(|kind| *kind == "ParallelStateStarted").count(), 2);
    assert!(calls.load(std::sync::atomic::Ordering::Relaxed) >= before);
}

#[tokio::test(start_paused = true)]
async fn map_runs_are_not_described() {
    let cloud = cloud();
    for operation in ["ListMapRuns", "DescribeMapRun", "UpdateMapRun"] {
        let error = refused(&cloud, operation, json!({})).await;
        assert_eq!(error.code, "UnknownOperationException");
    }
}

#[tokio::test(start_paused = true)]
async fn a_role_of_another_account_acts_there() {
    let clock = crate::Clock::starting_at("2026-11-25T12:00:00Z".parse().unwrap());
    let cloud = Cloud::builder(clock).worldwide().build();
    let there = cloud.elsewhere(Some("111111111111"), None);
    let inner = machine(&there, "inner", only(json!({"Type": "Pass", "Result": 1, "End": true}))).await;
    let task = json!({
        "Type": "Task",
        "Resource": "arn:aws:states:::states:startExecution.sync:2",
        "Parameters": {"StateMachineArn": inner},
        "Credentials": {"RoleArn": "arn:aws:iam::111111111111:role/r"},
        "OutputPath": "$.Output",
        "End": true,
    });
    assert_eq!(run(&cloud, only(task), json!({})).await["output"], "1");
}
