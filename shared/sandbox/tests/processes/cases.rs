//! The tests.

use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
use std::time::Duration;

use serde_json::{Value, json};
use throughline_sandbox::lambda::{Code, FunctionSpec, LogFormat};
use throughline_sandbox::{Clock, Cloud, Service};

type Case = fn() -> Pin<Box<dyn Future<Output = ()>>>;

/// Every test, by name.
pub(crate) const ALL: &[(&str, Case)] = &[
    ("a_warm_process_is_used_again", || Box::pin(a_warm_process_is_used_again())),
    ("an_error_of_the_function_is_handed_on", || Box::pin(an_error_of_the_function_is_handed_on())),
    ("an_exit_is_told_in_aws_words_and_followed_by_a_new_process", || {
        Box::pin(an_exit_is_told_in_aws_words_and_followed_by_a_new_process())
    }),
    ("a_timeout_kills_the_process", || Box::pin(a_timeout_kills_the_process())),
    ("nothing_of_the_host_is_in_the_environment", || Box::pin(nothing_of_the_host_is_in_the_environment())),
    ("a_failed_initialization_is_told", || Box::pin(a_failed_initialization_is_told())),
    ("a_program_that_is_not_there_is_told", || Box::pin(a_program_that_is_not_there_is_told())),
    ("the_runtime_api_refuses_what_aws_refuses", || Box::pin(the_runtime_api_refuses_what_aws_refuses())),
    ("a_rebuilt_program_is_picked_up", || Box::pin(a_rebuilt_program_is_picked_up())),
    ("shutdown_ends_processes_and_their_children", || Box::pin(shutdown_ends_processes_and_their_children())),
    ("concurrent_invocations_get_processes_of_their_own", || {
        Box::pin(concurrent_invocations_get_processes_of_their_own())
    }),
    ("the_log_has_the_output_and_the_report", || Box::pin(the_log_has_the_output_and_the_report())),
    ("a_host_that_is_killed_leaves_no_process", || Box::pin(a_host_that_is_killed_leaves_no_process())),
    ("a_killed_process_is_replaced", || Box::pin(a_killed_process_is_replaced())),
    ("a_zip_file_is_unpacked_and_run", || Box::pin(a_zip_file_is_unpacked_and_run())),
];

fn own_program() -> PathBuf {
    std::env::current_exe().unwrap()
}

fn spec(mode: &str) -> FunctionSpec {
    let mut spec = FunctionSpec::new("f", Code::Binary(own_program()));
    spec.timeout = Duration::from_secs(10);
    spec.environment.insert("MODE".into(), mode.into());
    spec
}

fn cloud_with(spec: FunctionSpec) -> Cloud {
    let cloud = Cloud::builder(Clock::wall()).build();
    cloud.lambda().add_function(&cloud, spec).unwrap();
    cloud
}

/// The answer, and its payload.
async fn invoke(cloud: &Cloud, payload: Value) -> (Value, Value) {
    let input = json!({ "FunctionName": "f", "Payload": payload.to_string() });
    let answer = cloud.call(Service::Lambda, "Invoke", input).await.unwrap();
    let payload = serde_json::from_str(answer["Payload"].as_str().unwrap()).unwrap();
    (answer, payload)
}

async fn log(cloud: &Cloud) -> Vec<String> {
    let input = json!({ "logGroupName": "/aws/lambda/f" });
    let answer = cloud.call(Service::Logs, "FilterLogEvents", input).await.unwrap();
    answer["events"].as_array().unwrap().iter().map(|e| e["message"].as_str().unwrap().to_owned()).collect()
}

