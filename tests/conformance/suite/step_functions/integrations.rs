//! Step Functions: what tasks call.

use aws_sdk_sfn::types::ExecutionStatus;
use serde_json::{Value, json};
use throughline_conformance::{Account, Case, case};

use crate::given::{bus, function, item, labelled, machine, n, only, output, queue, run, table, target_queue};

const LAMBDA: &str = "https://docs.aws.amazon.com/step-functions/latest/dg/connect-lambda.html";
const DYNAMODB: &str = "https://docs.aws.amazon.com/step-functions/latest/dg/connect-ddb.html";
const SQS: &str = "https://docs.aws.amazon.com/step-functions/latest/dg/connect-sqs.html";
const EVENTS: &str = "https://docs.aws.amazon.com/step-functions/latest/dg/connect-eventbridge.html";
const NESTED: &str = "https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html";

pub(crate) const CASES: &[Case] = &[
    case!(
        lambda_invoke_answers_payload_and_status,
        "lambda:invoke answers ExecutedVersion, Payload and StatusCode; the payload is JSON.",
        LAMBDA
    ),
    case!(
        lambda_invoke_fails_with_the_functions_error,
        "lambda:invoke fails with the function's errorType, which Catch can match.",
        LAMBDA
    ),
    case!(dynamodb_writes_and_reads, "dynamodb:putItem, updateItem, getItem and deleteItem call DynamoDB.", DYNAMODB),
    case!(
        dynamodbs_errors_have_its_name,
        "An error of DynamoDB is caught as DynamoDB.ConditionalCheckFailedException.",
        DYNAMODB
    ),
    case!(sqs_sends_a_message, "sqs:sendMessage sends a body, a JSON object too, and answers its MessageId.", SQS),
    case!(events_are_put, "events:putEvents publishes entries and answers FailedEntryCount.", EVENTS),
    case!(
        a_nested_execution_is_started,
        "states:startExecution answers ExecutionArn and StartDate, and does not wait.",
        NESTED
    ),
    case!(
        a_nested_execution_is_waited_for,
        "states:startExecution.sync:2 waits, and answers the output as JSON.",
        NESTED
    ),
    case!(
        a_nested_failure_fails_the_task,
        "A nested execution that fails fails startExecution.sync:2 with States.TaskFailed.",
        NESTED
    ),
];

fn task(resource: &str, parameters: Value) -> Value {
    json!({ "Type": "Task", "Resource": format!("arn:aws:states:::{resource}"), "Parameters": parameters })
}

async fn done(t: &Account, definition: Value) -> Value {
    let closed = run(t, definition, json!({})).await;
    assert_eq!(closed.status(), &ExecutionStatus::Succeeded, "{closed:?}");
    output(&closed)
}

async fn lambda_invoke_answers_payload_and_status(t: Account) {
    let function = function(&t, "f", "").await;
    let parameters = json!({ "FunctionName": function.name, "Payload": { "n": 1 } });
    let answer = done(&t, only(task("lambda:invoke", parameters))).await;
    assert_eq!((&answer["Payload"], &answer["StatusCode"]), (&json!({ "n": 1 }), &json!(200)));
    assert_eq!(answer["ExecutedVersion"], "$LATEST");
}

async fn lambda_invoke_fails_with_the_functions_error(t: Account) {
    let function = function(&t, "f", "").await;
    let mut invoke = task("lambda:invoke", json!({ "FunctionName": function.arn, "Payload": { "do": "fail" } }));
    invoke["Catch"] = json!([{ "ErrorEquals": ["Refused"], "Next": "Caught" }]);
    invoke["End"] = true.into();
    let definition = json!({ "StartAt": "T", "States": { "T": invoke, "Caught": { "Type": "Pass", "End": true } } });
    assert_eq!(done(&t, definition).await["Error"], "Refused");
}

async fn dynamodb_writes_and_reads(t: Account) {
    let table = table(&t).await;
    let key = json!({ "pk": { "S": "a" }, "sk": { "S": "1" } });
    let mut put = task(
        "dynamodb:putItem",
        json!({ "TableName": table.name, "Item": { "pk": { "S": "a" }, "sk": { "S": "1" }, "v": { "N": "1" } } }),
    );
    let mut update = task(
        "dynamodb:updateItem",
        json!({
            "TableName": table.name, "Key": key, "UpdateExpression": "ADD v :n",
            "ExpressionAttributeValues": { ":n": { "N": "4" } }, "ReturnValues": "ALL_NEW",
        }),
    );
    let mut get = task("dynamodb:getItem", json!({ "TableName": table.name, "Key": key, "ConsistentRead": true }));
    let mut delete = task("dynamodb:deleteItem", json!({ "TableName": table.name, "Key": key }));
    put["Next"] = "Update".into();
    update["Next"] = "Get".into();
    get["Next"] = "Delete".into();
    get["ResultPath"] = "$.got".into();
    delete["ResultPath"] = Value::Null;
    delete["End"] = true.into();
    let definition =
        json!({ "StartAt": "Put", "States": { "Put": put, "Update": update, "Get": get, "Delete": delete } });
    let answer = done(&t, definition).await;
    assert_eq!(answer["Attributes"]["v"], json!({ "N": "5" }));
    assert_eq!(answer["got"]["Item"]["v"], json!({ "N": "5" }));
    assert_eq!(table.get("a", "1").await, None);
}

