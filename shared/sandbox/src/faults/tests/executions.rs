use std::time::Duration;

use super::*;
use crate::faults::ExecutionFault;

/// How a run of a function that counts twice goes: the type of its error (empty: none), how often it was counted, and how
/// long it took in seconds.
async fn ran(fault: ExecutionFault) -> (String, u64, u64) {
    let bench = Bench::new(Script::new().execution("f", 1, fault)).await;
    bench.counter("f");
    let begun = tokio::time::Instant::now();
    let answer = bench.cloud.call(Service::Lambda, "Invoke", json!({ "FunctionName": "f" })).await;
    let took = begun.elapsed().as_secs();
    bench.all_happened();
    let error = match answer {
        Ok(answer) => {
            let payload: Value = serde_json::from_str(answer["Payload"].as_str().unwrap()).unwrap();
            payload["errorType"].as_str().unwrap_or_default().to_owned()
        }
        Err(error) => format!("{} {}", error.status, error.code),
    };
    (error, bench.counted().await, took)
}

#[tokio::test(start_paused = true)]
async fn a_run_is_refused_fails_loses_its_answer_or_is_late() {
    let exit = || "Runtime.ExitError".to_owned();
    assert_eq!(ran(ExecutionFault::Refuse).await, ("429 TooManyRequestsException".to_owned(), 0, 0));
    assert_eq!(ran(ExecutionFault::Unavailable).await, ("500 ServiceException".to_owned(), 0, 0));
    assert_eq!(ran(ExecutionFault::Fail).await, (exit(), 0, 0));
    assert_eq!(ran(ExecutionFault::LoseAnswer).await, (exit(), 2, 0));
    assert_eq!(ran(ExecutionFault::Late(Duration::from_secs(9))).await, (String::new(), 2, 9));
}

/// A function that counts, then waits for ten seconds, then counts.
fn slow(bench: &Bench) {
    let client = bench.dynamodb.clone();
    let code = Code::in_process(move |_: Invocation| -> BoxFuture<'static, Result<Value, FunctionError>> {
        let client = client.clone();
        async move {
            count(&client, "runs").await.unwrap();
            tokio::time::sleep(Duration::from_secs(10)).await;
            count(&client, "runs").await.unwrap();
            Ok(Value::Null)
        }
        .boxed()
    });
    let spec = FunctionSpec { timeout: Duration::from_secs(20), ..FunctionSpec::new("f", code) };
    bench.cloud.lambda().add_function(&bench.cloud, spec).unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_run_is_killed_while_it_waits_and_does_nothing_afterwards() {
    let kill = ExecutionFault::Kill { after: Duration::from_secs(4) };
    let bench = Bench::new(Script::new().execution("f", 1, kill)).await;
    slow(&bench);
    let answer = bench.ok(Service::Lambda, "Invoke", json!({ "FunctionName": "f" })).await;
    assert!(answer["Payload"].as_str().unwrap().contains("signal: killed"), "{answer}");
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!(bench.counted().await, 1);
    bench.all_happened();
}

#[tokio::test(start_paused = true)]
async fn a_timeout_ends_code_in_this_process_on_virtual_time() {
    let bench = Bench::new(Script::new()).await;
    slow(&bench);
    let settings = json!({ "FunctionName": "f", "Timeout": 5 });
    bench.ok(Service::Lambda, "UpdateFunctionConfiguration", settings).await;
    let begun = tokio::time::Instant::now();
    let answer = bench.ok(Service::Lambda, "Invoke", json!({ "FunctionName": "f" })).await;
    assert!(answer["Payload"].as_str().unwrap().contains("Sandbox.Timedout"), "{answer}");
    assert_eq!(begun.elapsed().as_secs(), 5);
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!(bench.counted().await, 1);
}

/// How often a run that counts twice has counted when it was done after all.
const AGAIN: [(ExecutionFault, u64); 4] = [
    (ExecutionFault::Refuse, 2),
    (ExecutionFault::Unavailable, 2),
    (ExecutionFault::Fail, 2),
    (ExecutionFault::LoseAnswer, 4),
];

#[tokio::test(start_paused = true)]
async fn a_refused_asynchronous_event_is_kept_and_a_lost_answer_runs_it_again() {
    for (fault, counted) in AGAIN {
        let bench = Bench::new(Script::new().execution("f", 1, fault)).await;
        bench.counter("f");
        let input = json!({ "FunctionName": "f", "InvocationType": "Event", "Payload": "{}" });
        bench.ok(Service::Lambda, "Invoke", input).await;
        bench.cloud.settle(Duration::from_secs(3600)).await.unwrap();
        assert_eq!(bench.counted().await, counted, "{fault:?}");
        bench.all_happened();
    }
}

#[tokio::test(start_paused = true)]
async fn a_batch_whose_answer_is_lost_comes_again() {
    for (fault, counted) in AGAIN {
        let bench = Bench::new(Script::new().execution("f", 1, fault)).await;
        bench.counter("f");
        let queue = bench.ok(Service::Sqs, "CreateQueue", json!({ "QueueName": "q" })).await;
        let mapping = json!({ "FunctionName": "f", "EventSourceArn": bench.cloud.arn("sqs", "q") });
        bench.ok(Service::Lambda, "CreateEventSourceMapping", mapping).await;
        bench.ok(Service::Sqs, "SendMessage", json!({ "QueueUrl": queue["QueueUrl"], "MessageBody": "m" })).await;
        bench.cloud.settle(Duration::from_secs(3600)).await.unwrap();
        assert_eq!(bench.counted().await, counted, "{fault:?}");
        bench.all_happened();
    }
}

#[tokio::test(start_paused = true)]
async fn a_state_machine_is_told_why_a_task_could_not_run() {
    let cases = [
        (ExecutionFault::Refuse, "Lambda.TooManyRequestsException"),
        (ExecutionFault::Unavailable, "Lambda.ServiceException"),
        (ExecutionFault::LoseAnswer, "Runtime.ExitError"),
    ];
    for (fault, error) in cases {
        let bench = Bench::new(Script::new().execution("f", 1, fault)).await;
        bench.counter("f");
        let function = bench.cloud.arn("lambda", "function:f");
        let definition =
            json!({ "StartAt": "T", "States": { "T": { "Type": "Task", "Resource": function, "End": true } } });
        let role = "arn:aws:iam::000000000000:role/r";
        let machine = json!({ "name": "m", "roleArn": role, "definition": definition.to_string() });
        let machine = bench.ok(Service::StepFunctions, "CreateStateMachine", machine).await;
        let start = json!({ "stateMachineArn": machine["stateMachineArn"] });
        let started = bench.ok(Service::StepFunctions, "StartExecution", start).await;
        bench.cloud.settle(Duration::from_secs(60)).await.unwrap();
        let execution = json!({ "executionArn": started["executionArn"] });
        let ended = bench.ok(Service::StepFunctions, "DescribeExecution", execution).await;
        assert_eq!((&ended["status"], &ended["error"]), (&json!("FAILED"), &json!(error)));
        bench.all_happened();
    }
}