async fn a_warm_process_is_used_again() {
    let cloud = cloud_with(spec(""));
    let (answer, first) = invoke(&cloud, json!({ "n": 1 })).await;
    let (_, second) = invoke(&cloud, json!({ "n": 2 })).await;
    assert_eq!(first["echo"], json!({ "n": 1 }));
    assert_eq!(first["id"], answer["RequestId"]);
    assert_eq!(first["arn"], "arn:aws:lambda:us-east-1:000000000000:function:f");
    assert!(first["deadline"].as_i64().unwrap() > cloud.clock().now_millis());
    assert_eq!(first["process"], second["process"]);
    assert_eq!(cloud.lambda().process_count(), 1);
    cloud.lambda().shutdown().await;
    assert_eq!(cloud.lambda().process_count(), 0);
}

async fn an_error_of_the_function_is_handed_on() {
    let cloud = cloud_with(spec(""));
    let (answer, payload) = invoke(&cloud, json!({ "do": "refuse" })).await;
    assert_eq!(answer["FunctionError"], "Unhandled");
    assert_eq!(payload, json!({ "errorType": "Refused", "errorMessage": "not today" }));
    cloud.lambda().shutdown().await;
}

async fn an_exit_is_told_in_aws_words_and_followed_by_a_new_process() {
    let cloud = cloud_with(spec(""));
    for (what, reason) in [("exit", "exit status 3"), ("abort", "signal: aborted")] {
        let (answer, payload) = invoke(&cloud, json!({ "do": what })).await;
        let id = answer["RequestId"].as_str().unwrap();
        let message = format!("RequestId: {id} Error: Runtime exited with error: {reason}");
        assert_eq!(payload, json!({ "errorType": "Runtime.ExitError", "errorMessage": message }));
        assert_eq!(answer["FunctionError"], "Unhandled");
    }
    let (_, payload) = invoke(&cloud, json!({ "n": 1 })).await;
    assert_eq!(payload["echo"], json!({ "n": 1 }));
    cloud.lambda().shutdown().await;
}

async fn a_timeout_kills_the_process() {
    let mut spec = spec("");
    spec.timeout = Duration::from_secs(1);
    let cloud = cloud_with(spec);
    let (answer, payload) = invoke(&cloud, json!({ "do": "hang" })).await;
    let id = answer["RequestId"].as_str().unwrap();
    assert_eq!(payload["errorType"], "Sandbox.Timedout");
    assert_eq!(payload["errorMessage"], format!("RequestId: {id} Error: Task timed out after 1.00 seconds"));
    let lines = log(&cloud).await;
    assert!(lines.iter().any(|line| line.ends_with(&format!("{id} Task timed out after 1.00 seconds"))), "{lines:#?}");
    assert!(lines.last().unwrap().ends_with("Status: timeout"), "{lines:#?}");
    cloud.lambda().shutdown().await;
    assert_eq!(cloud.lambda().process_count(), 0);
}

async fn nothing_of_the_host_is_in_the_environment() {
    let cloud = cloud_with(spec(""));
    let (_, variables) = invoke(&cloud, json!({ "do": "environment" })).await;
    assert_eq!(variables["AWS_LAMBDA_FUNCTION_NAME"], "f");
    assert_eq!(variables["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"], "128");
    assert_eq!(variables["AWS_LAMBDA_LOG_GROUP_NAME"], "/aws/lambda/f");
    assert_eq!(variables["AWS_ENDPOINT_URL"], cloud.endpoint());
    assert_eq!(variables["AWS_REGION"], "us-east-1");
    let foreign = |name: &&String| {
        let known = ["PATH", "MODE", "TZ", "_HANDLER", "_X_AMZN_TRACE_ID"].contains(&name.as_str());
        !(known || name.starts_with("AWS_") || name.starts_with("LAMBDA_"))
    };
    let foreign: Vec<_> = variables.as_object().unwrap().keys().filter(foreign).collect();
    assert!(foreign.is_empty(), "{foreign:?}");
    cloud.lambda().shutdown().await;
}

