//! Step Functions: tasks that wait for somebody's answer.

use aws_sdk_sfn::types::ExecutionStatus;
use serde_json::{Value, json};
use throughline_conformance::{Account, Case, case};

use crate::given::{Machine, Queue, code, machine, output, queue};

const CALLBACK: &str =
    "https://docs.aws.amazon.com/step-functions/latest/dg/connect-to-resource.html#connect-wait-token";
const SUCCESS: &str = "https://docs.aws.amazon.com/step-functions/latest/apireference/API_SendTaskSuccess.html";
const HEARTBEAT: &str = "https://docs.aws.amazon.com/step-functions/latest/apireference/API_SendTaskHeartbeat.html";
const ERRORS: &str = "https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html";

pub(crate) const CASES: &[Case] = &[
    case!(
        a_task_waits_for_its_token,
        "A task with .waitForTaskToken waits until SendTaskSuccess gives its output.",
        CALLBACK
    ),
    case!(
        a_failure_can_be_caught,
        "SendTaskFailure fails the task with that error and cause, which Catch matches.",
        CALLBACK
    ),
    case!(a_token_counts_once, "A token whose task is over fails with TaskTimedOut.", SUCCESS),
    case!(a_token_that_is_none, "A token that Step Functions did not make fails with InvalidToken.", SUCCESS),
    case!(an_output_is_json, "An output that is not JSON fails with InvalidOutput.", SUCCESS),
    case!(
        silence_ends_a_task_with_heartbeats,
        "Without a heartbeat for HeartbeatSeconds the task fails; Catch knows it as States.HeartbeatTimeout.",
        ERRORS
    ),
    case!(heartbeats_keep_a_task_waiting, "Each SendTaskHeartbeat starts HeartbeatSeconds anew.", HEARTBEAT),
    case!(a_task_has_a_timeout, "A task longer than TimeoutSeconds fails with States.Timeout.", ERRORS),
];

/// A task that sends its token to a queue and waits; `rest` are its further members.
pub(crate) fn ask(queue: &Queue, rest: Value) -> Value {
    let mut task = json!({
        "Type": "Task",
        "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
        "Parameters": { "QueueUrl": queue.url, "MessageBody": { "token.$": "$$.Task.Token" } },
    });
    for (name, value) in rest.as_object().unwrap() {
        task[name] = value.clone();
    }
    task
}

/// The next token that arrives.
pub(crate) async fn token(t: &Account, queue: &Queue) -> String {
    queue.next_json(t).await["token"].as_str().unwrap().to_owned()
}

/// A machine that asks, and catches errors as `{"Error": …, "Cause": …}`; an execution of it, and the queue.
async fn asking(t: &Account, rest: Value) -> (Machine, String, Queue) {
    asking_for(t, "States.ALL", rest).await
}

/// The same, which catches errors of one name.
async fn asking_for(t: &Account, error: &str, rest: Value) -> (Machine, String, Queue) {
    let queue = queue(t, "q", &[]).await;
    let mut task = ask(&queue, rest);
    task["Catch"] = json!([{ "ErrorEquals": [error], "Next": "Caught" }]);
    task["Next"] = "Done".into();
    let definition = json!({
        "StartAt": "Ask",
        "States": { "Ask": task, "Caught": { "Type": "Pass", "End": true }, "Done": { "Type": "Pass", "End": true } },
    });
    let machine = machine(t, definition).await;
    let execution = machine.start("e", json!({})).await;
    (machine, execution, queue)
}

async fn a_task_waits_for_its_token(t: Account) {
    let (machine, execution, queue) = asking(&t, json!({})).await;
    let token = token(&t, &queue).await;
    t.quiet().await;
    assert_eq!(machine.describe(&execution).await.status(), &ExecutionStatus::Running);
    t.sfn.send_task_success().task_token(token).output(r#"{"answer":42}"#).send().await.unwrap();
    assert_eq!(output(&machine.closed(&t, &execution).await), json!({ "answer": 42 }));
    let kinds = machine.kinds(&execution).await;
    let task: Vec<&str> = kinds.iter().map(String::as_str).filter(|kind| kind.starts_with("Task")).collect();
    assert_eq!(
        task,
        ["TaskStateEntered", "TaskScheduled", "TaskStarted", "TaskSubmitted", "TaskSucceeded", "TaskStateExited"]
    );
}

async fn a_failure_can_be_caught(t: Account) {
    let (machine, execution, queue) = asking(&t, json!({})).await;
    let token = token(&t, &queue).await;
    t.sfn.send_task_failure().task_token(token).error("Declined").cause("no money").send().await.unwrap();
    let closed = machine.closed(&t, &execution).await;
    assert_eq!(output(&closed), json!({ "Error": "Declined", "Cause": "no money" }));
}

async fn a_token_counts_once(t: Account) {
    let (machine, execution, queue) = asking(&t, json!({})).await;
    let token = token(&t, &queue).await;
    t.sfn.send_task_success().task_token(&token).output("{}").send().await.unwrap();
    machine.closed(&t, &execution).await;
    let again = t.sfn.send_task_success().task_token(&token).output("{}").send().await;
    assert_eq!(code(again), "TaskTimedOut");
}

async fn a_token_that_is_none(t: Account) {
    let answer = t.sfn.send_task_success().task_token("none").output("{}").send().await;
    assert_eq!(code(answer), "InvalidToken");
}

async fn an_output_is_json(t: Account) {
    let (.., queue) = asking(&t, json!({})).await;
    let token = token(&t, &queue).await;
    assert_eq!(code(t.sfn.send_task_success().task_token(token).output("{no").send().await), "InvalidOutput");
}

async fn silence_ends_a_task_with_heartbeats(t: Account) {
    let (machine, execution, _) = asking_for(&t, "States.HeartbeatTimeout", json!({ "HeartbeatSeconds": 1 })).await;
    let closed = machine.closed(&t, &execution).await;
    assert_eq!(closed.status(), &ExecutionStatus::Succeeded, "{closed:?}");
    assert!(output(&closed)["Error"].is_string());
}

async fn heartbeats_keep_a_task_waiting(t: Account) {
    let (machine, execution, queue) = asking(&t, json!({ "HeartbeatSeconds": 10 })).await;
    let token = token(&t, &queue).await;
    for _ in 0..4 {
        t.pass(std::time::Duration::from_secs(3)).await;
        t.sfn.send_task_heartbeat().task_token(&token).send().await.unwrap();
    }
    t.sfn.send_task_success().task_token(token).output("{}").send().await.unwrap();
    assert_eq!(output(&machine.closed(&t, &execution).await), json!({}));
}

async fn a_task_has_a_timeout(t: Account) {
    let (machine, execution, _) = asking(&t, json!({ "TimeoutSeconds": 1 })).await;
    assert_eq!(output(&machine.closed(&t, &execution).await)["Error"], "States.Timeout");
}