async fn dynamodbs_errors_have_its_name(t: Account) {
    let table = table(&t).await;
    table.put(item("a", "1", &[("v", n(1))])).await;
    let parameters = json!({
        "TableName": table.name, "Item": { "pk": { "S": "a" }, "sk": { "S": "1" } },
        "ConditionExpression": "attribute_not_exists(pk)",
    });
    let mut put = task("dynamodb:putItem", parameters);
    put["Catch"] = json!([{ "ErrorEquals": ["DynamoDB.ConditionalCheckFailedException"], "Next": "Caught" }]);
    put["End"] = true.into();
    let definition = json!({ "StartAt": "P", "States": { "P": put, "Caught": { "Type": "Pass", "End": true } } });
    assert_eq!(done(&t, definition).await["Error"], "DynamoDB.ConditionalCheckFailedException");
}

async fn sqs_sends_a_message(t: Account) {
    let queue = queue(&t, "q", &[]).await;
    let parameters = json!({ "QueueUrl": queue.url, "MessageBody": { "n": 1 } });
    let answer = done(&t, only(task("sqs:sendMessage", parameters))).await;
    let message = queue.next(&t).await;
    assert_eq!(answer["MessageId"], message.message_id().unwrap());
    assert_eq!(serde_json::from_str::<Value>(message.body().unwrap()).unwrap(), json!({ "n": 1 }));
}

async fn events_are_put(t: Account) {
    let (bus, queue) = (bus(&t).await, target_queue(&t, "q").await);
    bus.rule_to(&t, "machine", &queue).await;
    let entry = json!({ "EventBusName": bus.name, "Source": "machine", "DetailType": "Done", "Detail": { "n": 1 } });
    let machine = machine(&t, only(task("events:putEvents", json!({ "Entries": [entry] })))).await;
    let execution = machine.start("e", json!({})).await;
    let closed = machine.closed(&t, &execution).await;
    assert_eq!(output(&closed)["FailedEntryCount"], 0);
    let event = queue.next_json(&t).await;
    assert_eq!((&event["detail-type"], &event["detail"]), (&json!("Done"), &json!({ "n": 1 })));
    // The execution and its state machine.
    let resources: Vec<&str> = event["resources"].as_array().unwrap().iter().map(|arn| arn.as_str().unwrap()).collect();
    assert!(resources.contains(&execution.as_str()) && resources.contains(&machine.arn.as_str()), "{resources:?}");
}

async fn a_nested_execution_is_started(t: Account) {
    let inner = labelled(&t, "inner", only(json!({ "Type": "Wait", "Seconds": 600 }))).await;
    let parameters = json!({ "StateMachineArn": inner.arn, "Input": { "n": 1 } });
    let answer = done(&t, only(task("states:startExecution", parameters))).await;
    assert!(!answer["StartDate"].is_null(), "{answer}");
    let execution = answer["ExecutionArn"].as_str().unwrap();
    let described = inner.describe(execution).await;
    assert_eq!(described.status(), &ExecutionStatus::Running);
    assert_eq!(serde_json::from_str::<Value>(described.input().unwrap()).unwrap(), json!({ "n": 1 }));
}

async fn a_nested_execution_is_waited_for(t: Account) {
    let inner = labelled(&t, "inner", only(json!({ "Type": "Pass", "Result": { "done": true } }))).await;
    let parameters = json!({ "StateMachineArn": inner.arn, "Input": {} });
    let answer = done(&t, only(task("states:startExecution.sync:2", parameters))).await;
    assert_eq!((&answer["Status"], &answer["Output"]), (&json!("SUCCEEDED"), &json!({ "done": true })));
}

async fn a_nested_failure_fails_the_task(t: Account) {
    let broken = json!({ "StartAt": "F", "States": { "F": { "Type": "Fail", "Error": "Broken" } } });
    let inner = labelled(&t, "inner", broken).await;
    let parameters = json!({ "StateMachineArn": inner.arn, "Input": {} });
    let closed = run(&t, only(task("states:startExecution.sync:2", parameters)), json!({})).await;
    assert_eq!((closed.status(), closed.error()), (&ExecutionStatus::Failed, Some("States.TaskFailed")));
}