async fn a_failed_initialization_is_told() {
    let cloud = cloud_with(spec("exit"));
    let (answer, payload) = invoke(&cloud, json!({})).await;
    let id = answer["RequestId"].as_str().unwrap();
    assert_eq!(payload["errorType"], "Runtime.ExitError");
    assert_eq!(payload["errorMessage"], format!("RequestId: {id} Error: Runtime exited with error: exit status 7"));
    let lines = log(&cloud).await;
    let reports = lines.iter().filter(|line| line.starts_with("INIT_REPORT") && line.contains("Status: error"));
    // Tried twice, as AWS does.
    assert_eq!(reports.count(), 2, "{lines:#?}");
    assert!(lines.iter().any(|line| line == "starting"));
    assert!(lines.last().unwrap().starts_with(&format!("REPORT RequestId: {id}")), "{lines:#?}");

    let cloud = cloud_with(spec("init_error"));
    let (answer, payload) = invoke(&cloud, json!({})).await;
    assert_eq!(answer["FunctionError"], "Unhandled");
    assert_eq!(payload, json!({ "errorType": "Config", "errorMessage": "no table" }));
}

async fn a_program_that_is_not_there_is_told() {
    let cloud = cloud_with(FunctionSpec::new("f", Code::Binary("/nowhere/bootstrap".into())));
    let (_, payload) = invoke(&cloud, json!({})).await;
    assert_eq!(payload["errorType"], "Runtime.InvalidEntrypoint");
    assert!(payload["errorMessage"].as_str().unwrap().contains("/nowhere/bootstrap"));
}

async fn the_runtime_api_refuses_what_aws_refuses() {
    let cloud = cloud_with(spec("raw"));
    let (_, payload) = invoke(&cloud, json!({})).await;
    assert_eq!(payload["wrong"][0], 400);
    assert!(payload["wrong"][1].as_str().unwrap().contains("InvalidRequestID"));
    assert_eq!(payload["early"], 403);
    assert_eq!(payload["unknown"], 404);
    assert_eq!(payload["deadline"], true);
    cloud.lambda().shutdown().await;
}

async fn a_rebuilt_program_is_picked_up() {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("bootstrap");
    let build = || {
        // As cargo does: a new file in place of the old one.
        let fresh = folder.path().join("fresh");
        std::fs::copy(own_program(), &fresh).unwrap();
        std::fs::rename(&fresh, &program).unwrap();
    };
    build();
    let mut spec = spec("");
    spec.code = Code::Binary(program.clone());
    let cloud = cloud_with(spec);
    let (_, first) = invoke(&cloud, json!({})).await;
    let (_, second) = invoke(&cloud, json!({})).await;
    assert_eq!(first["process"], second["process"]);
    build();
    let (_, third) = invoke(&cloud, json!({})).await;
    assert_ne!(first["process"], third["process"]);
    let input = json!({ "FunctionName": "f", "Environment": { "Variables": { "VERSION": "2" } } });
    cloud.call(Service::Lambda, "UpdateFunctionConfiguration", input).await.unwrap();
    let (_, fourth) = invoke(&cloud, json!({})).await;
    assert_eq!(fourth["version"], "2");
    cloud.lambda().shutdown().await;
}

fn is_running(process: &Value) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    // Killed, but not yet waited for by whoever inherited it: not running.
    !status.is_empty() && !status.contains(") Z ")
}

