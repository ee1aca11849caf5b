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