async fn shutdown_ends_processes_and_their_children() {
    let cloud = cloud_with(spec(""));
    let (_, processes) = invoke(&cloud, json!({ "do": "fork" })).await;
    if cfg!(target_os = "linux") {
        assert!(is_running(&processes["own"]) && is_running(&processes["child"]));
    }
    cloud.lambda().shutdown().await;
    for _ in 0..100 {
        if !is_running(&processes["own"]) && !is_running(&processes["child"]) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("{processes} are still there");
}

/// A program that holds a cloud: prints its function's process, and stays.
pub(crate) async fn host() {
    let cloud = cloud_with(spec(""));
    let (_, payload) = invoke(&cloud, json!({})).await;
    println!("{}", payload["process"]);
    std::future::pending::<()>().await;
}

async fn a_host_that_is_killed_leaves_no_process() {
    use tokio::io::{AsyncBufReadExt, BufReader};

    let mut host = tokio::process::Command::new(own_program());
    host.env("PROCESSES_TEST_HOST", "1").stdout(std::process::Stdio::piped()).kill_on_drop(true);
    let mut host = host.spawn().unwrap();
    let mut lines = BufReader::new(host.stdout.take().unwrap()).lines();
    let process: Value = serde_json::from_str(&lines.next_line().await.unwrap().unwrap()).unwrap();
    host.kill().await.unwrap();
    for _ in 0..200 {
        if !is_running(&process) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("process {process} is still there");
}

async fn concurrent_invocations_get_processes_of_their_own() {
    let mut spec = spec("");
    spec.timeout = Duration::from_secs(1);
    let cloud = cloud_with(spec);
    let ((_, hung), (_, answered)) =
        tokio::join!(invoke(&cloud, json!({ "do": "hang" })), invoke(&cloud, json!({ "n": 1 })));
    assert_eq!(hung["errorType"], "Sandbox.Timedout");
    assert_eq!(answered["echo"], json!({ "n": 1 }));
    cloud.lambda().shutdown().await;
}

async fn the_log_has_the_output_and_the_report() {
    let mut spec = spec("");
    spec.log_format = LogFormat::Json;
    let cloud = cloud_with(spec);
    let (answer, _) = invoke(&cloud, json!({})).await;
    let id = answer["RequestId"].as_str().unwrap();
    let lines = log(&cloud).await;
    assert!(lines.contains(&format!("working on {id}")), "{lines:#?}");
    let report: Value = serde_json::from_str(lines.last().unwrap()).unwrap();
    assert_eq!(report["type"], "platform.report");
    assert_eq!(report["record"]["requestId"], id);
    assert_eq!(report["record"]["status"], "success");
    let metrics = &report["record"]["metrics"];
    assert!(metrics["initDurationMs"].as_f64().unwrap() > 0.0);
    if cfg!(target_os = "linux") {
        assert!(metrics["maxMemoryUsedMB"].as_u64().unwrap() > 0);
    }
    cloud.lambda().shutdown().await;
}

async fn a_killed_process_is_replaced() {
    let cloud = cloud_with(spec(""));
    let (_, first) = invoke(&cloud, json!({})).await;
    let kill = tokio::process::Command::new("kill").arg("-9").arg(first["process"].to_string()).status().await;
    assert!(kill.unwrap().success());
    while cloud.lambda().process_count() > 0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let (_, second) = invoke(&cloud, json!({ "n": 2 })).await;
    assert_eq!(second["echo"], json!({ "n": 2 }));
    assert_ne!(first["process"], second["process"]);
    cloud.lambda().shutdown().await;
}

async fn a_zip_file_is_unpacked_and_run() {
    use base64::Engine;
    use std::io::Write;

    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file("bootstrap", zip::write::SimpleFileOptions::default()).unwrap();
    zip.write_all(format!("#!/bin/sh\nexec {}\n", own_program().display()).as_bytes()).unwrap();
    let zip = base64::prelude::BASE64_STANDARD.encode(zip.finish().unwrap().into_inner());
    let cloud = Cloud::builder(Clock::wall()).build();
    let input = json!({
        "FunctionName": "f", "Runtime": "provided.al2023", "Role": "arn:aws:iam::000000000000:role/r", "Handler": "h", "Timeout": 10,
        "Code": { "ZipFile": zip },
    });
    cloud.call(Service::Lambda, "CreateFunction", input).await.unwrap();
    let (_, payload) = invoke(&cloud, json!({ "n": 1 })).await;
    assert_eq!(payload["echo"], json!({ "n": 1 }));
    cloud.lambda().shutdown().await;
}
